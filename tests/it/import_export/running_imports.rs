//! Running imports: they can be stopped, servers respond meanwhile, and two imports run one after the other.

mod stopped;

use std::{
    fmt::Write as _,
    io::Write as _,
    process::ChildStdin,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{CHECK_PASSED, Workspace, assert_lines, wait_until};
use crate::support::program::{DataDir, Program, Session};

/// The header of all of these files.
const HEADER: &str = "film,critic,publication,score,excerpt\n";

/// The condition that a transaction has copied rows and waits for more.
const ROWS_COPIED: &str = "EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'marquee import'
        AND state = 'idle in transaction' AND query LIKE 'COPY import_review %'
)";

/// The condition that an import waits for a lock while it stores rows.
pub const BLOCKED: &str = "EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'marquee import'
        AND wait_event_type = 'Lock'
)";

/// The condition that no import is connected.
const NO_IMPORT_CONNECTED: &str = "NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'marquee import'
)";

/// Returns rows of about three megabytes, which is more than one `COPY` buffers.
fn many_rows() -> String {
    let excerpt = "A keeper and a lamp and too much weather. ".repeat(25);
    (0..3_000).fold(HEADER.to_owned(), |mut text, number| {
        let (film, critic) = (number % 50, number / 50);
        writeln!(
            text,
            "Film {film},Critic {critic},Paper {},{},{excerpt}",
            critic % 7,
            number % 101
        )
        .unwrap();
        text
    })
}

/// Starts an import that has read many rows, and returns it with its open input.
fn start_held_import(command: std::process::Command) -> (Program, ChildStdin) {
    let (program, mut stdin) = Program::start_with_stdin(command);
    stdin.write_all(many_rows().as_bytes()).unwrap();
    (program, stdin)
}

#[test]
fn a_server_responds_during_an_import_and_shows_all_or_none_of_it() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    let query = || {
        server.query(
            "{ films { totalCount } reviews(first: 1) { totalCount nodes { film { title } } } }",
        )
    };
    let nothing =
        json!({ "films": { "totalCount": 0 }, "reviews": { "totalCount": 0, "nodes": [] } });
    let (program, stdin) = start_held_import(dir.command(&["import", "csv", "-"]));
    wait_until(&dir.session(), ROWS_COPIED);
    assert_eq!(query(), nothing);

    let blocker = dir.session();
    blocker.execute("BEGIN; LOCK TABLE review IN SHARE MODE");
    drop(stdin);
    wait_until(&dir.session(), BLOCKED);
    assert_eq!(query(), nothing);

    blocker.execute("ROLLBACK");
    let output = program.wait().output();
    assert_lines(
        &output,
        &["reviews: 3000 new, 0 changed, 0 the same", "stored"],
    );
    let data = query();
    assert_eq!(data["films"]["totalCount"], 50);
    assert_eq!(data["reviews"]["totalCount"], 3_000);
    assert_eq!(dir.run(&["check"]).output(), CHECK_PASSED);
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn concurrent_imports_run_one_after_the_other() {
    let workspace = Workspace::empty();
    let (first, mut stdin) = start_held_import(workspace.command(&["import", "csv", "-"]));
    workspace.wait_until(ROWS_COPIED);
    // The second import finds the rows of the first that both name.
    workspace.write(
        "rows.csv",
        format!("{HEADER}Film 1,Critic 0,Paper 0,77,New words.\nFilm 1,Late Voice,Paper 0,70,\n"),
    );
    let mut second = Program::start(workspace.command(&["import", "csv", "rows.csv"]), None);
    second.wait_for("waiting for another import to finish");
    stdin.write_all(b"Film 1,Last Voice,Paper 1,50,\n").unwrap();
    drop(stdin);
    let first = first.wait().output();
    assert_lines(
        &first,
        &["reviews: 3001 new, 0 changed, 0 the same", "stored"],
    );
    let second = second.wait().output();
    assert_lines(
        &second,
        &[
            "films: 0 new, 0 changed, 1 the same",
            "critics: 1 new, 0 changed, 1 the same",
            "publications: 0 new, 0 changed, 1 the same",
            "reviews: 1 new, 1 changed, 0 the same",
            "stored",
        ],
    );
    workspace.assert_tallies();
}

#[test]
fn a_pipe_that_ends_within_a_row_is_reported() {
    let workspace = Workspace::empty();
    let text = many_rows();
    let cut = &text[..text.len() - 30];
    let result = workspace.run_over(&["import", "csv", "-"], cut.as_bytes());
    // A last row without a line break may be complete, so it is imported with a warning.
    assert_lines(
        &result.output(),
        &[
            "warning: standard input doesn't end with a line break; its last row may have been cut short",
        ],
    );
    workspace.assert_tallies();
}

#[test]
fn a_long_import_reports_its_progress_repeatedly() {
    let workspace = Workspace::empty();
    let blocker = Session::open(&workspace.database.options());
    blocker.execute("BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE");
    workspace.write("rows.csv", many_rows());
    let program = Program::start(workspace.command(&["import", "csv", "rows.csv"]), None);
    workspace.wait_until(BLOCKED);
    assert_eq!(program.log(), "", "a short import is silent");
    let (mut second, mut stdin) =
        Program::start_with_stdin(workspace.command(&["import", "csv", "-"]));
    stdin.write_all(HEADER.as_bytes()).unwrap();
    second.wait_for("waiting for another import to finish");

    let count = |program: &Program, line: &str| {
        let log = program.log();
        log.lines().filter(|other| other.starts_with(line)).count()
    };
    let deadline = Instant::now() + Duration::from_secs(40);
    let looks_up = "every row is read; comparing with the database (";
    let waits = "waiting for another import to finish (";
    while count(&program, looks_up) < 2 || count(&second, waits) < 2 {
        let logs = [program.log(), second.log()];
        assert!(Instant::now() < deadline, "{logs:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    blocker.execute("ROLLBACK");
    assert_lines(&program.wait().output(), &["stored"]);

    // The second import now reads on, and reports that it waits for input.
    stdin.write_all(b"Film 1,Critic 1,Paper 1,50,\n").unwrap();
    second.wait_for("reading (");
    drop(stdin);
    assert_lines(
        &second.wait().output(),
        &["rows: 1 read, 0 rejected", "stored"],
    );
}
