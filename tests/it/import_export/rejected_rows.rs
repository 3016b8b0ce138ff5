//! Rejected rows: by default they reject the whole file; optionally they are skipped and listed. Dry runs.

use std::{
    io::{self, Write as _},
    os::unix::fs::symlink,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{NO_ROWS, Workspace, assert_lines, import_error};
use crate::support::{program::Program, root};

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
    let trial = Workspace::empty();
    for (name, text, error) in [
        (
            "rows.csv",
            "film,critic,score\nLantern,A,80\nLantern,B,8o\nLantern,C,60\n",
            "rows.csv, line 3: score: must be a whole number from 0 to 100, not \"8o\"",
        ),
        (
            "rows.jsonl",
            "{\"film\": \"Lantern\"}\n\n{\"film\": \"Lantern\", \"reviewed_on\": \"03/04/2001\"}\n",
            "rows.jsonl, line 3: reviewed_on: must be a date of the form YYYY-MM-DD, not \"03/04/2001\"",
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
        let done = trial.import(name, text, &[]);
        let report = import_error(&done);
        let mut lines = report.lines();
        assert!(
            lines.next().unwrap().contains("nothing was stored"),
            "{report}"
        );
        assert_eq!(lines.collect::<Vec<_>>(), [format!("  {error}")]);
        assert_eq!(trial.counts(), NO_ROWS, "{name}");
    }
}

#[test]
fn every_error_of_a_row_is_reported_for_the_first_rows_only() {
    let trial = Workspace::empty();
    let done = trial.import(
        "rows.csv",
        "film,film_year,score,sentiment\nLantern,1492,-1,lukewarm\n",
        &[],
    );
    let report = import_error(&done);
    for column in ["film_year", "score", "sentiment"] {
        assert!(
            report.contains(&format!("\n  rows.csv, line 2: {column}: must be ")),
            "{report}"
        );
    }
    let many = format!("film,score\n{}", "Lantern,none\n".repeat(5_000));
    let done = trial.import("rows.csv", many, &[]);
    let report = import_error(&done);
    assert!(report.starts_with("at least 1000 invalid rows"), "{report}");
    assert_eq!(report.lines().count(), 22, "{report}");
    assert!(report.ends_with("\n  …"), "{report}");
    assert_eq!(trial.counts(), NO_ROWS);
}

#[test]
fn invalid_rows_can_be_skipped_and_are_listed_with_their_errors() {
    let trial = Workspace::empty();
    let done = trial.import("rows.csv", MIXED, &["--skip-bad-rows"]);
    assert_eq!(
        done.stderr,
        "skipped rows: 3; rejected.csv has the reasons\n"
    );
    assert_lines(
        &done.output(),
        &[
            "films: 2 new, 0 changed, 0 the same",
            "critics: 2 new, 0 changed, 0 the same",
            "publications: 2 new, 0 changed, 0 the same",
            "reviews: 2 new, 0 changed, 0 the same",
            "rows: 6 read, 3 rejected",
            "warning: 1 × url is not of the form http(s)://host… and was ignored",
            "stored",
        ],
    );
    let (report, rows) = trial.rejected_rows("rejected.csv");
    assert_eq!(report, REJECTED);
    assert_eq!(rows[0], ",,Only Flawed,Nobody Else,Lost Paper,101,wire,2,");
    // A row that the database rejects is listed with its parsed values.
    let row: Value = serde_json::from_str(&rows[1]).unwrap();
    assert_eq!(
        row,
        json!({ "film_slug": "no-such-film", "critic": "Just Named", "publication": "Also Named", "score": 50,
            "source": "wire", "external_id": "3" })
    );
    assert_eq!(trial.files(), ["rejected.csv", "rows.csv"]);
    // Skipped rows add no films, critics or publications.
    assert_eq!(
        trial.rows("slug FROM film ORDER BY slug"),
        ["(declared)", "(lantern)"]
    );
    assert_eq!(
        trial.rows("slug FROM critic ORDER BY slug"),
        ["(ann-lee)", "(bo-marsh)"]
    );
    assert_eq!(
        trial.rows("slug FROM publication ORDER BY slug"),
        ["(herald)", "(post)"]
    );
    trial.assert_tallies();

    let again = ["--skip-bad-rows", "--rejects", "why.csv"];
    let output = trial.import("rows.csv", MIXED, &again).output();
    assert_lines(
        &output,
        &["reviews: 0 new, 0 changed, 2 the same", "nothing changed"],
    );
    assert_eq!(trial.rejected_rows("why.csv").0, REJECTED);
}

#[test]
fn a_film_that_only_rejected_rows_describe_is_not_added() {
    let trial = Workspace::empty();
    trial.csv(
        "kind,film,film_year,ids,critic\nfilm,Lantern,2001,imdb:1,\ncritic,,,wire:ann,Ann Lee\n",
    );
    let before = (
        trial.counts(),
        trial.rows("* FROM film"),
        trial.rows("* FROM film_external_id"),
    );
    let text = "kind,film,film_year,ids,critic,synopsis\n\
        film,Ferry,1999,imdb:1,,\n\
        film,Quay,1950,imdb:9; imdb:1,,Long.\n\
        critic,,,wire:ann,Bo Marsh,\n";
    let done = trial.import("rows.csv", text, &["--skip-bad-rows"]);
    assert_lines(
        &done.output(),
        &["rows: 3 read, 3 rejected", "nothing changed"],
    );
    let after = (
        trial.counts(),
        trial.rows("* FROM film"),
        trial.rows("* FROM film_external_id"),
    );
    assert_eq!(after, before);
}

#[test]
fn a_rejected_row_adds_no_external_ids_to_existing_rows() {
    let trial = Workspace::empty();
    let text = "kind,film,film_year,ids\nfilm,Lantern,2001,imdb:1\nfilm,Lantern,2001,tmdb:2\n";
    let done = trial.import("rows.csv", text, &["--skip-bad-rows"]);
    assert_lines(&done.output(), &["rows: 2 read, 1 rejected"]);
    assert_eq!(
        trial.rows("source, external_id FROM film_external_id"),
        ["(imdb,1)"]
    );
}

#[test]
fn a_valid_review_takes_no_values_from_the_rejected_row_of_its_film() {
    let trial = Workspace::empty();
    trial.csv("kind,film,film_year,ids\nfilm,Lantern,2001,imdb:1\n");
    let text = "kind,film,film_year,ids,synopsis,critic\n\
        film,Ferry,1999,imdb:1,Not to be believed.,\n\
        ,Ferry,1999,,,Ann Lee\n";
    trial
        .import("rows.csv", text, &["--skip-bad-rows"])
        .output();
    assert_eq!(
        trial.rows("title, synopsis FROM film ORDER BY title"),
        ["(Ferry,)", "(Lantern,)"]
    );
    trial.assert_tallies();
}

#[test]
fn invalid_rows_of_json_lines_are_skipped_too() {
    let trial = Workspace::empty();
    let text = "{\"film\": \"Lantern\", \"critic\": \"A\"}\n[1, 2]\n{\"film\": \"Lantern\", \"critic\": \"B\"\n\
        {\"film\": \"Lantern\", \"critic\": \"B\", \"critic\": \"C\"}\n{\"film\": \"Lantern\", \"critic\": \"D\"}\n";
    let output = trial
        .import("rows.jsonl", text, &["--skip-bad-rows"])
        .output();
    assert_lines(
        &output,
        &[
            "reviews: 2 new, 0 changed, 0 the same",
            "rows: 5 read, 3 rejected",
        ],
    );
    let (report, rows) = trial.rejected_rows("rejected.csv");
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
fn a_dry_run_reports_the_same_and_stores_nothing() {
    let trial = Workspace::empty();
    trial.csv("film,critic,score\nLantern,Ann Lee,10\n");
    let before = trial.counts();
    let text = MIXED.replace(",wire,1,", ",,,");
    let tried = trial
        .import("rows.csv", &text, &["--skip-bad-rows", "--dry-run"])
        .output();
    assert_eq!(trial.counts(), before);
    assert!(
        tried.ends_with("\ndry run: nothing was stored\n"),
        "{tried}"
    );
    let done = trial
        .import("rows.csv", &text, &["--skip-bad-rows", "--rejects=why.csv"])
        .output();
    assert_eq!(trial.read("why.csv"), trial.read("rejected.csv"));
    assert_eq!(
        tried.replace("dry run: nothing was stored\n", "stored\n"),
        done
    );
    assert_ne!(trial.counts(), before);

    let done = trial.import("rows.csv", MIXED, &["--dry-run"]);
    assert!(import_error(&done).starts_with("1 invalid row"), "{done:?}");
    trial.assert_tallies();
}

#[test]
fn a_dry_run_does_not_migrate_the_schema() {
    let trial = Workspace::empty();
    trial.run(&["migrate", "down", "--steps=1"]).output();
    let before = trial.run(&["migrate", "status"]).output();
    let done = trial.import("rows.csv", "film\nLantern\n", &["--dry-run"]);
    assert!(
        import_error(&done).contains("marquee migrate up"),
        "{done:?}"
    );
    assert_eq!(trial.run(&["migrate", "status"]).output(), before);
}

#[test]
fn an_unwritable_list_of_rejected_rows_stores_nothing() {
    let trial = Workspace::empty();
    let done = trial.import(
        "rows.csv",
        MIXED,
        &["--skip-bad-rows", "--rejects", "nowhere/rejected.csv"],
    );
    let error = import_error(&done);
    assert!(
        error.contains("failed to create the file of rejected rows"),
        "{error}"
    );
    assert!(error.contains("nothing was stored"), "{error}");
    assert_eq!(trial.counts(), NO_ROWS);
}

#[test]
fn a_list_of_rejected_rows_overwrites_nothing() {
    let trial = Workspace::empty();
    trial.write("rejected.csv", "of an earlier day");
    let done = trial.import("rows.csv", MIXED, &["--skip-bad-rows"]);
    assert_eq!(
        done.error(),
        "error: rejected.csv already exists: move it away, or pass another file as --rejects"
    );
    assert_eq!(trial.read("rejected.csv"), "of an earlier day");
    // Without `--skip-bad-rows`, the existing file is no obstacle.
    let done = trial.import("rows.csv", MIXED, &[]);
    assert!(import_error(&done).contains("1 invalid row"), "{done:?}");

    symlink("rows.csv", trial.path("link.csv")).unwrap();
    for name in ["rows.csv", "./rows.csv", "link.csv"] {
        let done = trial.import("rows.csv", MIXED, &["--skip-bad-rows", "--rejects", name]);
        assert_eq!(
            done.error(),
            format!("error: {name} is an input of this import: pass another file as --rejects")
        );
        assert_eq!(trial.read("rows.csv"), MIXED);
    }

    // The unfinished file of an earlier import isn't overwritten either.
    trial.write("why.csv.unfinished", "the only list of them");
    let why = ["--skip-bad-rows", "--rejects=why.csv"];
    let error = trial.import("rows.csv", MIXED, &why);
    let error = error.error();
    assert!(
        error
            .starts_with("error: failed to create the file of rejected rows: why.csv.unfinished: "),
        "{error}"
    );
    assert_eq!(trial.read("why.csv.unfinished"), "the only list of them");
    let done = trial.import("rows.csv", MIXED, &["--skip-bad-rows", "--rejects=-"]);
    assert!(done.error().contains("standard output"), "{done:?}");
    assert_eq!(trial.counts(), NO_ROWS);
}

#[test]
fn without_rejected_rows_no_list_is_written() {
    let trial = Workspace::empty();
    let good = "film,critic\nLantern,Ann Lee\n";
    trial
        .import("rows.csv", good, &["--skip-bad-rows"])
        .output();
    let done = trial.import("rows.csv", "nonsense\n1\n", &["--skip-bad-rows"]);
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert_eq!(trial.files(), ["rows.csv"]);
}

#[test]
fn a_list_of_rejected_rows_can_be_written_to_a_pipe_or_device() {
    let trial = Workspace::empty();
    // The link is the test's own: a faulty program that replaces its target must not do so in /dev.
    symlink("/proc/self/fd/2", trial.path("list")).unwrap();
    let line = ["--skip-bad-rows", "--rejects=list"];
    let done = trial.import("rows.csv", MIXED, &line);
    assert!(
        done.stderr
            .starts_with("file,line,column,reason,row\nrows.csv,3,score,"),
        "{done:?}"
    );
    assert_lines(&done.output(), &["stored"]);
    assert_eq!(trial.files(), ["list", "rows.csv"]);
}

#[test]
fn an_import_reports_success_although_its_list_cannot_be_renamed() {
    let trial = Workspace::empty();
    let command = trial.command(&["import", "csv", "-", "--skip-bad-rows"]);
    let (program, mut stdin) = Program::start_with_stdin(command);
    stdin.write_all(MIXED.as_bytes()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while trial.files() != ["rejected.csv.unfinished"] {
        assert!(Instant::now() < deadline, "{:?}", trial.files());
        thread::sleep(Duration::from_millis(5));
    }
    trial.write("rejected.csv", "of somebody else");
    drop(stdin);
    let done = program.wait();
    assert_eq!(
        done.error(),
        "error: the rows are stored, but the file of skipped rows could not be created: \
         failed to create rejected.csv (a file with this name exists now); the output is in rejected.csv.unfinished"
    );
    assert_lines(&done.stdout, &["rows: 6 read, 3 rejected", "stored"]);
    assert_eq!(trial.read("rejected.csv"), "of somebody else");
    assert_eq!(trial.rejected_rows("rejected.csv.unfinished").0.len(), 3);
    assert_ne!(trial.counts(), NO_ROWS);
}

#[test]
fn an_import_with_a_closed_standard_output_is_stored_and_reports_it() {
    let trial = Workspace::empty();
    trial.write("rows.csv", "film,critic\nLantern,Ann Lee\n");
    let closed = |line: &[&str]| {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = trial.command(line);
        let done = command.stdout(writer).output().unwrap();
        let stderr = String::from_utf8(done.stderr).unwrap();
        (done.status.code(), stderr)
    };
    let (status, report) = closed(&["import", "csv", "rows.csv"]);
    assert_eq!(status, Some(0), "{report}");
    let stored = "stored, but the summary could not be printed: ";
    assert!(report.starts_with(stored), "{report}");
    assert_eq!(trial.rows("title FROM film"), ["(Lantern)"]);

    let page = root().join("tests/it/fixtures/lamp.txt");
    let page = ["import", "page", page.to_str().unwrap(), "--title=Lamp"];
    let (status, report) = closed(&page);
    assert_eq!(status, Some(0), "{report}");
    assert!(report.starts_with(stored), "{report}");

    // The only purpose of a dry run is its output, so it fails.
    let (status, report) = closed(&["import", "csv", "rows.csv", "--dry-run"]);
    assert_eq!(status, Some(1), "{report}");
    assert!(report.starts_with("error: "), "{report}");
}

#[test]
fn rejected_rows_of_every_kind_are_listed_unchanged() {
    let trial = Workspace::empty();
    let text = "{\"kind\": \"film\", \"film_slug\": \"quay\"}\n\
        {\"kind\": \"critic\", \"critic_slug\": \"bo\"}\n\
        {\"kind\": \"publication\", \"publication_slug\": \"post\"}\n\
        {\"kind\": \"published_score\", \"film_slug\": \"pier\", \"source\": \"wire\", \"measure\": \"score\", \"score\": 7}\n";
    let done = trial.import(
        "rows.jsonl",
        text,
        &["--skip-bad-rows", "--rejects", "list.csv"],
    );
    done.output();
    let (report, rows) = trial.rejected_rows("list.csv");
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
        trial.import("again.jsonl", again, &[]).status.code(),
        Some(1)
    );
    assert_eq!(trial.counts(), NO_ROWS);
}

#[test]
fn an_original_score_in_the_score_column_is_reported_with_a_hint() {
    let trial = Workspace::empty();
    let done = trial.import("rows.csv", "film,score\nLantern,3/5\n", &[]);
    let report = import_error(&done);
    assert!(
        report.contains("not \"3/5\"; the score as the critic wrote it goes into original_score"),
        "{report}"
    );
}
