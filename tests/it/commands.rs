//! The command line: output, exit status, and effects on the database.

mod import_page;

use std::{net::TcpListener, process::Command, time::Instant};

use crate::support::{
    TestDatabase,
    program::{CommandResult, DataDir, Program, Session, clean_environment, marquee, run, url},
};

/// Creates a database without tables.
fn bare() -> TestDatabase {
    in_a_runtime(TestDatabase::bare())
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
fn migrations_are_applied_listed_and_reverted() {
    let database = bare();
    let names = [
        "m20261120_000001_create_catalogue",
        "m20261120_000002_create_review",
        "m20261120_000003_create_published_score",
        "m20261120_000004_create_tallies",
    ];
    let lines = |word: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{word} {name}")).collect()
    };
    // Compares only the first migrations, so that later ones don't break this test.
    let first = |text: String| -> Vec<String> { text.lines().take(4).map(str::to_owned).collect() };
    assert_eq!(
        first(output(&database, &["migrate", "status"])),
        lines("pending", &names)
    );
    assert_eq!(
        first(output(&database, &["migrate", "up"])),
        lines("applied", &names)
    );
    assert_eq!(
        output(&database, &["migrate", "up"]),
        "no pending migrations\n"
    );
    let status = output(&database, &["migrate", "status"]);
    assert!(status.lines().all(|line| line.starts_with("applied ")));

    let last = status.lines().last().unwrap().replace("applied ", "");
    assert_eq!(
        output(&database, &["migrate", "down"]),
        format!("reverted {last}\n")
    );
    let status = output(&database, &["migrate", "status"]);
    assert!(status.ends_with(&format!("pending {last}\n")), "{status}");
    let taken = output(&database, &["migrate", "down", "--steps=100"]);
    assert!(
        taken.ends_with(&format!("reverted {}\n", names[0])),
        "{taken}"
    );
    assert_eq!(
        output(&database, &["migrate", "down"]),
        "no applied migrations\n"
    );
}

#[test]
fn check_reports_each_wrong_tally_with_its_owner() {
    let database = demo();
    assert_eq!(
        output(&database, &["check"]),
        "every tally equals a recount\n"
    );
    let session = Session::open(&database.options());
    let slug = session.value("SELECT slug AS value FROM film ORDER BY id DESC LIMIT 1");
    session.execute(&format!(
        "UPDATE film_tally SET review_count = review_count + 1
            WHERE film_id = (SELECT id FROM film WHERE slug = '{slug}');
         DELETE FROM critic_tally WHERE critic_id = (SELECT min(id) FROM critic);"
    ));
    let critic = session.value("SELECT slug AS value FROM critic ORDER BY id LIMIT 1");
    let done = run(command_on(&database, &["check"]));
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let lines: Vec<_> = done.stdout.lines().collect();
    assert!(
        lines[0].starts_with(&format!("film {slug}: stored {{")),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with(&format!("critic {critic}: stored no tally, recounted {{")),
        "{lines:?}"
    );
    assert_eq!(lines[2], "tallies that differ from a recount: 2");
    assert_eq!(lines.len(), 3);
}

#[test]
fn check_without_the_schema_explains_how_to_apply_it() {
    let done = run(command_on(&bare(), &["check"]));
    assert!(done.error().contains("marquee migrate up"), "{done:?}");
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
    let done = run(shell);
    assert!(!done.stderr.contains("panicked"), "{done:?}");
    assert_eq!(dir.processes(), [0; 0]);

    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        &format!("(sleep 0.2; exec '{program}' schema) | true"),
    ]);
    let done = run(shell);
    assert!(!done.stderr.contains("panicked"), "{done:?}");
}

