//! The private PostgreSQL of the program: start, stop, crashes, and errors.

mod errors;
mod locations;
mod recovery;
mod sharing;
mod shutdown;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{
    program::{DataDir, Program},
    root,
};

/// Returns the path of the page of five reviews in invented words.
fn page() -> String {
    let path = root().join("tests/it/fixtures/lamp.txt");
    path.to_str().unwrap().to_owned()
}

fn end(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).unwrap();
}

#[test]
fn the_first_start_creates_the_cluster_and_the_next_one_uses_it() {
    let dir = DataDir::new();
    let first = dir.serve(&["--demo"]);
    let titles = first.titles();
    assert!(titles["films"]["totalCount"].as_u64().unwrap() > 0);
    let result = first.stop();
    assert_eq!(result.status.code(), Some(0), "{result:?}");
    assert!(result.stderr.contains("creating a private PostgreSQL"));

    let second = dir.serve(&["--demo"]);
    assert_eq!(second.titles(), titles);
    let result = second.stop();
    for once in [
        "creating a private",
        "applied a migration",
        "loaded the demo",
    ] {
        assert!(!result.stderr.contains(once), "{}", result.stderr);
    }
}

#[test]
fn it_listens_on_no_port_is_durable_and_stops_with_the_server() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    for (setting, expected) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("server_encoding", "UTF8"),
    ] {
        let value = dir.sql(&format!("SELECT current_setting('{setting}') AS value"));
        assert_eq!(value, expected, "{setting}");
    }
    assert!(!dir.processes().is_empty());
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
    assert_eq!(dir.postmaster(), None);
}

#[test]
fn other_accounts_cannot_access_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let dir = DataDir::new();
    let _server = dir.serve(&[]);
    for name in ["run", "cluster"] {
        let mode = dir.path().join(name).metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o700, "{name}");
    }
}

#[test]
fn environment_settings_of_postgresql_are_ignored() {
    let dir = DataDir::migrated();
    let mut command = dir.server(&[]);
    command.envs([
        ("PGHOST", "elsewhere.invalid"),
        ("PGPORT", "1"),
        ("PGUSER", "somebody"),
        ("PGDATABASE", "something"),
        ("PGSSLMODE", "verify-full"),
        ("PGDATA", "/nowhere"),
        ("LC_ALL", "xx_XX.UTF-8"),
    ]);
    let server = Program::ready(command);
    assert_eq!(server.titles()["films"]["totalCount"], 0);
}
