//! Parsing of CSV and JSON Lines: columns, encodings, compression, and defaults for a whole file.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::{Workspace, assert_lines, import_error};

/// Two reviews as in a spreadsheet: other column names, another order, and an unknown column.
const SPREADSHEET: &str = "\
Pull quote,mood,Outlet,Reviewer,Release Year,Movie Title,Rating,Link,isFresh
\"Slow, and \"\"proud\"\" of it.\",grey,Tide Table,Nora Felt,2011,The Long Quay,3/4,https://tide.example/quay,yes
,blue,,Otto Brandt,2011,The Long Quay,,,rotten
";

/// The same reviews as JSON Lines.
const OBJECTS: &str = r#"{"pull-quote": "Slow, and \"proud\" of it.", "mood": {"as": ["grey"]}, "outlet": "Tide Table", "reviewer": "Nora Felt", "ReleaseYear": 2011, "movieTitle": "The Long Quay", "rating": "3/4", "link": "https://tide.example/quay", "is_fresh": true}

{"title": "The Long Quay", "year": "2011", "Reviewer": "Otto Brandt", "fresh": "rotten", "mood": null}
"#;

const STORED: [&str; 2] = [
    r#"(the-long-quay-2011,nora-felt,tide-table,75,3/4,fraction,t,"Slow, and ""proud"" of it.",https://tide.example/quay)"#,
    "(the-long-quay-2011,otto-brandt,,,,,f,,)",
];

fn stored(workspace: &Workspace) -> Vec<String> {
    workspace.rows(
        "film.slug, critic.slug, publication.slug, score, original_score, score_rule, recommended, excerpt, review.url
         FROM review JOIN film ON film.id = film_id LEFT JOIN critic ON critic.id = critic_id
         LEFT JOIN publication ON publication.id = publication_id ORDER BY review.id",
    )
}

#[test]
fn columns_are_found_by_their_aliases_and_unknown_ones_are_reported() {
    for (name, text) in [("rows.csv", SPREADSHEET), ("rows.jsonl", OBJECTS)] {
        let workspace = Workspace::empty();
        let output = workspace.import(name, text, &[]).output();
        assert_lines(
            &output,
            &[
                "films: 1 new, 0 changed, 0 the same",
                "critics: 2 new, 0 changed, 0 the same",
                "publications: 1 new, 0 changed, 0 the same",
                "reviews: 2 new, 0 changed, 0 the same",
                "rows: 2 read, 0 rejected",
                "scores: 1 read: 1 fraction",
                r#"warning: unknown columns were not read: "mood""#,
                "stored",
            ],
        );
        assert_eq!(stored(&workspace), STORED, "{name}");
        workspace.assert_tallies();
    }
}

#[test]
fn standard_input_and_compressed_files_are_read_whatever_their_name() {
    let workspace = Workspace::empty();
    let gz = gzip(SPREADSHEET.as_bytes());
    let zst = zstd::encode_all(SPREADSHEET.as_bytes(), 3).unwrap();
    let dos = SPREADSHEET.replace('\n', "\r\n");
    workspace.csv(SPREADSHEET);
    for result in [
        workspace.run_over(&["import", "csv", "-"], SPREADSHEET.as_bytes()),
        workspace.import("rows.csv.gz", &gz, &[]),
        workspace.import("rows.csv.zst", &zst, &[]),
        workspace.import("misnamed.csv", &zst, &[]),
        workspace.import("dos.csv", dos, &[]),
        workspace.run_over(&["import", "csv", "-"], &gz),
        workspace.run_over(&["import", "jsonl", "-"], OBJECTS.as_bytes()),
    ] {
        let output = result.output();
        assert_lines(
            &output,
            &["reviews: 0 new, 0 changed, 2 the same", "nothing changed"],
        );
    }
    assert_eq!(stored(&workspace), STORED);
}

