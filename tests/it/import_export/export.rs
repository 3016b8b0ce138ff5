//! Exports: their content, their order, and filters.

mod files;

use super::{Workspace, assert_lines, fixture};

fn exported(workspace: &Workspace, line: &[&str]) -> String {
    workspace.run(&[&["export"], line].concat()).output()
}

/// Returns the kind and the subject of each row of a JSON Lines export.
fn exported_rows(workspace: &Workspace, filter: &[&str]) -> Vec<String> {
    let text = exported(workspace, &[&["jsonl"], filter].concat());
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
        let workspace = Workspace::empty();
        let output = workspace.import(name, fixture(name), &[]).output();
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
                exported(&workspace, &[format]),
                fixture(file),
                "{name} as {format}"
            );
        }
        workspace.assert_tallies();
    }
}

#[test]
fn an_empty_catalogue_exports_an_empty_file_or_a_header() {
    let workspace = Workspace::empty();
    assert_eq!(exported(&workspace, &["jsonl"]), "");
    let header = exported(&workspace, &["csv"]);
    assert_eq!(header.lines().count(), 1);
    workspace.write("empty.csv", &header);
    let output = workspace.run(&["import", "csv", "empty.csv"]).output();
    assert_lines(&output, &["rows: 0 read, 0 rejected", "nothing changed"]);
}

fn catalogue() -> Workspace {
    let workspace = Workspace::empty();
    workspace.jsonl(&fixture("catalogue.jsonl"));
    workspace
}

#[test]
fn a_film_is_exported_with_its_related_rows_only() {
    let workspace = catalogue();
    assert_eq!(
        exported_rows(&workspace, &["--film", "the-salt-road-1998"]),
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
        &workspace,
        &[
            "--film=unseen",
            "--film=the-salt-road-1998",
            "--film=unseen",
        ],
    );
    assert_eq!(both.len(), 11, "{both:?}");
    // A film without reviews.
    assert_eq!(
        exported_rows(&workspace, &["--film=unseen"]),
        ["film unseen"]
    );

    // The partial export can be imported into another database.
    let part = exported(&workspace, &["csv", "--film=the-salt-road-1998"]);
    let elsewhere = Workspace::empty();
    elsewhere.csv(&part);
    assert_eq!(exported(&elsewhere, &["csv"]), part);
}

#[test]
fn reviews_are_filtered_by_date_and_films_by_their_reviews() {
    let workspace = catalogue();
    let reviews = |filter: &[&str]| -> Vec<String> {
        let rows = exported_rows(&workspace, filter).into_iter();
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
        exported_rows(&workspace, &["--since=1998-05-02", "--until=1998-05-02"]),
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
            &workspace,
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
    assert_eq!(exported_rows(&workspace, &["--since=2200-01-01"]), [""; 0]);
    assert_eq!(
        workspace
            .run(&["export", "csv", "--since=yesterday"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn an_export_without_the_schema_explains_how_to_apply_it() {
    let workspace = Workspace::empty();
    workspace.run(&["migrate", "down", "--yes"]).output();
    let result = workspace.run(&["export", "csv"]);
    assert!(result.error().contains("marquee migrate up"), "{result:?}");
}
