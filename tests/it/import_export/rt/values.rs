//! The values of the lists, and their peculiarities.

use super::{LINE, OUTPUT, lists, stored};
use crate::import_export::{Workspace, fixture};

#[test]
fn texts_are_unescaped_once_and_trimmed_with_their_line_breaks() {
    let workspace = lists();
    workspace.run(&LINE).output();
    let text = |sql: &str| workspace.value(&format!("SELECT {sql}"));
    for (id, excerpt) in [
        ("r1", "Dust, salt & patience: the road does the acting."),
        ("r2", "Two lines\nof verse,\n\nand then a third."),
        ("r4", "Salt without the &amp; road."),
        ("r7", "Fog \"thick as soup\" — and as warming."),
    ] {
        let found = text(&format!(
            "excerpt AS value FROM review WHERE external_id = '{id}'"
        ));
        assert_eq!(found, excerpt);
    }
    assert_eq!(
        text("string_agg(title, '|' ORDER BY title) AS value FROM film"),
        "Fish & Fog|Night Ferry|The Salt Road|The Salt Road|The Salt Road|Unseen"
    );
    assert_eq!(
        text("string_agg(name, '|' ORDER BY id) AS value FROM publication"),
        "Harbour Post|Tide & Time|Lantern"
    );
    // In a URL, `&copy` is no entity, but `&amp;` is.
    assert_eq!(
        text("url AS value FROM review WHERE external_id = 'r4'"),
        "https://harbour.example/4?a=1&copy=2"
    );
    assert_eq!(
        text("url AS value FROM film WHERE title = 'Night Ferry'"),
        "https://films.example/m/night_ferry?a=1&copy=2"
    );
}

#[test]
fn blanks_placeholders_and_invalid_urls_become_null() {
    let workspace = lists();
    workspace.run(&LINE).output();
    let ids = |condition: &str| {
        let list = "string_agg(external_id, ' ' ORDER BY length(external_id), external_id)";
        workspace.value(&format!(
            "SELECT coalesce({list}, '') AS value FROM review WHERE {condition}"
        ))
    };
    assert_eq!(ids("reviewed_on IS NULL"), "r2 r4");
    assert_eq!(ids("url IS NULL"), "r2 r3 r12");
    assert_eq!(ids("excerpt IS NULL"), "r5");
    assert_eq!(ids("critic_id IS NULL"), "r5");
    assert_eq!(ids("publication_id IS NULL"), "r11 r12");
    assert_eq!(ids("original_score IS NULL"), "r5 r12");
    assert_eq!(ids("score IS NULL"), "r5 r6 r9 r11 r12 r15");
    assert_eq!(ids("top_critic"), "r1 r4 r10 r13");
    // A date before the film's year is accepted.
    assert_eq!(ids("reviewed_on = '1950-01-01'"), "r11");
    assert_eq!(
        workspace
            .rows("title FROM film WHERE url IS NULL AND year IS DISTINCT FROM 2016 ORDER BY id"),
        [r#"("Fish & Fog")"#, "(Unseen)"]
    );
}

#[test]
fn films_of_one_title_and_critics_of_one_name_stay_apart() {
    let workspace = lists();
    workspace.run(&LINE).output();
    assert_eq!(
        workspace.rows(
            "slug, external_id, (SELECT count(*) FROM review WHERE film_id = film.id)
             FROM film JOIN film_external_id ON film_id = film.id WHERE title = 'The Salt Road' ORDER BY external_id"
        ),
        ["(the-salt-road-1998,f1,3)", "(the-salt-road-1998-2,f2,3)", "(the-salt-road-2016,f6,3)"]
    );
    assert_eq!(
        workspace.rows(
            "slug, url, external_id, (SELECT count(*) FROM review WHERE critic_id = critic.id)
             FROM critic JOIN critic_external_id ON critic_id = critic.id WHERE name = 'Ada Quill' ORDER BY slug"
        ),
        [
            "(ada-quill,https://www.rottentomatoes.com/critics/ada-quill,/critics/ada-quill,4)",
            "(ada-quill-2,https://www.rottentomatoes.com/critics/ada-quill-2,/critics/ada-quill-2,1)",
        ]
    );
    // A critic of two publications is one critic.
    assert_eq!(
        workspace.rows("count(*) FROM critic WHERE name = 'Ben Marsh'"),
        ["(1)"]
    );
}

#[test]
fn columns_may_have_any_order_and_lines_may_end_with_crlf() {
    let (plain, shuffled) = (lists(), Workspace::empty());
    plain.run(&LINE).output();
    for name in ["movies.csv", "reviews.csv"] {
        let text = reversed(&fixture(&format!("rt/{name}")));
        shuffled.write(name, text.replace('\n', "\r\n"));
    }
    let output = shuffled.run(&LINE).output();
    assert_eq!(output, OUTPUT);
    assert_eq!(stored(&shuffled), stored(&plain));
}

/// Returns the list with its columns in reverse order.
fn reversed(text: &str) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        let fields: Vec<_> = record.iter().collect();
        writer.write_record(fields.into_iter().rev()).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}
