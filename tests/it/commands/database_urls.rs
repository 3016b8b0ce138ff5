//! Commands on an external database.

use std::{net::TcpListener, time::Instant};

use super::{bare, command_on};
use crate::support::program::{CommandResult, DataDir, Program, Session, marquee, run, url};

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
    let result = run(command);
    assert!(!result.stderr.contains("hunter2"), "{result:?}");
    result.error();
    result
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
        let result = check_failure(&url);
        assert!(
            result.error().contains("can't connect to the database"),
            "{url}: {result:?}"
        );
    }
}

#[test]
fn connecting_to_an_unresponsive_database_times_out() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let before = Instant::now();
    let result = check_failure(&format!("postgres://site:hunter2@{address}/reviews"));
    assert!(result.error().contains("can't connect"), "{result:?}");
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
        let result = check_failure(url);
        assert!(
            result.error().contains("postgres://user:password@host"),
            "{url}: {result:?}"
        );
    }
}

#[test]
fn a_missing_database_is_reported_in_one_line() {
    let database = bare();
    let url = format!("{}_of_nobody", url(&database.options()));
    let result = check_failure(&url);
    assert!(result.error().contains("_of_nobody"), "{result:?}");
    let mut command = marquee(&["serve", "--listen=127.0.0.1:0"]);
    command.args(["--database-url", &url]);
    let result = run(command);
    assert!(result.error().contains("_of_nobody"), "{result:?}");
}

#[test]
fn a_database_of_another_encoding_is_rejected() {
    let dir = DataDir::migrated();
    let _server = dir.serve(&[]);
    dir.session()
        .execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let result = check_failure(&dir.url().replace("%2Frun/marquee", "%2Frun/latin"));
    assert!(
        result
            .error()
            .contains("encoding is LATIN1, and Marquee needs UTF8"),
        "{result:?}"
    );
}

#[test]
fn a_postgresql_without_icu_is_rejected_before_it_is_migrated() {
    let database = bare();
    let session = Session::open(&database.options());
    session.execute("DELETE FROM pg_collation WHERE collname = 'und-x-icu'");
    for arguments in [&["migrate", "up"][..], &["serve", "--listen=127.0.0.1:0"]] {
        let result = run(command_on(&database, arguments));
        assert!(result.error().contains("built with ICU"), "{result:?}");
    }
    let tables =
        "SELECT count(*)::text AS value FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(session.value(tables), "0");
}

#[test]
fn a_misspelt_parameter_is_an_error_and_its_value_is_not_shown() {
    let dir = DataDir::migrated();
    let _server = dir.serve(&[]);
    for (parameter, part) in [
        ("sslmod=hunter2", "did you mean \"sslmode\"?"),
        ("sslpassword=hunter2", "decrypt the file of `sslkey`"),
        ("target_session_attrs=hunter2", "follows the primary"),
    ] {
        let result = check_failure(&format!("{}?{parameter}", dir.url()));
        assert!(result.error().contains(part), "{result:?}");
    }
    let mut command = marquee(&["check"]);
    command.env("DATABASE_URL", format!("{}?connect_timeout=5", dir.url()));
    let result = run(command);
    assert!(
        result.stderr.contains("parameters=\"connect_timeout\""),
        "{result:?}"
    );
    assert_eq!(result.output(), "every tally equals a recount\n");
}

#[test]
fn an_ipv6_address_in_brackets_is_connected_to() {
    let Ok(silent) = TcpListener::bind("[::1]:0") else {
        eprintln!("this machine has no IPv6");
        return;
    };
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://site:hunter2@[::1]:{port}/reviews?sslmode=disable");
    let check = std::thread::spawn(move || check_failure(&url));
    // Nothing but the program connects to this port.
    drop(silent.accept().unwrap());
    assert!(check.join().unwrap().error().contains("can't connect"));
}

#[test]
fn misspelt_variables_are_not_ignored() {
    let mut command = marquee(&["check"]);
    command.env("DATABASE_URL", "postgres://localhost/reviews");
    command.env("PGSSLMODE", "requir");
    let result = run(command);
    assert!(result.error().contains("PGSSLMODE"), "{result:?}");
}
