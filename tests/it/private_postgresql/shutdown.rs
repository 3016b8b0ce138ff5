//! Shutdown of a server: running requests finish, and PostgreSQL stops too.

use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use crate::support::program::{DataDir, Program, data, request};

const DOCUMENT: &str = "{ films { totalCount } }";

fn a_request_under_way_finishes_at(signal: Signal) {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let expected = server.query(DOCUMENT);
    let bytes = request(DOCUMENT, "keep-alive");
    let (first, rest) = bytes.split_at(bytes.len() - 10);
    let mut stream = server.connect();
    stream.write_all(first).unwrap();
    // The server must have begun to read the request: connections in the backlog are dropped.
    thread::sleep(Duration::from_millis(200));
    server.signal(signal);
    thread::sleep(Duration::from_millis(300));
    stream.write_all(rest).unwrap();
    let response = read_answer(&mut stream);
    assert_eq!(data(&response), expected);
    let signalled = Instant::now();
    let result = server.wait();
    assert_eq!(result.status.code(), Some(0), "{result:?}");
    assert!(
        signalled.elapsed() < Duration::from_secs(10),
        "{:?}",
        signalled.elapsed()
    );
    assert_eq!(dir.processes(), [0; 0]);
}

/// Reads one response from a connection that may stay open.
fn read_answer(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let wanted = text.split_once("\r\n\r\n").and_then(|(head, body)| {
            let expected: usize = head
                .split_once("content-length: ")?
                .1
                .lines()
                .next()?
                .parse()
                .ok()?;
            Some(expected.saturating_sub(body.len()))
        });
        if length == 0 || wanted == Some(0) {
            return String::from_utf8(bytes).unwrap();
        }
    }
}

#[test]
fn a_running_request_finishes_at_sigterm() {
    a_request_under_way_finishes_at(Signal::SIGTERM);
}

#[test]
fn a_running_request_finishes_at_ctrl_c() {
    a_request_under_way_finishes_at(Signal::SIGINT);
}

#[test]
fn idle_connections_do_not_delay_shutdown() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    let mut streams: Vec<_> = (0..4).map(|_| server.connect()).collect();
    // Half of the connections have had a response and are kept alive; the others have sent nothing.
    for stream in &mut streams[..2] {
        stream.write_all(&request(DOCUMENT, "keep-alive")).unwrap();
        data(&read_answer(stream));
    }
    let before = Instant::now();
    let result = server.stop();
    assert_eq!(result.status.code(), Some(0), "{result:?}");
    assert!(
        before.elapsed() < Duration::from_secs(10),
        "{:?}",
        before.elapsed()
    );
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_second_signal_aborts_running_requests() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    let bytes = request(DOCUMENT, "keep-alive");
    let mut stream = server.connect();
    stream.write_all(&bytes[..bytes.len() - 10]).unwrap();
    thread::sleep(Duration::from_millis(200));
    let before = Instant::now();
    server.signal(Signal::SIGTERM);
    thread::sleep(Duration::from_millis(300));
    let result = server.stop();
    assert_eq!(result.status.code(), Some(0), "{result:?}");
    assert!(
        before.elapsed() < Duration::from_secs(5),
        "{:?}",
        before.elapsed()
    );
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn stopping_a_starting_server_stops_postgresql() {
    let dir = DataDir::new();
    let mut server = Program::start(dir.server(&["--demo"]), None);
    server.wait_for("creating a private PostgreSQL");
    while dir.postmaster().is_none() {
        thread::yield_now();
    }
    let result = server.stop();
    assert_eq!(result.status.code(), Some(0), "{result:?}");
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn stopping_a_command_stops_postgresql() {
    let dir = DataDir::migrated();
    let mut command = dir.command(&["import", "page", "/dev/stdin", "--title=Lamp"]);
    command.args(["--dry-run"]);
    let page = std::fs::read(super::page()).unwrap();
    let program = Program::start(command, Some(&page));
    while dir.postmaster().is_none() {
        thread::yield_now();
    }
    let result = program.stop();
    assert!(
        !result.status.success() || result.stdout.contains("dry run"),
        "{result:?}"
    );
    assert_eq!(dir.processes(), [0; 0]);
}
