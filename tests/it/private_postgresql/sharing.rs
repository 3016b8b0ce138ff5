//! Programs that share a data directory.

use std::thread;

use super::page;
use crate::support::program::{DataDir, Program, run};

#[test]
fn a_second_server_on_the_same_directory_is_rejected() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let result = run(dir.server(&[]));
    let error = result.error();
    assert!(
        error.contains(&format!("process {}", server.id())) && error.contains("--data-dir"),
        "{error}"
    );
    assert_eq!(server.titles(), titles);
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_server_that_cannot_bind_reports_it_and_stops_its_postgresql() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = DataDir::migrated();
    let result = run(dir.command(&["serve", "--listen", &address]));
    let error = result.error();
    assert!(
        error.contains(&address) && error.contains("--listen"),
        "{error}"
    );
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn commands_use_the_postgresql_of_a_running_server() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    let postmaster = dir.postmaster();
    let output = dir.run(&["check"]).output();
    assert_eq!(output, "every tally equals a recount\n");
    let output = dir
        .run(&["import", "page", &page(), "--title=Lamp"])
        .output();
    assert!(output.ends_with("stored\n"), "{output}");
    let output = dir.run(&["migrate", "status"]).output();
    assert!(
        output.lines().all(|line| line.starts_with("applied ")),
        "{output}"
    );
    assert_eq!(dir.postmaster(), postmaster);
    assert_eq!(server.titles()["films"]["nodes"][0]["title"], "Lamp");
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_command_that_outlives_the_server_stops_postgresql() {
    let dir = DataDir::migrated();
    // The server reads its index of reviews in the background, and would wait for the lock as well.
    let server = dir.serve(&["--demo", "--review-index=false"]);
    let session = dir.session();
    session.execute("BEGIN; LOCK TABLE review");
    let command = Program::start(dir.command(&["check"]), None);
    while dir.sql(
        "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted AND relation = 'review'::regclass",
    ) == "0"
    {
        thread::yield_now();
    }
    let result = server.stop();
    assert!(
        result
            .stderr
            .contains("leaving PostgreSQL running for the other process")
    );
    session.execute("COMMIT");
    drop(session);
    assert_eq!(command.wait().output(), "every tally equals a recount\n");
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_command_without_a_server_starts_postgresql_and_stops_it() {
    let dir = DataDir::new();
    let output = dir
        .run(&["import", "page", &page(), "--title=Lamp", "--create"])
        .output();
    assert!(output.ends_with("stored\n"), "{output}");
    assert_eq!(dir.processes(), [0; 0]);
    let output = dir.run(&["check"]).output();
    assert_eq!(output, "every tally equals a recount\n");
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn concurrent_commands_on_a_new_directory_all_succeed() {
    let dir = DataDir::new();
    let page = page();
    let commands: [&[&str]; 6] = [
        &["migrate", "up"],
        &["migrate", "status", "--create"],
        &["import", "page", &page, "--title=Lamp", "--create"],
        &["import", "page", &page, "--title=Lamp", "--create"],
        &["import", "page", &page, "--title=Wick", "--create"],
        &["migrate", "up"],
    ];
    let running: Vec<_> = commands
        .iter()
        .map(|arguments| Program::start(dir.command(arguments), None))
        .collect();
    for program in running {
        program.wait().output();
    }
    assert_eq!(dir.processes(), [0; 0]);
    let server = dir.serve(&[]);
    assert_eq!(server.titles()["films"]["totalCount"], 2);
}
