//! Imports that are stopped or killed.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{BLOCKED, NO_IMPORT_CONNECTED, ROWS_COPIED, many_rows, start_held_import};
use crate::{
    import_export::{COUNTS, NO_ROWS, Workspace, assert_lines, wait_until},
    support::program::{CommandResult, DataDir, Program, Session},
};

#[test]
fn ctrl_c_rolls_an_import_back_and_stops_postgresql() {
    let dir = DataDir::migrated();
    let directory = dir.sibling("here");
    fs::create_dir(&directory).unwrap();
    let mut command = dir.command(&["import", "csv", "-", "--skip-bad-rows"]);
    command.current_dir(&directory);
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
    let result = program.wait();
    assert_stopped(&result, before);
    drop(stdin);
    assert_eq!(dir.processes(), [0; 0]);
    assert_eq!(
        fs::read_dir(&directory).unwrap().count(),
        0,
        "there is no list of rejected rows"
    );

    let _server = dir.serve(&[]);
    assert_eq!(dir.sql(COUNTS), NO_ROWS);
}

#[test]
fn ctrl_c_while_storing_rolls_back() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic,score\nFilm 1,Critic 1,10\n");
    let before = workspace.counts();
    let blocker = Session::open(&workspace.database.options());
    // Films, critics and publications are stored by then; the reviews wait for the lock.
    blocker.execute("BEGIN; LOCK TABLE review IN SHARE MODE");
    workspace.write("rows.csv", many_rows());
    let program = Program::start(workspace.command(&["import", "csv", "rows.csv"]), None);
    workspace.wait_until(BLOCKED);
    let now = Instant::now();
    program.signal(Signal::SIGINT);
    assert_stopped(&program.wait(), now);
    // The statement is cancelled although the lock is still held.
    workspace.wait_until(NO_IMPORT_CONNECTED);
    blocker.execute("ROLLBACK");
    assert_eq!(workspace.counts(), before);
    assert_eq!(workspace.files(), ["rows.csv"]);
    workspace.assert_tallies();
}

#[test]
fn a_killed_import_stores_nothing() {
    let workspace = Workspace::empty();
    let (program, _stdin) = start_held_import(workspace.command(&["import", "csv", "-"]));
    workspace.wait_until(ROWS_COPIED);
    program.kill();
    workspace.wait_until(NO_IMPORT_CONNECTED);
    assert_eq!(workspace.counts(), NO_ROWS);
    // No lock is left either.
    workspace.csv("film,critic,score\nFilm 1,Critic 1,10\n");
}

#[test]
fn a_waiting_import_can_be_stopped() {
    let workspace = Workspace::empty();
    let (first, stdin) = start_held_import(workspace.command(&["import", "csv", "-"]));
    workspace.wait_until(ROWS_COPIED);
    workspace.write("rows.csv", "film,critic\nFilm 1,Critic 1\n");
    let mut second = Program::start(workspace.command(&["import", "csv", "rows.csv"]), None);
    second.wait_for("waiting for another import to finish");
    let now = Instant::now();
    second.signal(Signal::SIGTERM);
    let result = second.wait();
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    assert!(now.elapsed() < Duration::from_secs(10));
    drop(stdin);
    assert_lines(
        &first.wait().output(),
        &["reviews: 3000 new, 0 changed, 0 the same"],
    );
    workspace.assert_tallies();
}

/// Asserts that an import was stopped by a signal without delay.
fn assert_stopped(result: &CommandResult, since: Instant) {
    assert_eq!(
        result.error(),
        "error: stopped by a signal; unfinished changes are rolled back"
    );
    assert_eq!(result.stdout, "");
    let elapsed = since.elapsed();
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
}
