//! Files of several sources in one import: rows about one thing become one thing.

mod any_catalogue;
mod descriptions;
mod ids;
mod versions;

use super::{NO_ROWS, Workspace, assert_lines, fixture, import_error};
use crate::support::program::CommandResult;

/// The columns of ids with their meanings.
const IDS: [(&str, &str); 3] = [
    ("IMDb", "film_id:imdb"),
    ("TMDB", "film_id:tmdb"),
    ("Page", "critic_id:wire"),
];

/// Writes the files, and imports them in this order with [`IDS`].
fn import_files(workspace: &Workspace, files: &[(&str, &str)], more: &[&str]) -> CommandResult {
    let mut arguments = vec!["import"];
    for (name, text) in files {
        workspace.write(name, text);
        arguments.push(name);
    }
    // Objects without an id lack its key.
    let has_column = |column: &str| files.iter().any(|(_, text)| text.contains(column));
    let ids = IDS.iter().filter(|(column, _)| has_column(column));
    let ids: Vec<String> = ids
        .map(|(column, meaning)| format!("--map={column}={meaning}"))
        .collect();
    arguments.extend(ids.iter().map(String::as_str));
    arguments.extend(more);
    workspace.run(&arguments)
}

const FILMS: &str = "title, year, (SELECT string_agg(source || ':' || external_id, ' ' ORDER BY source, external_id)
    FROM film_external_id WHERE film_id = film.id) FROM film ORDER BY title, year, id";

const CRITICS: &str = "name, (SELECT string_agg(external_id, ' ' ORDER BY external_id)
    FROM critic_external_id WHERE critic_id = critic.id) FROM critic ORDER BY name, id";

/// A review with the ids of its film and its critic.
const WITH_IDS: &str =
    "Title,Year,IMDb,TMDB,Critic,Page,Rating\nAmber Tide,2019,tt1,7,Ann Lee,/ann,4/5\n";

/// A review with names alone.
const WITH_NAMES: &str = "Title,Year,Critic,Rating\nAmber Tide,2019,Ann Lee,3/5\n";

#[test]
fn an_id_in_one_file_and_a_name_in_the_other_are_one_film_and_one_critic() {
    let names = WITH_NAMES
        .replace("Ann Lee", "Ann Lee,Post")
        .replace("Critic", "Critic,Publication");
    for names in [
        names.clone(),
        names
            .replace("Amber Tide", "AMBER TIDE")
            .replace("Ann Lee", "ann lee"),
    ] {
        for files in [
            [("ids.csv", WITH_IDS), ("names.csv", names.as_str())],
            [("names.csv", names.as_str()), ("ids.csv", WITH_IDS)],
        ] {
            let workspace = Workspace::empty();
            let output = import_files(&workspace, &files, &[]).output();
            assert_lines(&output, &["reviews: 2 new, 0 changed, 0 the same"]);
            assert_eq!(
                workspace.rows(FILMS),
                ["(\"Amber Tide\",2019,\"imdb:tt1 tmdb:7\")"]
            );
            assert_eq!(workspace.rows(CRITICS), ["(\"Ann Lee\",/ann)"]);
            let again = import_files(&workspace, &files, &[]).output();
            assert!(again.ends_with("nothing changed\n"), "{again}");
            workspace.assert_tallies();
        }
    }
}

#[test]
fn a_name_that_two_ids_of_a_source_have_is_ambiguous() {
    let ids = "Title,Year,IMDb,TMDB,Critic,Page,Rating\n\
        Amber Tide,2019,tt1,,Ann Lee,/ann,4/5\n\
        Amber Tide,2019,tt2,,Ann Lee,/ann-2,2/5\n";
    for files in [
        [("ids.csv", ids), ("names.csv", WITH_NAMES)],
        [("names.csv", WITH_NAMES), ("ids.csv", ids)],
    ] {
        let workspace = Workspace::empty();
        let result = import_files(&workspace, &files, &[]);
        assert_eq!(
            import_error(&result).lines().skip(1).collect::<Vec<_>>(),
            [
                "  names.csv, line 2: critic: 2 critics have the name 'Ann Lee': choose one by its slug (ann-lee, ann-lee-2)",
                "  names.csv, line 2: film: 2 films have the title 'Amber Tide': choose one by film_slug \
                 (amber-tide-2019, amber-tide-2019-2)",
            ]
        );
        assert_eq!(workspace.counts(), NO_ROWS);
    }
}

#[test]
fn a_title_without_a_year_is_that_of_the_only_film_whatever_its_id() {
    let without_year = "Title,IMDb,TMDB,Critic,Page,Rating\nAmber Tide,,7,Bo Marsh,,3/5\nAMBER TIDE,,,Cy Dale,,1/5\n";
    let with_year = "Title,Year,IMDb,Critic,Rating\nAmber Tide,2019,tt1,Ann Lee,4/5\n";
    for files in [
        [("a.csv", without_year), ("b.csv", with_year)],
        [("b.csv", with_year), ("a.csv", without_year)],
    ] {
        let workspace = Workspace::empty();
        import_files(&workspace, &files, &[]).output();
        assert_eq!(
            workspace.rows(FILMS),
            ["(\"Amber Tide\",2019,\"imdb:tt1 tmdb:7\")"]
        );
    }
}

#[test]
fn a_renamed_film_is_found_by_its_new_title_without_the_year() {
    let workspace = Workspace::empty();
    workspace.csv("kind,film_slug,film,film_year\nfilm,quay,Quay,1950\n");
    let text = "kind,film_slug,film,film_year,critic\n\
        ,,\"Quay, at Last\",,Ann Lee\nfilm,quay,\"Quay, at Last\",1951,\n";
    let output = workspace.csv(text);
    assert_lines(&output, &["films: 0 new, 1 changed, 0 the same"]);
    assert!(workspace.csv(text).ends_with("nothing changed\n"));
}

#[test]
fn a_repeated_review_names_the_file_of_the_first_one() {
    let workspace = Workspace::empty();
    let result = import_files(
        &workspace,
        &[("ids.csv", WITH_IDS), ("names.csv", WITH_NAMES)],
        &[],
    );
    assert!(
        import_error(&result).ends_with(
            "names.csv, line 2: critic: a review of this film by this critic for this publication is already in line 2 of ids.csv"
        ),
        "{result:?}"
    );
}
