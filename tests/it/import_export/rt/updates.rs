//! Repeated imports, and imports into a catalogue that has some of the rows.

use super::{LINE, OUTPUT, lists, stored};
use crate::import_export::{assert_lines, fixture};

#[test]
fn importing_again_changes_nothing() {
    let workspace = lists();
    workspace.run(&LINE).output();
    let tables = [
        "film",
        "critic",
        "publication",
        "review",
        "published_score",
        "film_tally",
    ];
    let all = || tables.map(|table| workspace.rows(&format!("* FROM {table}")));
    let before = all();
    let again = OUTPUT.replace("stored\n", "nothing changed\n");
    let again = again
        .lines()
        .map(|line| match line.split_once(" new, 0 changed, 0 ") {
            Some((kind, rest)) => {
                let (kind, count) = kind.split_once(": ").unwrap();
                format!("{kind}: 0 new, 0 changed, {count} {rest}\n")
            }
            None => format!("{line}\n"),
        });
    assert_eq!(workspace.run(&LINE).output(), again.collect::<String>());
    assert_eq!(all(), before);
}

#[test]
fn changed_rows_are_updated_with_a_revision() {
    let workspace = lists();
    workspace.run(&LINE).output();
    let films = fixture("rt/movies.csv")
        .replace("f6,The Salt Road,2016", "f6,The Salt Road II,2017")
        .replace("60%", "67%");
    let reviews = fixture("rt/reviews.csv").replace("8/10", "9/10").replace(
        "/critics/cleo-ost,rotten,False,True,False,False,/critics/source/2",
        "/critics/cleo-ost,fresh,True,False,False,False,/critics/source/2",
    );
    workspace.write("movies.csv", films);
    workspace.write("reviews.csv", reviews);
    let output = workspace.run(&LINE).output();
    assert_lines(
        &output,
        &[
            "films: 0 new, 1 changed, 5 the same",
            "critics: 0 new, 0 changed, 5 the same",
            "published scores: 0 new, 1 changed, 4 the same",
            "reviews: 0 new, 2 changed, 13 the same",
        ],
    );
    assert_eq!(
        workspace.rows(
            "external_id, score, recommended, replaced_by FROM review_revision ORDER BY external_id"
        ),
        [r#"(r13,80,t,"import rt")"#, r#"(r15,,f,"import rt")"#]
    );
    assert_eq!(
        workspace.rows("slug, title, year FROM film WHERE slug = 'the-salt-road-2016'"),
        [r#"(the-salt-road-2016,"The Salt Road II",2017)"#]
    );
    workspace.assert_tallies();
}

#[test]
fn a_film_and_a_critic_that_are_there_already_are_taken_for_the_same_once() {
    let workspace = lists();
    workspace.csv("kind,film,film_year,critic\nfilm,Night Ferry,1961,\nfilm,The Salt Road,1998,\ncritic,,,Cleo Ost\ncritic,,,Ada Quill\n");
    let output = workspace.run(&LINE).output();
    // The list has two films called The Salt Road (1998) and two critics called Ada Quill, so a match by name is
    // ambiguous.
    assert_lines(
        &output,
        &[
            "films: 5 new, 1 changed, 0 the same",
            "critics: 4 new, 1 changed, 0 the same",
        ],
    );
    assert_eq!(
        workspace.rows("film.slug FROM film LEFT JOIN film_external_id ON film_id = film.id WHERE external_id IS NULL"),
        ["(the-salt-road-1998)"]
    );
    let again = workspace.run(&LINE).output();
    assert!(again.ends_with("nothing changed\n"), "{again}");
    workspace.assert_tallies();
}

#[test]
fn values_without_a_column_in_the_list_are_retained() {
    let workspace = lists();
    workspace.run(&LINE).output();
    let before = stored(&workspace);
    workspace.write(
        "movies.csv",
        columns(&fixture("rt/movies.csv"), &["movieTitle", "movieId"]),
    );
    let selected = ["reviewState", "movieId", "reviewId"];
    workspace.write(
        "reviews.csv",
        columns(&fixture("rt/reviews.csv"), &selected),
    );
    let output = workspace.run(&LINE).output();
    assert!(output.ends_with("nothing changed\n"), "{output}");
    assert_eq!(stored(&workspace), before);
}

/// Returns a list with only some of its columns, in this order.
fn columns(list: &str, selected: &[&str]) -> Vec<u8> {
    let mut reader = csv::Reader::from_reader(list.as_bytes());
    let header = reader.headers().unwrap().clone();
    let places: Vec<usize> = selected
        .iter()
        .map(|name| header.iter().position(|column| column == *name).unwrap())
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(selected).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        writer
            .write_record(places.iter().map(|place| &record[*place]))
            .unwrap();
    }
    writer.into_inner().unwrap()
}
