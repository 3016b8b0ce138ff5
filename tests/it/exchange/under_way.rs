//! Imports while they are under way: they can be stopped, others go on beside them, and two take turns.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    process::ChildStdin,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::json;

use super::{ALL_WELL, COUNTS, NOTHING, Trial, assert_lines, wait_until};
use crate::support::program::{DataDir, Done, Program, Session};

/// The header of all these files.
const HEADER: &str = "film,critic,publication,score,excerpt\n";

/// That rows were copied into a transaction which waits for more.
const IN_THE_MIDDLE: &str = "EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'marquee import'
        AND state = 'idle in transaction' AND query LIKE 'COPY import_review %'
)";

/// That an import waits for a lock while it stores.
pub const BLOCKED: &str = "EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'marquee import'
        AND wait_event_type = 'Lock'
)";

/// That no import is connected.
const OVER: &str = "NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'marquee import'
)";

/// Rows of about three megabytes, which are more than wait to be copied at once.
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

/// Starts an import that has read much and waits for more, and the input that keeps it waiting.
fn held(command: std::process::Command) -> (Program, ChildStdin) {
    let (program, mut stdin) = Program::fed(command);
    stdin.write_all(many_rows().as_bytes()).unwrap();
    (program, stdin)
}

/// Sees to it that an import was stopped by a signal, as it says, and did not dawdle.
fn assert_stopped(done: &Done, since: Instant) {
    assert_eq!(
        done.error(),
        "error: stopped by a signal; what was under way is taken back"
    );
    assert_eq!(done.stdout, "");
    let took = since.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn ctrl_c_in_the_middle_leaves_nothing_behind_and_no_postgresql() {
    let dir = DataDir::made();
    let beside = dir.beside("here");
    fs::create_dir(&beside).unwrap();
    let mut command = dir.command(&["import", "csv", "-", "--skip-bad-rows"]);
    command.current_dir(&beside);
    let (program, mut stdin) = held(command);
    stdin
        .write_all(b"Film 1,Critic 1,Paper 1,nonsense,\n")
        .unwrap();
    while dir.postmaster().is_none() || !dir.path().join("run").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    wait_until(&dir.session(), IN_THE_MIDDLE);
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
        "no list of rejected rows"
    );

    let _server = dir.serve(&[]);
    assert_eq!(dir.sql(COUNTS), NOTHING);
}

#[test]
fn ctrl_c_while_rows_are_stored_takes_them_back() {
    let trial = Trial::empty();
    trial.csv("film,critic,score\nFilm 1,Critic 1,10\n");
    let before = trial.counts();
    let blocker = Session::open(&trial.database.options());
    // Films, critics and publications are in by then; the reviews wait.
    blocker.execute("BEGIN; LOCK TABLE review IN SHARE MODE");
    trial.write("rows.csv", many_rows());
    let program = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
    trial.wait_until(BLOCKED);
    let now = Instant::now();
    program.signal(Signal::SIGINT);
    assert_stopped(&program.wait(), now);
    // PostgreSQL itself gives up what nobody waits for, though the lock is still there.
    trial.wait_until(OVER);
    blocker.execute("ROLLBACK");
    assert_eq!(trial.counts(), before);
    assert_eq!(trial.files(), ["rows.csv"]);
    trial.check();
}

#[test]
fn an_import_that_is_killed_leaves_nothing_behind() {
    let trial = Trial::empty();
    let (program, _stdin) = held(trial.command(&["import", "csv", "-"]));
    trial.wait_until(IN_THE_MIDDLE);
    program.kill();
    trial.wait_until(OVER);
    assert_eq!(trial.counts(), NOTHING);
    // Nor is anything locked.
    trial.csv("film,critic,score\nFilm 1,Critic 1,10\n");
}

#[test]
fn a_server_beside_an_import_keeps_answering_and_shows_all_of_it_or_nothing() {
    let dir = DataDir::made();
    let server = dir.serve(&[]);
    let ask = || {
        server.query(
            "{ films { totalCount } reviews(first: 1) { totalCount nodes { film { title } } } }",
        )
    };
    let nothing =
        json!({ "films": { "totalCount": 0 }, "reviews": { "totalCount": 0, "nodes": [] } });
    let (program, stdin) = held(dir.command(&["import", "csv", "-"]));
    wait_until(&dir.session(), IN_THE_MIDDLE);
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
    assert_eq!(dir.run(&["check"]).output(), ALL_WELL);
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn two_imports_at_once_take_turns_and_both_succeed() {
    let trial = Trial::empty();
    let (first, mut stdin) = held(trial.command(&["import", "csv", "-"]));
    trial.wait_until(IN_THE_MIDDLE);
    // What both name is there when the second one looks.
    trial.write(
        "rows.csv",
        format!("{HEADER}Film 1,Critic 0,Paper 0,77,New words.\nFilm 1,Late Voice,Paper 0,70,\n"),
    );
    let mut second = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
    second.wait_for("another import is under way; waiting for it");
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
    trial.check();
}

#[test]
fn an_import_that_waits_for_another_can_be_stopped() {
    let trial = Trial::empty();
    let (first, stdin) = held(trial.command(&["import", "csv", "-"]));
    trial.wait_until(IN_THE_MIDDLE);
    trial.write("rows.csv", "film\nFilm 1\n");
    let mut second = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
    second.wait_for("another import is under way");
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
    trial.check();
}

#[test]
fn a_reader_of_reviews_that_a_pipe_ends_within_is_not_fooled() {
    let trial = Trial::empty();
    let text = many_rows();
    let cut = &text[..text.len() - 30];
    let done = trial.run_over(&["import", "csv", "-"], cut.as_bytes());
    // A last row without its end may be whole; that it may not be is told.
    assert_lines(
        &done.output(),
        &[
            "warning: standard input doesn't end with a line break; its last row may have been cut short",
        ],
    );
    trial.check();
}

#[test]
fn an_import_that_takes_its_time_says_again_and_again_what_it_does() {
    let trial = Trial::empty();
    let blocker = Session::open(&trial.database.options());
    blocker.execute("BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE");
    trial.write("rows.csv", many_rows());
    let program = Program::start(trial.command(&["import", "csv", "rows.csv"]), None);
    trial.wait_until(BLOCKED);
    assert_eq!(program.log(), "", "a short import is silent");
    let (mut second, mut stdin) = Program::fed(trial.command(&["import", "csv", "-"]));
    stdin.write_all(HEADER.as_bytes()).unwrap();
    second.wait_for("another import is under way; waiting for it");

    let told = |program: &Program, line: &str| {
        let log = program.log();
        log.lines().filter(|other| other.starts_with(line)).count()
    };
    let deadline = Instant::now() + Duration::from_secs(40);
    let looks_up = "everything is read; looking up what is there already (";
    let waits = "another import is under way; waiting for it (";
    while told(&program, looks_up) < 2 || told(&second, waits) < 2 {
        let logs = [program.log(), second.log()];
        assert!(Instant::now() < deadline, "{logs:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    blocker.execute("ROLLBACK");
    assert_lines(&program.wait().output(), &["stored"]);

    // Then it reads on, and waits for nothing but more of that.
    stdin.write_all(b"Film 1,Critic 1,Paper 1,50,\n").unwrap();
    second.wait_for("reading (");
    drop(stdin);
    assert_lines(
        &second.wait().output(),
        &["rows: 1 read, 0 rejected", "stored"],
    );
}
