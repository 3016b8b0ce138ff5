//! Rows that are skipped: they change nothing, and are listed with their errors.

use serde_json::{Value, json};

use super::{MIXED, REJECTED};
use crate::import_export::{NO_ROWS, Workspace, assert_lines};

#[test]
fn invalid_rows_can_be_skipped_and_are_listed_with_their_errors() {
    let workspace = Workspace::empty();
    let result = workspace.import("rows.csv", MIXED, &["--skip-bad-rows"]);
    assert_eq!(
        result.stderr,
        "skipped rows: 3; rejected.csv has the reasons\n"
    );
    assert_lines(
        &result.output(),
        &[
            "films: 2 new, 0 changed, 0 the same",
            "critics: 2 new, 0 changed, 0 the same",
            "publications: 2 new, 0 changed, 0 the same",
            "reviews: 2 new, 0 changed, 0 the same",
            "rows: 6 read, 3 rejected",
            "warning: 1 × url is not of the form http(s)://host… and was ignored (line 7)",
            "stored",
        ],
    );
    let (report, rows) = workspace.rejected_rows("rejected.csv");
    assert_eq!(report, REJECTED);
    assert_eq!(rows[0], ",,Only Flawed,Nobody Else,Lost Paper,101,wire,2,");
    // A row that the database rejects is listed with its parsed values.
    let row: Value = serde_json::from_str(&rows[1]).unwrap();
    assert_eq!(
        row,
        json!({ "film_slug": "no-such-film", "critic": "Just Named", "publication": "Also Named", "score": 50,
            "source": "wire", "external_id": "3" })
    );
    assert_eq!(workspace.files(), ["rejected.csv", "rows.csv"]);
    // Skipped rows add no films, critics or publications.
    assert_eq!(
        workspace.rows("slug FROM film ORDER BY slug"),
        ["(declared)", "(lantern)"]
    );
    assert_eq!(
        workspace.rows("slug FROM critic ORDER BY slug"),
        ["(ann-lee)", "(bo-marsh)"]
    );
    assert_eq!(
        workspace.rows("slug FROM publication ORDER BY slug"),
        ["(herald)", "(post)"]
    );
    workspace.assert_tallies();

    let again = ["--skip-bad-rows", "--rejects", "why.csv"];
    let output = workspace.import("rows.csv", MIXED, &again).output();
    assert_lines(
        &output,
        &["reviews: 0 new, 0 changed, 2 the same", "nothing changed"],
    );
    assert_eq!(workspace.rejected_rows("why.csv").0, REJECTED);
}

#[test]
fn a_film_that_only_rejected_rows_describe_is_not_added() {
    let workspace = Workspace::empty();
    workspace.csv(
        "kind,film,film_year,ids,critic\nfilm,Lantern,2001,imdb:1,\ncritic,,,wire:ann,Ann Lee\n",
    );
    let before = (
        workspace.counts(),
        workspace.rows("* FROM film"),
        workspace.rows("* FROM film_external_id"),
    );
    let text = "kind,film,film_year,ids,critic,synopsis\n\
        film,Ferry,1999,imdb:1,,\n\
        film,Quay,1950,imdb:9; imdb:1,,Long.\n\
        critic,,,wire:ann,Bo Marsh,\n";
    let result = workspace.import("rows.csv", text, &["--skip-bad-rows"]);
    assert_lines(
        &result.output(),
        &["rows: 3 read, 3 rejected", "nothing changed"],
    );
    let after = (
        workspace.counts(),
        workspace.rows("* FROM film"),
        workspace.rows("* FROM film_external_id"),
    );
    assert_eq!(after, before);
}

#[test]
fn a_rejected_row_adds_no_external_ids_to_existing_rows() {
    let workspace = Workspace::empty();
    let text = "kind,film,film_year,ids\nfilm,Lantern,2001,imdb:1\nfilm,Lantern,2001,tmdb:2\n";
    let result = workspace.import("rows.csv", text, &["--skip-bad-rows"]);
    assert_lines(&result.output(), &["rows: 2 read, 1 rejected"]);
    assert_eq!(
        workspace.rows("source, external_id FROM film_external_id"),
        ["(imdb,1)"]
    );
}

#[test]
fn a_valid_review_takes_no_values_from_the_rejected_row_of_its_film() {
    let workspace = Workspace::empty();
    workspace.csv("kind,film,film_year,ids\nfilm,Lantern,2001,imdb:1\n");
    let text = "kind,film,film_year,ids,synopsis,critic\n\
        film,Ferry,1999,imdb:1,Not to be believed.,\n\
        ,Ferry,1999,,,Ann Lee\n";
    workspace
        .import("rows.csv", text, &["--skip-bad-rows"])
        .output();
    assert_eq!(
        workspace.rows("title, synopsis FROM film ORDER BY title"),
        ["(Ferry,)", "(Lantern,)"]
    );
    workspace.assert_tallies();
}

#[test]
fn invalid_rows_of_json_lines_are_skipped_too() {
    let workspace = Workspace::empty();
    let text = "{\"film\": \"Lantern\", \"critic\": \"A\"}\n[1, 2]\n{\"film\": \"Lantern\", \"critic\": \"B\"\n\
        {\"film\": \"Lantern\", \"critic\": \"B\", \"critic\": \"C\"}\n{\"film\": \"Lantern\", \"critic\": \"D\"}\n";
    let output = workspace
        .import("rows.jsonl", text, &["--skip-bad-rows"])
        .output();
    assert_lines(
        &output,
        &[
            "reviews: 2 new, 0 changed, 0 the same",
            "rows: 5 read, 3 rejected",
        ],
    );
    let (report, rows) = workspace.rejected_rows("rejected.csv");
    assert_eq!(
        report,
        [
            "rows.jsonl, line 2: the whole row: not a JSON object: invalid type: sequence, expected an object, at character 1",
            "rows.jsonl, line 3: the whole row: not a JSON object: EOF while parsing an object, at character 33, \
             and an object must end on its own line",
            "rows.jsonl, line 4: critic: occurs twice in this row",
        ]
    );
    assert_eq!(rows, text.lines().skip(1).take(3).collect::<Vec<_>>());
}

#[test]
fn rejected_rows_of_every_kind_are_listed_unchanged() {
    let workspace = Workspace::empty();
    let text = "{\"kind\": \"film\", \"film_slug\": \"quay\"}\n\
        {\"kind\": \"critic\", \"critic_slug\": \"bo\"}\n\
        {\"kind\": \"publication\", \"publication_slug\": \"post\"}\n\
        {\"kind\": \"published_score\", \"film_slug\": \"pier\", \"source\": \"wire\", \"measure\": \"score\", \"score\": 7}\n";
    let result = workspace.import(
        "rows.jsonl",
        text,
        &["--skip-bad-rows", "--rejects", "list.csv"],
    );
    result.output();
    let (report, rows) = workspace.rejected_rows("list.csv");
    assert_eq!(report.len(), 4, "{report:?}");
    // The listed rows are valid input of the same format.
    let again = rows.join("\n");
    for (row, line) in rows.iter().zip(text.lines()) {
        let (row, line): (Value, Value) = (
            serde_json::from_str(row).unwrap(),
            serde_json::from_str(line).unwrap(),
        );
        assert_eq!(row, line);
    }
    assert_eq!(
        workspace.import("again.jsonl", again, &[]).status.code(),
        Some(1)
    );
    assert_eq!(workspace.counts(), NO_ROWS);
}
