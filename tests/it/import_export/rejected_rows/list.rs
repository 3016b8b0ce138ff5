//! The file that lists skipped rows.

use std::{
    io::{self, Write as _},
    os::unix::fs::symlink,
    thread,
    time::{Duration, Instant},
};

use super::MIXED;
use crate::{
    import_export::{NO_ROWS, Workspace, assert_lines, import_error},
    support::{program::Program, root},
};

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
