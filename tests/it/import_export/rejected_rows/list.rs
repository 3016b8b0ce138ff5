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
    let workspace = Workspace::empty();
    let result = workspace.import(
        "rows.csv",
        MIXED,
        &["--skip-bad-rows", "--rejects", "nowhere/rejected.csv"],
    );
    let error = import_error(&result);
    assert!(
        error.contains("failed to create the file of rejected rows"),
        "{error}"
    );
    assert!(error.contains("nothing was stored"), "{error}");
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn a_list_of_rejected_rows_overwrites_nothing() {
    let workspace = Workspace::empty();
    workspace.write("rejected.csv", "of an earlier day");
    let result = workspace.import("rows.csv", MIXED, &["--skip-bad-rows"]);
    assert_eq!(
        result.error(),
        "error: rejected.csv already exists: move it away, or pass another file as --rejects"
    );
    assert_eq!(workspace.read("rejected.csv"), "of an earlier day");
    // Without `--skip-bad-rows`, the existing file is no obstacle.
    let result = workspace.import("rows.csv", MIXED, &[]);
    assert!(
        import_error(&result).contains("1 invalid row"),
        "{result:?}"
    );

    symlink("rows.csv", workspace.path("link.csv")).unwrap();
    for name in ["rows.csv", "./rows.csv", "link.csv"] {
        let result = workspace.import("rows.csv", MIXED, &["--skip-bad-rows", "--rejects", name]);
        assert_eq!(
            result.error(),
            format!("error: {name} is an input of this import: pass another file as --rejects")
        );
        assert_eq!(workspace.read("rows.csv"), MIXED);
    }

    // The unfinished file of an earlier import isn't overwritten either.
    workspace.write("why.csv.unfinished", "the only list of them");
    let why = ["--skip-bad-rows", "--rejects=why.csv"];
    let error = workspace.import("rows.csv", MIXED, &why);
    let error = error.error();
    assert!(
        error
            .starts_with("error: failed to create the file of rejected rows: why.csv.unfinished: "),
        "{error}"
    );
    assert_eq!(
        workspace.read("why.csv.unfinished"),
        "the only list of them"
    );
    let result = workspace.import("rows.csv", MIXED, &["--skip-bad-rows", "--rejects=-"]);
    assert!(result.error().contains("standard output"), "{result:?}");
    assert_eq!(workspace.counts(), NO_ROWS);
}

#[test]
fn without_rejected_rows_no_list_is_written() {
    let workspace = Workspace::empty();
    let good = "film,critic\nLantern,Ann Lee\n";
    workspace
        .import("rows.csv", good, &["--skip-bad-rows"])
        .output();
    let result = workspace.import("rows.csv", "nonsense\n1\n", &["--skip-bad-rows"]);
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    assert_eq!(workspace.files(), ["rows.csv"]);
}

#[test]
fn a_list_of_rejected_rows_can_be_written_to_a_pipe_or_device() {
    let workspace = Workspace::empty();
    // The link is the test's own: a faulty program that replaces its target must not do so in /dev.
    symlink("/proc/self/fd/2", workspace.path("list")).unwrap();
    let line = ["--skip-bad-rows", "--rejects=list"];
    let result = workspace.import("rows.csv", MIXED, &line);
    assert!(
        result
            .stderr
            .starts_with("file,line,column,reason,row\nrows.csv,3,score,"),
        "{result:?}"
    );
    assert_lines(&result.output(), &["stored"]);
    assert_eq!(workspace.files(), ["list", "rows.csv"]);
}

#[test]
fn an_import_reports_success_although_its_list_cannot_be_renamed() {
    let workspace = Workspace::empty();
    let command = workspace.command(&["import", "csv", "-", "--skip-bad-rows"]);
    let (program, mut stdin) = Program::start_with_stdin(command);
    stdin.write_all(MIXED.as_bytes()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while workspace.files() != ["rejected.csv.unfinished"] {
        assert!(Instant::now() < deadline, "{:?}", workspace.files());
        thread::sleep(Duration::from_millis(5));
    }
    workspace.write("rejected.csv", "of somebody else");
    drop(stdin);
    let result = program.wait();
    assert_eq!(
        result.error(),
        "error: the rows are stored, but the file of skipped rows could not be created: \
         failed to create rejected.csv (a file with this name exists now); the output is in rejected.csv.unfinished"
    );
    assert_lines(&result.stdout, &["rows: 6 read, 3 rejected", "stored"]);
    assert_eq!(workspace.read("rejected.csv"), "of somebody else");
    assert_eq!(
        workspace.rejected_rows("rejected.csv.unfinished").0.len(),
        3
    );
    assert_ne!(workspace.counts(), NO_ROWS);
}

#[test]
fn an_import_with_a_closed_standard_output_is_stored_and_reports_it() {
    let workspace = Workspace::empty();
    workspace.write("rows.csv", "film,critic\nLantern,Ann Lee\n");
    let closed = |line: &[&str]| {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = workspace.command(line);
        let result = command.stdout(writer).output().unwrap();
        let stderr = String::from_utf8(result.stderr).unwrap();
        (result.status.code(), stderr)
    };
    let (status, report) = closed(&["import", "csv", "rows.csv"]);
    assert_eq!(status, Some(0), "{report}");
    let stored = "stored, but the summary could not be printed: ";
    assert!(report.starts_with(stored), "{report}");
    assert_eq!(workspace.rows("title FROM film"), ["(Lantern)"]);

    let page = root().join("tests/it/fixtures/lamp.txt");
    let page = ["import", "page", page.to_str().unwrap(), "--title=Lamp"];
    let (status, report) = closed(&page);
    assert_eq!(status, Some(0), "{report}");
    assert!(report.starts_with(stored), "{report}");

    // The only purpose of a dry run is its output, so it ends as by SIGPIPE.
    for line in [
        &["import", "csv", "rows.csv", "--dry-run"][..],
        &["import", "rows.csv", "--dry-run"],
        &["import", "rows.csv", "--plan", "json"],
    ] {
        let (status, report) = closed(line);
        assert_eq!((status, report.as_str()), (Some(141), ""), "{line:?}");
    }
    let (status, report) = closed(&["import", "rows.csv"]);
    assert_eq!(status, Some(1), "{report}");
    assert!(report.contains("nothing was stored"), "{report}");
}
