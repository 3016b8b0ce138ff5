//! Malformed bytes of strangers: counted, and logged with the address at the level `debug`.

use std::{
    io::{Read, Write},
    net::TcpStream as Plain,
};

use super::{tls::Files, *};
use crate::support::program::{DataDir, Program};

/// Sends bytes and reads until the server closes the connection. Returns the address of the client.
fn send(server: SocketAddr, bytes: &[u8]) -> SocketAddr {
    let mut client = Plain::connect(server).unwrap();
    client.set_read_timeout(Some(TIMEOUT)).unwrap();
    // The server may close the connection before it has read everything.
    let _ = client.write_all(bytes);
    let address = client.local_addr().unwrap();
    let _ = client.read_to_end(&mut Vec::new());
    address
}

/// The begin of a TLS handshake.
const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\x00\x00\x00\x00\r\n\r\n";

fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let large = |name: &str| {
        format!(
            "GET /{name} HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "x".repeat(200_000)
        )
    };
    vec![
        ("http/1.1", CLIENT_HELLO.to_vec()),
        ("http/1.1", b"\0\0\0\0\r\n\r\n".to_vec()),
        ("http/1.1", b"GET\r\n\r\n".to_vec()),
        ("http/1.1", b"GET / HTTP/9.9\r\n\r\n".to_vec()),
        ("http/1.1", b"GET / HTTP/1.1\r\nBad Header\r\n\r\n".to_vec()),
        (
            "http/1.1",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n".to_vec(),
        ),
        ("http/1.1", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
        ("http/1.1", large("headers").into_bytes()),
        (
            "http/1.1",
            format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(200_000)).into_bytes(),
        ),
        (
            "http/2",
            [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0xff; 64][..]].concat(),
        ),
    ]
}

/// Returns the lines of a log with this level.
fn lines<'l>(log: &'l str, level: &str) -> Vec<&'l str> {
    let level = format!(" {level} ");
    log.lines().filter(|line| line.contains(&level)).collect()
}

const MALFORMED: &str = "a client sent malformed bytes";

#[test]
fn malformed_bytes_are_counted_and_no_error() {
    let dir = DataDir::migrated();
    let mut command = dir.server(&[]);
    command.env("MARQUEE_LOG", "debug");
    let server = Program::ready(command);
    let address = server.address();
    let mut sent = Vec::new();
    for (protocol, bytes) in malformed() {
        sent.push((protocol, send(address, &bytes)));
    }
    // A client that only disconnects has sent nothing malformed.
    drop(Plain::connect(address).unwrap());
    let request = b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut client = Plain::connect(address).unwrap();
    client.write_all(request).unwrap();
    let mut metrics = String::new();
    client.read_to_string(&mut metrics).unwrap();
    for (protocol, count) in [("http/1.1", 9), ("http/2", 1), ("tls", 0)] {
        let sample =
            format!("marquee_malformed_connections_total{{protocol=\"{protocol}\"}} {count}\n");
        assert!(metrics.contains(&sample), "{sample}{metrics}");
    }
    let log = server.stop().stderr;
    assert_eq!(lines(&log, "ERROR"), [""; 0]);
    for (protocol, client) in sent {
        let mut lines = log.lines().filter(|line| line.contains(MALFORMED));
        let line = lines.find(|line| line.contains(&format!("client.address={client}")));
        let line = line.unwrap_or_else(|| panic!("{client} {protocol}\n{log}"));
        assert!(line.contains("DEBUG") && line.contains(protocol), "{line}");
    }
}

#[test]
fn without_debug_lines_malformed_bytes_leave_no_trace_in_the_log() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    for (_, bytes) in malformed() {
        send(server.address(), &bytes);
    }
    let log = server.stop().stderr;
    assert!(
        !log.contains(MALFORMED) && !log.contains("stream error"),
        "{log}"
    );
    assert_eq!(lines(&log, "ERROR"), [""; 0]);
}

#[test]
fn a_failed_handshake_is_counted_by_its_protocol() {
    let dir = DataDir::migrated();
    let (files, _) = Files::new();
    let arguments = files.arguments();
    let mut command = dir.server(&[&arguments[0], &arguments[1], "--metrics-listen=127.0.0.1:0"]);
    command.env("MARQUEE_LOG", "debug");
    let mut server = Program::start(command, None);
    let line = server.wait_for("ready: https://");
    let address = line.split("https://").nth(1).unwrap();
    let address: SocketAddr = address.split('/').next().unwrap().parse().unwrap();
    drop(Plain::connect(address).unwrap());
    let client = send(address, VALID_REQUEST);
    server.wait_for(&format!("client.address={client}"));
    let log = server.stop().stderr;
    let malformed: Vec<_> = log
        .lines()
        .filter(|line| line.contains(MALFORMED))
        .collect();
    assert_eq!(malformed.len(), 1, "{log}");
    assert!(malformed[0].contains("network.protocol=\"tls\""), "{log}");
    assert_eq!(lines(&log, "ERROR"), [""; 0]);
}
