//! The command line: what the commands print, how they end, and what they leave in the database.

mod import_page;

use std::{net::TcpListener, process::Command, time::Instant};

use crate::support::{
    TestDatabase,
    program::{DataDir, Done, Program, Session, clean, marquee, run, url},
};

/// An empty database, in which no change of the schema is applied.
fn bare() -> TestDatabase {
    in_a_runtime(TestDatabase::bare())
}

/// A database with the demo catalogue.
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

/// A command on a database.
fn on(database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = marquee(arguments);
    command.args(["--database-url", &url(&database.options())]);
    command
}

fn output(database: &TestDatabase, arguments: &[&str]) -> String {
    run(on(database, arguments)).output()
}

#[test]
fn migrate_applies_lists_and_takes_back() {
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
    // A later change must not break this test, so only the first ones are looked at.
    let first = |text: String| -> Vec<String> { text.lines().take(4).map(str::to_owned).collect() };
    assert_eq!(
        first(output(&database, &["migrate", "status"])),
        lines("pending", &names)
    );
    assert_eq!(
        first(output(&database, &["migrate", "up"])),
        lines("applied", &names)
    );
    assert_eq!(output(&database, &["migrate", "up"]), "nothing to apply\n");
    let status = output(&database, &["migrate", "status"]);
    assert!(status.lines().all(|line| line.starts_with("applied ")));

    let last = status.lines().last().unwrap().replace("applied ", "");
    assert_eq!(
        output(&database, &["migrate", "down"]),
        format!("taken back {last}\n")
    );
    let status = output(&database, &["migrate", "status"]);
    assert!(status.ends_with(&format!("pending {last}\n")), "{status}");
    let taken = output(&database, &["migrate", "down", "--steps=100"]);
    assert!(
        taken.ends_with(&format!("taken back {}\n", names[0])),
        "{taken}"
    );
    assert_eq!(
        output(&database, &["migrate", "down"]),
        "nothing to take back\n"
    );
}

#[test]
fn check_finds_every_tally_that_differs_and_names_whose_it_is() {
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
    let done = run(on(&database, &["check"]));
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let lines: Vec<_> = done.stdout.lines().collect();
    assert!(
        lines[0].starts_with(&format!("film {slug}: kept {{")),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with(&format!("critic {critic}: kept no tally, recounted {{")),
        "{lines:?}"
    );
    assert_eq!(lines[2], "tallies that differ from a recount: 2");
    assert_eq!(lines.len(), 3);
}

#[test]
fn check_of_a_database_without_the_schema_says_how_to_apply_it() {
    let done = run(on(&bare(), &["check"]));
    assert!(done.error().contains("marquee migrate up"), "{done:?}");
}

#[test]
fn schema_prints_the_schema_and_needs_no_database() {
    let mut command = marquee(&["schema"]);
    command.env("DATABASE_URL", "postgres://127.0.0.1:1/nothing");
    let sdl = run(command).output();
    assert!(sdl.contains("type Query"), "{sdl}");
    assert!(sdl.contains("scoreDistribution("));
    assert!(sdl.ends_with("}\n"), "{:?}", &sdl[sdl.len() - 20..]);
}

/// The status of a pipe is its last command's, so only what is told on standard error counts.
#[test]
fn a_reader_that_ends_early_gets_no_panic_and_leaves_no_postgresql_behind() {
    let program = env!("CARGO_BIN_EXE_marquee");
    let dir = DataDir::made();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("'{program}' check --data-dir=\"$0\" | true")]);
    shell.arg(dir.path());
    clean(&mut shell);
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
fn the_address_of_a_database_works_as_a_flag_and_as_a_variable() {
    let dir = DataDir::made();
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
    // The other server has nothing to stop: this PostgreSQL is not its own.
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn the_demo_catalogue_is_never_loaded_into_a_database_of_the_sites_own() {
    let database = bare();
    let mut command = marquee(&["serve", "--listen=127.0.0.1:0", "--workers=1", "--demo"]);
    command.args(["--database-url", &url(&database.options())]);
    let server = Program::ready(command);
    assert_eq!(server.titles()["films"]["totalCount"], 0);
    assert_eq!(server.stop().status.code(), Some(0));
}

/// What `check` says over an address.
fn at(url: &str) -> Done {
    let mut command = marquee(&["check"]);
    command.env("DATABASE_URL", url);
    let done = run(command);
    assert!(!done.stderr.contains("hunter2"), "{done:?}");
    done.error();
    done
}

#[test]
fn a_database_that_does_not_answer_is_told_without_its_password() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    for url in [
        format!("postgres://site:hunter2@{address}/reviews"),
        "postgres://site:hunter2@marquee.invalid/reviews".to_owned(),
        "postgres://site:hunter2@%2Fnowhere/reviews".to_owned(),
        format!("postgres://site:hunter2@{address}/reviews?sslmode=require"),
    ] {
        let done = at(&url);
        assert!(
            done.error().contains("can't connect to the database"),
            "{url}: {done:?}"
        );
    }
}

#[test]
fn a_database_that_accepts_and_never_answers_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let before = Instant::now();
    let done = at(&format!("postgres://site:hunter2@{address}/reviews"));
    assert!(done.error().contains("can't connect"), "{done:?}");
    assert!(before.elapsed().as_secs() < 30);
}

#[test]
fn an_address_that_is_none_is_told_with_what_one_looks_like() {
    for url in [
        "hunter2",
        "mysql://site:hunter2@localhost/reviews",
        "postgres://site:hunter2@localhost:port/reviews",
        "",
    ] {
        let done = at(url);
        assert!(
            done.error().contains("postgres://user:password@host"),
            "{url}: {done:?}"
        );
    }
}

#[test]
fn a_server_and_a_database_that_is_not_there_yet_fail_in_one_line() {
    let database = bare();
    let url = format!("{}_of_nobody", url(&database.options()));
    let done = at(&url);
    assert!(done.error().contains("_of_nobody"), "{done:?}");
    let mut command = marquee(&["serve", "--listen=127.0.0.1:0"]);
    command.args(["--database-url", &url]);
    let done = run(command);
    assert!(done.error().contains("_of_nobody"), "{done:?}");
}

#[test]
fn a_database_in_another_encoding_is_refused() {
    let dir = DataDir::made();
    let _server = dir.serve(&[]);
    dir.session()
        .execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let done = at(&dir.url().replace("%2Frun/marquee", "%2Frun/latin"));
    assert!(
        done.error()
            .contains("encoding is LATIN1, and Marquee needs UTF8"),
        "{done:?}"
    );
}

#[test]
fn a_command_line_that_is_wrong_ends_with_2_and_says_what_is_possible() {
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
fn two_commands_on_one_database_apply_the_schema_once() {
    let database = bare();
    let running: Vec<_> = (0..3)
        .map(|_| Program::start(on(&database, &["migrate", "up"]), None))
        .collect();
    let outputs: Vec<_> = running
        .into_iter()
        .map(|program| program.wait().output())
        .collect();
    let idle = outputs
        .iter()
        .filter(|output| *output == "nothing to apply\n");
    assert_eq!(idle.count(), 2, "{outputs:?}");
}
