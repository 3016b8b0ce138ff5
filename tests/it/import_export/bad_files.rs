//! Invalid files: each is rejected in one line that names the file, the line and the reason. Nothing is stored.

mod compressed;
mod headers;

use super::{NO_ROWS, Workspace, import_error};
use crate::support::program::CommandResult;

const MOVIES: &str = "movieId,movieTitle,movieYear\nm1,Lantern,2001\n";

const REVIEWS: &str = "reviewId,movieId,criticName,quote\nr1,m1,Ann Lee,Bright.\n";

/// Returns the error of an import that is rejected in one line, and asserts that nothing was stored.
fn rejection(workspace: &Workspace, result: &CommandResult) -> String {
    assert_eq!(workspace.counts(), NO_ROWS, "{result:?}");
    result.error().to_owned()
}

/// Imports a file called "bad" in one of the formats. For Rotten Tomatoes, it is the list of films or of reviews.
fn import(workspace: &Workspace, format: &str, bytes: impl AsRef<[u8]>) -> CommandResult {
    workspace.write("bad", bytes);
    workspace.write("movies.csv", MOVIES);
    workspace.write("reviews.csv", REVIEWS);
    let line: &[&str] = match format {
        "rt films" => &["import", "rt", "--films", "bad", "--reviews", "reviews.csv"],
        "rt reviews" => &["import", "rt", "--films", "movies.csv", "--reviews", "bad"],
        _ => &["import", format, "bad"],
    };
    workspace.run(line)
}

#[test]
fn a_missing_file_and_a_directory_are_named() {
    let workspace = Workspace::empty();
    std::fs::create_dir(workspace.path("folder")).unwrap();
    workspace.write("movies.csv", MOVIES);
    for (file, reason) in [("missing", "No such file"), ("folder", "Is a directory")] {
        for line in [
            &["import", "csv", file][..],
            &["import", "jsonl", file],
            &["import", "rt", "--films", file, "--reviews", "movies.csv"],
            &["import", "rt", "--films", "movies.csv", "--reviews", file],
        ] {
            let result = workspace.run(line);
            let error = result.error();
            assert!(
                error.starts_with(&format!("error: {file}: can't be ")),
                "{error}"
            );
            assert!(error.contains(reason), "{error}");
        }
    }
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn nul_and_invalid_utf_8_are_reported_with_line_and_byte() {
    let workspace = Workspace::empty();
    for (format, good) in [
        ("rt films", MOVIES),
        ("rt reviews", REVIEWS),
        ("csv", "film,quote\nLantern,Bright.\n"),
        (
            "jsonl",
            "{\"film\": \"Lantern\", \"quote\": \"Bright.\"}\n{\"film\": \"Quay\", \"quote\": \"Dim.\"}\n",
        ),
    ] {
        for (byte, reason) in [
            (0, "NUL, so this is not text; nothing was stored"),
            (
                0xFF,
                "not UTF-8 (0xFF); pass --encoding windows-1252 if the file is in that encoding; nothing was stored",
            ),
        ] {
            let result = import(
                &workspace,
                format,
                [good.as_bytes(), b"Lan", &[byte], b"tern\n"].concat(),
            );
            let expected = format!("error: bad: byte {} in line 3 is {reason}", good.len() + 4);
            assert_eq!(rejection(&workspace, &result), expected, "{format}");
        }
    }
}

#[test]
fn utf_16_is_rejected_unless_the_encoding_is_given() {
    let workspace = Workspace::empty();
    let text: Vec<u8> = "\u{feff}film,critic\nLantern,Ann Lee\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let result = workspace.import("rows.csv", &text, &[]);
    assert!(
        result.error().contains("byte 1 in line 1 is not UTF-8"),
        "{result:?}"
    );
    assert!(result.error().contains("--encoding utf-16le"), "{result:?}");
    workspace
        .import("rows.csv", &text, &["--encoding", "utf-16le"])
        .output();
    assert_eq!(workspace.rows("slug FROM film"), ["(lantern)"]);
}

#[test]
fn a_truncated_file_is_rejected_with_its_last_line() {
    let workspace = Workspace::empty();
    for (format, text, reason) in [
        (
            "csv",
            "film,critic,quote\nLantern,Ann Lee,Bright.\nLantern,Bo",
            "bad, line 3: the whole row: line 3 has 2 fields, the header has 3",
        ),
        (
            "csv",
            "film,critic,quote\nLantern,Ann Lee,Bright.\nLantern,Bo Marsh,\"Dim,\nand",
            "bad: the file ends inside a quoted field that began in the row of line 3; nothing was stored",
        ),
        (
            "jsonl",
            "{\"film\": \"Lantern\", \"quote\": \"Bright.\"}\n{\"film\": \"Lan",
            "bad, line 2: the whole row: not a JSON object: EOF while parsing a string, at character 13, \
             and an object must end on its own line",
        ),
        (
            "rt films",
            "movieId,movieTitle\nm1,Lantern\nm2",
            "bad, line 3: the whole row: line 3 has 1 field, the header has 2",
        ),
        (
            "rt reviews",
            "reviewId,movieId,quote\nr1,m1,Bright.\nr2,m1,\"Di",
            "bad: the file ends inside a quoted field that began in the row of line 3; nothing was stored",
        ),
    ] {
        let result = import(&workspace, format, text);
        let error = import_error(&result);
        assert!(error.contains(reason), "{format}: {error}");
        assert_eq!(workspace.counts(), NO_ROWS);
    }
}