#[test]
fn the_database_url_works_as_a_flag_and_as_a_variable() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let elsewhere = DataDir::new();
    let mut flag = elsewhere.command(&["check"]);
    flag.args(["--database-url", &dir.url()]);
    let mut variable = elsewhere.command(&["check"]);
    variable.env("DATABASE_URL", dir.url());
    for command in [flag, variable] {
        assert_eq!(run(command).output(), "every tally equals a recount\n");
    }

    let mut command = elsewhere.server(&["--demo"]);
    command.env("DATABASE_URL", dir.url());
    let other = Program::ready(command);
    assert_eq!(other.titles(), server.titles());
    assert_eq!(other.stop().status.code(), Some(0));
    assert!(!elsewhere.path().exists());
    // The other server didn't start this PostgreSQL, so it didn't stop it either.
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn the_demo_catalogue_is_never_loaded_into_an_external_database() {
    let database = bare();
    let mut command = marquee(&["serve", "--listen=127.0.0.1:0", "--workers=1", "--demo"]);
    command.args(["--database-url", &url(&database.options())]);
    let server = Program::ready(command);
    assert_eq!(server.titles()["films"]["totalCount"], 0);
    assert_eq!(server.stop().status.code(), Some(0));
}

/// Runs `check` on a URL, and asserts that it fails without printing the password.
fn check_failure(url: &str) -> CommandResult {
    let mut command = marquee(&["check"]);
    command.env("DATABASE_URL", url);
    let done = run(command);
    assert!(!done.stderr.contains("hunter2"), "{done:?}");
    done.error();
    done
}

#[test]
fn an_unreachable_database_is_reported_without_its_password() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    for url in [
        format!("postgres://site:hunter2@{address}/reviews"),
        "postgres://site:hunter2@marquee.invalid/reviews".to_owned(),
        "postgres://site:hunter2@%2Fnowhere/reviews".to_owned(),
        format!("postgres://site:hunter2@{address}/reviews?sslmode=require"),
    ] {
        let done = check_failure(&url);
        assert!(
            done.error().contains("can't connect to the database"),
            "{url}: {done:?}"
        );
    }
}

#[test]
fn connecting_to_an_unresponsive_database_times_out() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let before = Instant::now();
    let done = check_failure(&format!("postgres://site:hunter2@{address}/reviews"));
    assert!(done.error().contains("can't connect"), "{done:?}");
    assert!(before.elapsed().as_secs() < 30);
}

#[test]
fn an_invalid_database_url_is_reported_with_an_example() {
    for url in [
        "hunter2",
        "mysql://site:hunter2@localhost/reviews",
        "postgres://site:hunter2@localhost:port/reviews",
        "",
    ] {
        let done = check_failure(url);
        assert!(
            done.error().contains("postgres://user:password@host"),
            "{url}: {done:?}"
        );
    }
}

#[test]
fn a_missing_database_is_reported_in_one_line() {
    let database = bare();
    let url = format!("{}_of_nobody", url(&database.options()));
    let done = check_failure(&url);
    assert!(done.error().contains("_of_nobody"), "{done:?}");
    let mut command = marquee(&["serve", "--listen=127.0.0.1:0"]);
    command.args(["--database-url", &url]);
    let done = run(command);
    assert!(done.error().contains("_of_nobody"), "{done:?}");
}

#[test]
fn a_database_of_another_encoding_is_rejected() {
    let dir = DataDir::migrated();
    let _server = dir.serve(&[]);
    dir.session()
        .execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let done = check_failure(&dir.url().replace("%2Frun/marquee", "%2Frun/latin"));
    assert!(
        done.error()
            .contains("encoding is LATIN1, and Marquee needs UTF8"),
        "{done:?}"
    );
}

#[test]
fn a_usage_error_exits_with_2_and_explains_the_usage() {
    for (arguments, part) in [
        (&["sevre"][..], "serve"),
        (&["serve", "--listen=8000"], "--listen"),
        (&["serve", "--workers=0"], "--workers"),
        (
            &["import", "page", "x", "--title=T", "--year=1600"],
            "--year",
        ),
        (&["import", "page"], "--title"),
        (&["migrate", "down", "--steps=0"], "--steps"),
    ] {
        let done = run(marquee(arguments));
        assert_eq!(done.status.code(), Some(2), "{done:?}");
        assert!(done.stderr.contains(part), "{done:?}");
    }
}

#[test]
fn concurrent_commands_apply_the_migrations_once() {
    let database = bare();
    let running: Vec<_> = (0..3)
        .map(|_| Program::start(command_on(&database, &["migrate", "up"]), None))
        .collect();
    let outputs: Vec<_> = running
        .into_iter()
        .map(|program| program.wait().output())
        .collect();
    let idle = outputs
        .iter()
        .filter(|output| *output == "no pending migrations\n");
    assert_eq!(idle.count(), 2, "{outputs:?}");
}