#[test]
fn a_file_that_is_not_utf_8_is_rejected_unless_its_encoding_is_given() {
    let workspace = Workspace::empty();
    let bytes = b"film,critic,quote\nCaf\xe9 Noir,Zo\xeb Brandt,\x93Bitter\x94\n";
    let result = workspace.import("rows.csv", bytes, &[]);
    assert_eq!(
        import_error(&result),
        "rows.csv: byte 22 in line 2 is not UTF-8 (0xE9); pass --encoding windows-1252 if the file is in that encoding; nothing was stored"
    );
    workspace
        .import("rows.csv", bytes, &["--encoding", "windows-1252"])
        .output();
    let names = workspace.rows(
        "title, name, excerpt FROM review JOIN film ON film.id = film_id JOIN critic ON critic.id = critic_id",
    );
    assert_eq!(names, [r#"("Café Noir","Zoë Brandt",“Bitter”)"#]);
    let result = workspace.import("rows.csv", bytes, &["--encoding", "latin-9000"]);
    assert!(import_error(&result).contains("--encoding"), "{result:?}");
}

#[test]
fn another_delimiter_must_be_given() {
    let workspace = Workspace::empty();
    for (delimiter, argument) in [(";", ";"), ("\t", "tab"), ("|", "|")] {
        let text = [
            "film",
            "critic",
            "score\nThe Long Quay",
            "Nora Felt",
            "80\n",
        ]
        .join(delimiter);
        let result = workspace.import("rows.csv", &text, &[]);
        let error = result.error();
        assert!(
            error.contains("rows.csv: line 1: ") && error.contains("--delimiter"),
            "{error}"
        );
        let result = workspace.import("rows.csv", &text, &["--delimiter", argument]);
        assert_lines(&result.output(), &["rows: 1 read, 0 rejected"]);
    }
    assert_eq!(
        workspace.rows("score, score_rule FROM review"),
        ["(80,given)"]
    );
}

#[test]
fn a_source_for_the_whole_file_applies_to_rows_without_one() {
    let workspace = Workspace::empty();
    let text = "film,critic,source,id\nThe Long Quay,A,,7\nThe Long Quay,A,wire,7\n";
    let result = workspace.import("rows.csv", text, &[]);
    assert_eq!(
        import_error(&result).lines().nth(1).unwrap(),
        "  rows.csv, line 2: external_id: a review's external_id needs a source: fill in the column source, or pass --source"
    );
    let output = workspace
        .import("rows.csv", text, &["--source", " desk "])
        .output();
    assert_lines(&output, &["reviews: 2 new, 0 changed, 0 the same"]);
    assert_eq!(
        workspace.rows("source, external_id FROM review ORDER BY id"),
        ["(desk,7)", "(wire,7)"]
    );
    let result = workspace.import("rows.csv", text, &["--source", " "]);
    assert!(result.error().contains("--source is blank"), "{result:?}");
}

#[test]
fn the_score_scale_is_given_for_a_whole_file() {
    const TEXT: &str = "film,critic,rating\nThe Long Quay,A,7\nThe Long Quay,B,4 stars\nThe Long Quay,C,Recommended\n\
        The Long Quay,D,B+\nThe Long Quay,E,8\n";
    let workspace = Workspace::empty();
    let output = workspace.csv(TEXT);
    assert_lines(
        &output,
        &[
            "scores: 2 read: 1 stars, 1 letter",
            r#"scores not read: 2 with a bare number, such as "7" (lines 2, 6); the site rule `bareScoresOutOf` or --bare-scores-out-of sets the maximum"#,
            r#"scores not read: 1 with words, such as "Recommended" (line 4)"#,
        ],
    );
    let scores = "score, original_score, score_rule FROM review JOIN critic ON critic.id = critic_id ORDER BY name";
    assert_eq!(
        workspace.rows(scores),
        [
            "(,7,)",
            "(100,\"4 stars\",stars)",
            "(,Recommended,)",
            "(83,B+,letter)",
            "(,8,)"
        ]
    );
    let scales = ["--bare-scores-out-of", "10", "--stars-out-of", "5"];
    let output = workspace.import("rows.csv", TEXT, &scales).output();
    assert_lines(&output, &["reviews: 0 new, 3 changed, 2 the same"]);
    assert_eq!(
        workspace.rows(scores),
        [
            "(70,7/10,fraction)",
            "(80,\"4 stars\",stars)",
            "(,Recommended,)",
            "(83,B+,letter)",
            "(80,8/10,fraction)"
        ]
    );
    workspace.assert_tallies();
}

#[test]
fn unused_values_and_a_missing_final_line_break_are_reported() {
    let workspace = Workspace::empty();
    let output = workspace.csv(
        "kind,film,film_year,weight,url,critic\nfilm,The Long Quay,2011,2,ftp://quay.example,Nora Felt\n\
         ,The Long Quay,2011,,nowhere,Nora Felt",
    );
    assert_lines(
        &output,
        &[
            "warning: 2 × url is not of the form http(s)://host… and was ignored (lines 2, 3)",
            "warning: 1 × critic is not used in a row of this kind and was ignored (line 2)",
            "warning: 1 × weight is not used in a row of this kind and was ignored (line 2)",
            "warning: rows.csv doesn't end with a line break; its last row may have been cut short",
        ],
    );
    assert_eq!(
        workspace.rows("url FROM film UNION ALL SELECT url FROM review"),
        ["()", "()"]
    );
}

#[test]
fn rows_after_a_multi_line_cell_have_the_right_line_number() {
    let workspace = Workspace::empty();
    let text = "film,critic,quote,score\nThe Long Quay,A,\"One.\r\n\r\nTwo.\",50\n,,,\n\nThe Long Quay,B,Fine,500\n";
    let result = workspace.import("rows.csv", text, &[]);
    assert_eq!(
        import_error(&result).lines().nth(1).unwrap(),
        r#"  rows.csv, line 7: score: must be a whole number from 0 to 100, not "500""#
    );
    workspace.csv(&text.replace("500", "60"));
    assert_eq!(
        workspace.value("SELECT string_agg(excerpt, '|' ORDER BY id) AS value FROM review"),
        "One.\n\nTwo.|Fine"
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
