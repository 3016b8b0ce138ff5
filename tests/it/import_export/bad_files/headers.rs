//! Files with an unusable header.

use super::{REVIEWS, import, rejection};
use crate::import_export::{NO_ROWS, Workspace, import_error};

#[test]
fn an_empty_file_has_no_header() {
    let workspace = Workspace::empty();
    for format in ["csv", "rt films", "rt reviews"] {
        for (text, reason) in [
            ("", "the file is empty"),
            ("\n\n", "line 1 is blank, but the header must be there"),
            (
                " , \n1,2\n",
                "line 1 is blank, but the header must be there",
            ),
        ] {
            let result = import(&workspace, format, text);
            assert_eq!(
                rejection(&workspace, &result),
                format!("error: bad: {reason}")
            );
        }
    }
    // JSON Lines have no header.
    for text in ["", "\n \n"] {
        assert!(
            import(&workspace, "jsonl", text)
                .output()
                .ends_with("nothing changed\n")
        );
    }
}

/// Formats, files with an unusable header, and the parts of the error.
const INVALID_HEADERS: [(&str, &str, &[&str]); 10] = [
    (
        "csv",
        "Lantern,Ann Lee,80\nLantern,Bo Marsh,70\n",
        &["bad: line 1: the header has no known column", "film_slug"],
    ),
    (
        "csv",
        "film;critic\nLantern;Ann Lee\n",
        &[
            "bad: line 1: the header is a single field that contains ';'",
            "--delimiter",
        ],
    ),
    (
        "csv",
        "critic,score\nAnn Lee,80\n",
        &["bad: line 1: the header has neither film nor film_slug"],
    ),
    (
        "csv",
        "film,title\nLantern,Lantern\n",
        &["bad: line 1: the header's \"film\" and \"title\" both mean film"],
    ),
    (
        "jsonl",
        "film,critic\nLantern,Ann Lee\n",
        &["bad, line 1: the whole row: not a JSON object"],
    ),
    (
        "jsonl",
        "[{\"film\": \"Lantern\"}]\n",
        &["bad, line 1: the whole row: not a JSON object: invalid type: sequence"],
    ),
    (
        "rt films",
        "m1,Lantern,2001\n",
        &["bad: ", "line 1", "no column \"movieId\"", "\"Lantern\""],
    ),
    (
        "rt reviews",
        "reviewId;movieId\nr1;m1\n",
        &[
            "bad: ",
            "line 1",
            "no column \"reviewId\"",
            "\"reviewId;movieId\"",
        ],
    ),
    (
        "rt reviews",
        "reviewId,movieId,movieid\nr1,m1,m1\n",
        &["bad: ", "line 1", "\"movieId\" twice"],
    ),
    // Either list in the place of the other.
    (
        "rt films",
        REVIEWS,
        &["bad: ", "line 1", "no column \"movieTitle\""],
    ),
];

#[test]
fn a_missing_header_or_wrong_delimiter_is_reported_with_what_is_expected() {
    let workspace = Workspace::empty();
    for (format, text, parts) in INVALID_HEADERS {
        let result = import(&workspace, format, text);
        let error = import_error(&result);
        for part in parts {
            assert!(error.contains(part), "{format}: no {part:?} in {error}");
        }
        assert_eq!(workspace.counts(), NO_ROWS);
    }
}
