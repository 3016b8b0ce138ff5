//! Running imports: they can be stopped, servers respond meanwhile, and two imports run one after the other.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    process::ChildStdin,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::json;

use super::{CHECK_PASSED, COUNTS, NO_ROWS, Workspace, assert_lines, wait_until};
use crate::support::program::{CommandResult, DataDir, Program, Session};

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

/// Asserts that an import was stopped by a signal without delay.
fn assert_stopped(done: &CommandResult, since: Instant) {
    assert_eq!(
        done.error(),
        "error: stopped by a signal; unfinished changes are rolled back"
    );
    assert_eq!(done.stdout, "");
    let took = since.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn ctrl_c_rolls_an_import_back_and_stops_postgresql() {
    let dir = DataDir::migrated();
    let beside = dir.sibling("here");
    fs::create_dir(&beside).unwrap();
    let mut command = dir.command(&["import", "csv", "-", "--skip-bad-rows"]);
    command.current_dir(&beside);
    let (program, mut stdin) = start_held_import(command);
    stdin
        .write_all(b"Film 1,Critic 1,Paper 1,nonsense,\n")
        .unwrap();
    while dir.postmaster().is_none() || !dir.path().join("run").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    wait_until(&dir.session(), ROWS_COPIED);
    let memory = program.peak_memory();
    assert!(memory.is_none_or(|bytes| bytes < 300 << 20), "{memory:?}");
    let before = Instant::now();
    program.signal(Signal::SIGINT);
    let done = program.wait();
    assert_stopped(&done, before);
    drop(stdin);
    assert_eq!(dir.processes(), [0; 0]);
    assert_eq!(
        fs::read_dir(&beside).unwrap().count(),
        0,
        "there is no list of rejected rows"
    );

    let _server = dir.serve(&[]);
    assert_eq!(dir.sql(COUNTS), NO_ROWS);
}

#[test]
fn ctrl_c_while_storing_rolls_back() {
    let trial = Workspace::empty();
    trial.csv("film,critic,score\nFilm 1,Critic 1,10\n");
    let before = trial.counts();
    let blocker = Session::open(&trial.database.options());
    // Films, critics and publications are stored by then; the reviews wait for the lock.
    blocker.execute("BEGIN; LOCK TABLE review IN SHARE MODE");
    trial.write("rows.csv", many_rows());
    let program = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
    trial.wait_until(BLOCKED);
    let now = Instant::now();
    program.signal(Signal::SIGINT);
    assert_stopped(&program.wait(), now);
    // The statement is cancelled although the lock is still held.
    trial.wait_until(NO_IMPORT_CONNECTED);
    blocker.execute("ROLLBACK");
    assert_eq!(trial.counts(), before);
    assert_eq!(trial.files(), ["rows.csv"]);
    trial.assert_tallies();
}

#[test]
fn a_killed_import_stores_nothing() {
    let trial = Workspace::empty();
    let (program, _stdin) = start_held_import(trial.command(&["import", "csv", "-"]));
    trial.wait_until(ROWS_COPIED);
    program.kill();
    trial.wait_until(NO_IMPORT_CONNECTED);
    assert_eq!(trial.counts(), NO_ROWS);
    // No lock is left either.
    trial.csv("film,critic,score\nFilm 1,Critic 1,10\n");
}

#[test]
fn a_server_responds_during_an_import_and_shows_all_or_none_of_it() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    let ask = || {
        server.query(
            "{ films { totalCount } reviews(first: 1) { totalCount nodes { film { title } } } }",
        )
    };
    let nothing =
        json!({ "films": { "totalCount": 0 }, "reviews": { "totalCount": 0, "nodes": [] } });
    let (program, stdin) = start_held_import(dir.command(&["import", "csv", "-"]));
    wait_until(&dir.session(), ROWS_COPIED);
    assert_eq!(ask(), nothing);

    let blocker = dir.session();
    blocker.execute("BEGIN; LOCK TABLE review IN SHARE MODE");
    drop(stdin);
    wait_until(&dir.session(), BLOCKED);
    assert_eq!(ask(), nothing);

    blocker.execute("ROLLBACK");
    let output = program.wait().output();
    assert_lines(
        &output,
        &["reviews: 3000 new, 0 changed, 0 the same", "stored"],
    );
    let data = ask();
    assert_eq!(data["films"]["totalCount"], 50);
    assert_eq!(data["reviews"]["totalCount"], 3_000);
    assert_eq!(dir.run(&["check"]).output(), CHECK_PASSED);
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn concurrent_imports_run_one_after_the_other() {
    let trial = Workspace::empty();
    let (first, mut stdin) = start_held_import(trial.command(&["import", "csv", "-"]));
    trial.wait_until(ROWS_COPIED);
    // The second import finds the rows of the first that both name.
    trial.write(
        "rows.csv",
        format!("{HEADER}Film 1,Critic 0,Paper 0,77,New words.\nFilm 1,Late Voice,Paper 0,70,\n"),
    );
    let mut second = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
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
    trial.assert_tallies();
}

#[test]
fn a_waiting_import_can_be_stopped() {
    let trial = Workspace::empty();
    let (first, stdin) = start_held_import(trial.command(&["import", "csv", "-"]));
    trial.wait_until(ROWS_COPIED);
    trial.write("rows.csv", "film\nFilm 1\n");
    let mut second = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
    second.wait_for("waiting for another import to finish");
    let now = Instant::now();
    second.signal(Signal::SIGTERM);
    let done = second.wait();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    assert!(now.elapsed() < Duration::from_secs(10));
    drop(stdin);
    assert_lines(
        &first.wait().output(),
        &["reviews: 3000 new, 0 changed, 0 the same"],
    );
    trial.assert_tallies();
}

#[test]
fn a_pipe_that_ends_within_a_row_is_reported() {
    let trial = Workspace::empty();
    let text = many_rows();
    let cut = &text[..text.len() - 30];
    let done = trial.run_over(&["import", "csv", "-"], cut.as_bytes());
    // A last row without a line break may be complete, so it is imported with a warning.
    assert_lines(
        &done.output(),
        &[
            "warning: standard input doesn't end with a line break; its last row may have been cut short",
        ],
    );
    trial.assert_tallies();
}

#[test]
fn a_long_import_reports_its_progress_repeatedly() {
    let trial = Workspace::empty();
    let blocker = Session::open(&trial.database.options());
    blocker.execute("BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE");
    trial.write("rows.csv", many_rows());
    let program = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
    trial.wait_until(BLOCKED);
    assert_eq!(program.log(), "", "a short import is silent");
    let (mut second, mut stdin) = Program::start_with_stdin(trial.command(&["import", "csv", "-"]));
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
