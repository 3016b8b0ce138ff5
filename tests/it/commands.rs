//! The command line: output, exit status, and effects on the database.

mod database_urls;
mod documents;
mod driver_errors;
mod import_page;
mod locations;
mod migrate;
mod sequences;
mod settings;

use std::process::Command;

use crate::support::{
    TestDatabase,
    program::{DataDir, clean_environment, marquee, run, url},
};

/// Creates a database without tables.
fn bare() -> TestDatabase {
    in_a_runtime(TestDatabase::bare())
}

/// Creates a database with every table and no rows.
fn empty() -> TestDatabase {
    in_a_runtime(TestDatabase::empty())
}

/// Creates a database with the demo catalogue.
fn demo() -> TestDatabase {
    in_a_runtime(TestDatabase::demo())
}

fn in_a_runtime<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(task)
}

/// Returns a command on a database.
fn command_on(database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = marquee(arguments);
    command.args(["--database-url", &url(&database.options())]);
    command
}

fn output(database: &TestDatabase, arguments: &[&str]) -> String {
    run(command_on(database, arguments)).output()
}

#[test]
fn schema_prints_the_sdl_without_a_database() {
    let mut command = marquee(&["schema"]);
    command.env("DATABASE_URL", "postgres://127.0.0.1:1/nothing");
    let sdl = run(command).output();
    assert!(sdl.contains("type Query"), "{sdl}");
    assert!(sdl.contains("scoreDistribution("));
    assert!(sdl.ends_with("}\n"), "{:?}", &sdl[sdl.len() - 20..]);
}

/// The exit status of a pipeline is that of its last command, so this test checks standard error.
#[test]
fn a_closed_pipe_causes_no_panic_and_leaves_no_postgresql_running() {
    let program = env!("CARGO_BIN_EXE_marquee");
    let dir = DataDir::migrated();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("'{program}' check --data-dir=\"$0\" | true")]);
    shell.arg(dir.path());
    clean_environment(&mut shell);
    let result = run(shell);
    assert!(!result.stderr.contains("panicked"), "{result:?}");
    assert_eq!(dir.processes(), [0; 0]);

    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        &format!("(sleep 0.2; exec '{program}' schema) | true"),
    ]);
    let result = run(shell);
    assert!(!result.stderr.contains("panicked"), "{result:?}");
}

#[test]
fn a_usage_error_exits_with_2_and_explains_the_usage() {
    for (arguments, part) in [
        (&["sevre"][..], "serve"),
        (&["serve", "--listen=::1:8000"], "--listen"),
        (&["serve", "--workers=0"], "--workers"),
        (
            &["import", "page", "x", "--title=T", "--year=1600"],
            "--year",
        ),
        (&["import", "page"], "--title"),
        (&["migrate", "down", "--steps=0"], "--steps"),
    ] {
        let result = run(marquee(arguments));
        assert_eq!(result.status.code(), Some(2), "{result:?}");
        assert!(result.stderr.contains(part), "{result:?}");
    }
}
