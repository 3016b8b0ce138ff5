//! Exports: their content, their order, and filters.

mod files;

use super::{Workspace, assert_lines, fixture};

fn exported(trial: &Workspace, line: &[&str]) -> String {
    trial.run(&[&["export"], line].concat()).output()
}

/// Returns the kind and the subject of each row of a JSON Lines export.
fn exported_rows(trial: &Workspace, filter: &[&str]) -> Vec<String> {
    let text = exported(trial, &[&["jsonl"], filter].concat());
    let text_of =
        |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|row: serde_json::Value| {
            // Rows without a kind are reviews.
            let kind = row["kind"].as_str().unwrap_or("review");
            let key = match kind {
                "critic" => "critic_slug",
                "publication" => "publication_slug",
                _ => "film_slug",
            };
            [
                kind.to_owned(),
                text_of(&row, key),
                text_of(&row, "reviewed_on"),
            ]
            .join(" ")
            .trim()
            .to_owned()
        })
        .collect()
}

/// The fixture is a whole catalogue in both formats, exactly as an export writes it.
#[test]
fn an_export_equals_the_fixture_in_both_formats() {
    for (name, other) in [
        ("catalogue.csv", "catalogue.jsonl"),
        ("catalogue.jsonl", "catalogue.csv"),
    ] {
        let trial = Workspace::empty();
        let output = trial.import(name, fixture(name), &[]).output();
        assert_lines(
            &output,
            &[
                "films: 3 new, 0 changed, 0 the same",
                "critics: 3 new, 0 changed, 0 the same",
                "publications: 3 new, 0 changed, 0 the same",
                "published scores: 2 new, 0 changed, 0 the same",
                "reviews: 7 new, 0 changed, 0 the same",
            ],
        );
        for file in [name, other] {
            let format = file.split('.').nth(1).unwrap();
            assert_eq!(
                exported(&trial, &[format]),
                fixture(file),
                "{name} as {format}"
            );
        }
        trial.assert_tallies();
    }
}

#[test]
fn an_empty_catalogue_exports_an_empty_file_or_a_header() {
    let trial = Workspace::empty();
    assert_eq!(exported(&trial, &["jsonl"]), "");
    let header = exported(&trial, &["csv"]);
    assert_eq!(header.lines().count(), 1);
    trial.write("empty.csv", &header);
    let output = trial.run(&["import", "csv", "empty.csv"]).output();
    assert_lines(&output, &["rows: 0 read, 0 rejected", "nothing changed"]);
}

fn catalogue() -> Workspace {
    let trial = Workspace::empty();
    trial.jsonl(&fixture("catalogue.jsonl"));
    trial
}

#[test]
fn a_film_is_exported_with_its_related_rows_only() {
    let trial = catalogue();
    assert_eq!(
        exported_rows(&trial, &["--film", "the-salt-road-1998"]),
        [
            "film the-salt-road-1998",
            "critic ada-quill",
            "publication harbour-post",
            "publication tide-time",
            "published_score the-salt-road-1998",
            "published_score the-salt-road-1998",
            "review the-salt-road-1998 1998-05-03",
            "review the-salt-road-1998 1998-05-02",
            "review the-salt-road-1998",
            "review the-salt-road-1998",
        ]
    );
    let both = exported_rows(
        &trial,
        &[
            "--film=unseen",
            "--film=the-salt-road-1998",
            "--film=unseen",
        ],
    );
    assert_eq!(both.len(), 11, "{both:?}");
    // A film without reviews.
    assert_eq!(exported_rows(&trial, &["--film=unseen"]), ["film unseen"]);

    // The partial export can be imported into another database.
    let part = exported(&trial, &["csv", "--film=the-salt-road-1998"]);
    let elsewhere = Workspace::empty();
    elsewhere.csv(&part);
    assert_eq!(exported(&elsewhere, &["csv"]), part);
}

#[test]
fn reviews_are_filtered_by_date_and_films_by_their_reviews() {
    let trial = catalogue();
    let reviews = |filter: &[&str]| -> Vec<String> {
        let rows = exported_rows(&trial, filter).into_iter();
        rows.filter(|row| row.starts_with("review ")).collect()
    };
    assert_eq!(
        reviews(&["--since=1998-05-03"]),
        [
            "review night-ferry-1961 2016-09-01",
            "review the-salt-road-1998 1998-05-03"
        ]
    );
    assert_eq!(
        reviews(&["--until=1998-05-02"]),
        [
            "review night-ferry-1961 1961-01-01",
            "review the-salt-road-1998 1998-05-02"
        ]
    );
    assert_eq!(
        exported_rows(&trial, &["--since=1998-05-02", "--until=1998-05-02"]),
        [
            "film the-salt-road-1998",
            "critic ada-quill",
            "publication harbour-post",
            "published_score the-salt-road-1998",
            "published_score the-salt-road-1998",
            "review the-salt-road-1998 1998-05-02",
        ]
    );
    assert_eq!(
        exported_rows(
            &trial,
            &[
                "--since=1961-01-01",
                "--film=night-ferry-1961",
                "--until=1990-12-31"
            ]
        ),
        [
            "film night-ferry-1961",
            "critic ben-marsh",
            "review night-ferry-1961 1961-01-01"
        ]
    );
    assert_eq!(exported_rows(&trial, &["--since=2200-01-01"]), [""; 0]);
    assert_eq!(
        trial
            .run(&["export", "csv", "--since=yesterday"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn an_export_without_the_schema_explains_how_to_apply_it() {
    let trial = Workspace::empty();
    trial.run(&["migrate", "down", "--steps=1"]).output();
    let done = trial.run(&["export", "csv"]);
    assert!(done.error().contains("marquee migrate up"), "{done:?}");
}
