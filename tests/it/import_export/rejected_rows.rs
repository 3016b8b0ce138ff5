//! Rejected rows: by default they reject the whole file; optionally they are skipped and listed.

mod dry_runs;
mod list;
mod skipped;
mod together;

use super::{NO_ROWS, Workspace, import_error};

/// Valid rows and three invalid ones: by their own cells, by an unknown slug, and by a duplicate.
const MIXED: &str = "\
kind,film_slug,film,critic,publication,score,source,external_id,url
,,Lantern,Ann Lee,Post,80,wire,1,https://post.example/1
,,Only Flawed,Nobody Else,Lost Paper,101,wire,2,
,no-such-film,,Just Named,Also Named,50,wire,3,
,,Lantern,Bo Marsh,Herald,70,wire,4,
,,Doubled,Second Voice,Second Paper,60,wire,4,
film,,Declared,,,,,,boom
";

const REJECTED: [&str; 3] = [
    "rows.csv, line 3: score: must be a whole number from 0 to 100, not \"101\"",
    "rows.csv, line 4: film: no film has the slug 'no-such-film', and no row gives its title",
    "rows.csv, line 6: external_id: a review with this id is already in line 5",
];

#[test]
fn one_invalid_row_rejects_the_whole_file() {
    let workspace = Workspace::empty();
    for (name, text, error) in [
        (
            "rows.csv",
            "film,critic,score\nLantern,A,80\nLantern,B,8o\nLantern,C,60\n",
            "rows.csv, line 3: score: must be a whole number from 0 to 100, not \"8o\"",
        ),
        (
            "rows.jsonl",
            "{\"film\": \"Lantern\", \"critic\": \"A\"}\n\n{\"film\": \"Lantern\", \"reviewed_on\": \"03/04/2001\"}\n",
            "rows.jsonl, line 3: reviewed_on: \"03/04/2001\" is 2001-04-03 or 2001-03-04: write dates as YYYY-MM-DD, or give their order by --dates dmy, mdy or ymd",
        ),
        (
            "flaws.csv",
            "film,film_year,critic\nLantern,,A\n,1960,B\n",
            "flaws.csv, line 3: film: a review needs film or film_slug",
        ),
        // Only the database detects these.
        (
            "unknown.csv",
            "film,film_slug,critic\nLantern,,A\n,quay,B\n",
            "unknown.csv, line 3: film: no film has the slug 'quay', and no row gives its title",
        ),
        (
            "twice.jsonl",
            "{\"film\": \"Lantern\", \"critic\": \"A\"}\n{\"film\": \"Lantern\", \"critic\": \"A\", \"score\": 3}\n",
            "twice.jsonl, line 2: critic: a review of this film by this critic for this publication is already in line 1",
        ),
    ] {
        let result = workspace.import(name, text, &[]);
        let report = import_error(&result);
        let mut lines = report.lines();
        assert!(
            lines.next().unwrap().contains("nothing was stored"),
            "{report}"
        );
        assert_eq!(lines.collect::<Vec<_>>(), [format!("  {error}")]);
        assert_eq!(workspace.counts(), NO_ROWS, "{name}");
    }
}

#[test]
fn every_error_of_a_row_is_reported_for_the_first_rows_only() {
    let workspace = Workspace::empty();
    let result = workspace.import(
        "rows.csv",
        "film,film_year,score,sentiment\nLantern,1492,-1,lukewarm\n",
        &[],
    );
    let report = import_error(&result);
    for column in ["film_year", "score", "sentiment"] {
        assert!(
            report.contains(&format!("\n  rows.csv, line 2: {column}: must be ")),
            "{report}"
        );
    }
    let many = format!("film,score\n{}", "Lantern,none\n".repeat(5_000));
    let result = workspace.import("rows.csv", many, &[]);
    let report = import_error(&result);
    assert!(report.starts_with("at least 1000 invalid rows"), "{report}");
    assert_eq!(report.lines().count(), 22, "{report}");
    assert!(report.ends_with("\n  …"), "{report}");
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn an_original_score_in_the_score_column_is_reported_with_a_hint() {
    let workspace = Workspace::empty();
    let result = workspace.import("rows.csv", "film,score\nLantern,3/5\n", &[]);
    let report = import_error(&result);
    assert!(
        report.contains("not \"3/5\"; the score as the critic wrote it goes into original_score"),
        "{report}"
    );
}

#[test]
fn a_list_of_films_is_no_list_of_reviews() {
    let workspace = Workspace::empty();
    workspace.write("movies.csv", "movieId,movieTitle\nm1,Lantern\n");
    for (name, text) in [
        (
            "rows.csv",
            "title,year,genre,url\nLantern,2001,Drama,https://a.example\n",
        ),
        (
            "rows.jsonl",
            "{\"title\": \"Lantern\", \"fresh\": \"none\"}\n",
        ),
        ("reviews.csv", "reviewId,movieId,isTopCritic\nr1,m1,True\n"),
    ] {
        let result = if name == "reviews.csv" {
            workspace.write(name, text);
            workspace.run(&[
                "import",
                "rt",
                "--films=movies.csv",
                "--reviews=reviews.csv",
            ])
        } else {
            workspace.import(name, text, &[])
        };
        let report = import_error(&result);
        assert!(report.starts_with("1 invalid row"), "{report}");
        assert!(
            report.contains(": is all that this review says") && report.contains("--as films"),
            "{report}"
        );
        assert_eq!(workspace.counts(), NO_ROWS, "{name}");
    }
}
