//! All that is wrong with a file is reported by one run, with a bounded number of lines.

use crate::import_export::{NO_ROWS, Workspace, assert_lines, import_error};

#[test]
fn unknown_columns_and_warnings_are_told_together_with_invalid_rows() {
    for (name, text) in [
        (
            "rows.csv",
            "film,critc,reviewed_on,url,rating\nLantern,Ann,03/04/2001,,\nQuay,Bo,2001-02-30,,\nLamp,Cy,2001-01-02,nowhere,7\n",
        ),
        (
            "rows.jsonl",
            "{\"film\": \"Lantern\", \"critc\": \"Ann\", \"reviewed_on\": \"03/04/2001\"}\n\
             {\"film\": \"Quay\", \"reviewed_on\": \"2001-02-30\"}\n\
             \n{\"film\": \"Lamp\", \"url\": \"nowhere\", \"rating\": \"7\"}\n",
        ),
    ] {
        let workspace = Workspace::empty();
        for more in [&[][..], &["--dry-run"]] {
            let result = workspace.import(name, text, more);
            let error = import_error(&result);
            let lines: Vec<_> = error.lines().map(str::trim).collect();
            assert!(
                lines[0].starts_with("2 invalid rows, so nothing was stored"),
                "{error}"
            );
            assert!(
                lines[1].contains(", line ") && lines[1].contains("reviewed_on"),
                "{error}"
            );
            assert!(
                lines[2].contains(", line 3: reviewed_on")
                    || lines[2].contains(", line 2: reviewed_on"),
                "{error}"
            );
            assert_eq!(
                lines[3..],
                [
                    "scores not read: 1 with a bare number, such as \"7\" (line 4); the site rule `bareScoresOutOf` or --bare-scores-out-of sets the maximum",
                    "warning: 1 × url is not of the form http(s)://host… and was ignored (line 4)",
                    "warning: unknown columns were not read: \"critc\"",
                ],
                "{name}"
            );
            assert_eq!(workspace.counts(), NO_ROWS);
        }
    }
}

#[test]
fn rows_that_only_the_database_rejects_are_told_with_the_warnings_as_well() {
    let workspace = Workspace::empty();
    let text = "film,film_slug,critic,mood\nLantern,,A,x\n,quay,A,y\n";
    let result = workspace.import("rows.csv", text, &[]);
    let error = import_error(&result);
    assert!(
        error.contains("line 3: film: no film has the slug 'quay'")
            && error.ends_with("\n  warning: unknown columns were not read: \"mood\""),
        "{error}"
    );
}

#[test]
fn all_errors_of_a_header_are_told_together_with_those_of_the_rows() {
    let workspace = Workspace::empty();
    let text = "critic,name,rating,original_score,mood,subject,reviewed_on\n\
        Ann,,B,,x,Lantern,Jul 15\nBo,,A,,x,Quay,2001-01-02\nCy,,A,,x,Lamp\nDee,,A,,x,Lamp,2001-00-01\n";
    let result = workspace.import("rows.csv", text.replace("name", "Critic Name"), &[]);
    let error = import_error(&result);
    let lines: Vec<_> = error.lines().map(str::trim).collect();
    for (number, part) in [
        "rows.csv: line 1: the header's \"critic\" and \"Critic Name\" both mean critic",
        "line 1: the header's \"rating\" and \"original_score\" both mean original_score",
        "line 1: the header has neither film nor film_slug",
        "line 1: unknown columns: \"mood\", \"subject\"",
        "line 2: reviewed_on: must be a date",
        "line 4: the whole row: ",
        "line 5: reviewed_on: must be a date",
    ]
    .iter()
    .enumerate()
    {
        assert!(lines[number].starts_with(part), "{part}: {error}");
    }
    assert_eq!(lines.len(), 7, "{error}");
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn the_number_of_lines_below_a_header_with_errors_is_bounded() {
    let workspace = Workspace::empty();
    let rows = "Lantern,Lantern,101\n".repeat(5_000);
    let result = workspace.import("rows.csv", format!("film,title,score\n{rows}"), &[]);
    let error = import_error(&result);
    assert_eq!(error.lines().count(), 22, "{error}");
    assert!(
        error.ends_with("line 21: score: must be a whole number from 0 to 100, not \"101\"\n  …"),
        "{error}"
    );
}

#[test]
fn all_errors_of_the_headers_of_a_data_set_are_told() {
    let workspace = Workspace::empty();
    workspace.write(
        "movies.csv",
        "movieTitle,movieTitle,movieYear,movieYear\nLantern,,,\n",
    );
    workspace.write("reviews.csv", "reviewId\nr1\n");
    let line = [
        "import",
        "rt",
        "--films",
        "movies.csv",
        "--reviews",
        "reviews.csv",
    ];
    let result = workspace.run(&line);
    let error = import_error(&result);
    for part in [
        "\"movieTitle\" twice",
        "\"movieYear\" twice",
        "no column \"movieId\"",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn warnings_name_their_first_rows() {
    let workspace = Workspace::empty();
    let rows = (0..5)
        .map(|number| format!("Lantern,Ann {number},7,nowhere\nLantern,Bo {number},A,\n"))
        .collect::<Vec<_>>()
        .concat();
    let output = workspace.csv(&format!("film,critic,rating,url\n{rows}"));
    assert_lines(
        &output,
        &[
            "scores not read: 5 with a bare number, such as \"7\" (lines 2, 4, 6, …); the site rule `bareScoresOutOf` or --bare-scores-out-of sets the maximum",
            "warning: 5 × url is not of the form http(s)://host… and was ignored (lines 2, 4, 6, …)",
        ],
    );
}
