//! Handshakes that are refused: the response and the log name the cause and the setting, and the log is bounded.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;
use crate::support::program::{DataDir, Program};

/// The log line of a refusal.
const REFUSED: &str = "a WebSocket was refused";

/// A handshake without its request line and its headers for the connection.
const HANDSHAKE: &str = "Host: films.example\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n";

/// Sends a request, and returns the response until the server closes the connection.
async fn exchange(server: &Program, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.unwrap();
    String::from_utf8(response).unwrap()
}

/// Returns the log lines about refusals.
fn refusals(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains(REFUSED)).collect()
}

#[tokio::test]
async fn each_cause_is_in_the_response_and_once_in_the_log() {
    let dir = DataDir::migrated();
    let mut server = dir.serve(&["--log-format=json"]);
    for _ in 0..5 {
        let origin = [("origin", "https://shop.example")];
        let (status, body) = Socket::handshake(server.address(), &origin)
            .await
            .unwrap_err();
        assert_eq!(status, 403);
        for word in ["ORIGIN_NOT_ALLOWED", "--allowed-origin", "$http_host"] {
            assert!(body.contains(word), "{body}");
        }
        // nginx without `proxy_set_header Host` sends the name of the upstream, and with `$host` no port.
        let proxied = [
            ("origin", "https://films.example:8443"),
            ("host", "films.example"),
        ];
        let refused = Socket::handshake(server.address(), &proxied).await;
        assert_eq!(refused.unwrap_err().0, 403);
    }
    server.wait_for("films.example:8443");
    let log = server.stop().stderr;
    let lines = refusals(&log);
    assert_eq!(lines.len(), 2, "{log}");
    for (line, words) in lines.iter().zip([
        ["`https://shop.example`", "127.0.0.1:"],
        ["`https://films.example:8443`", "`films.example`"],
    ]) {
        let all = [
            "ORIGIN_NOT_ALLOWED",
            "--allowed-origin",
            "Host header",
            words[0],
            words[1],
        ];
        for word in all {
            assert!(line.contains(word), "{line}");
        }
    }
}

#[tokio::test]
async fn a_handshake_that_a_proxy_has_changed_names_the_headers() {
    let dir = DataDir::migrated();
    let mut server = dir.serve(&[]);
    for (version, headers) in [
        // A proxy removes headers of the connection unless its settings keep them.
        ("HTTP/1.1", "Connection: close\r\n"),
        ("HTTP/1.1", "Upgrade: websocket\r\nConnection: close\r\n"),
        ("HTTP/1.0", "Connection: close\r\n"),
        ("HTTP/1.0", ""),
    ] {
        let request = format!("GET /graphql {version}\r\n{HANDSHAKE}{headers}\r\n");
        let response = exchange(&server, &request).await;
        let status = response.split(' ').nth(1).unwrap();
        assert_eq!(status, "400", "{request}\n{response}");
        for word in ["BAD_REQUEST", "HTTP/1.1", "`Upgrade`", "proxy_set_header"] {
            assert!(response.contains(word), "{response}");
        }
    }
    server.wait_for("proxy_set_header");
    let log = server.stop().stderr;
    // One line for each header that is missing.
    assert_eq!(refusals(&log).len(), 2, "{log}");
}

#[tokio::test]
async fn a_limit_of_sockets_names_its_settings() {
    let dir = DataDir::migrated();
    let mut server = dir.serve(&["--sockets-per-address=1"]);
    let open = Socket::open(server.address()).await;
    for _ in 0..3 {
        let refused = Socket::handshake(server.address(), &[]).await;
        let (status, body) = refused.unwrap_err();
        assert_eq!(status, 429);
        for word in [
            "TOO_MANY_SOCKETS",
            "--sockets-per-address",
            "--trusted-proxy",
        ] {
            assert!(body.contains(word), "{body}");
        }
    }
    server.wait_for("--trusted-proxy");
    drop(open);
    let log = server.stop().stderr;
    assert_eq!(refusals(&log).len(), 1, "{log}");
}

#[tokio::test]
async fn a_flood_of_refusals_does_not_fill_the_log() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    for number in 0..100 {
        let origin = format!("https://{number}.example");
        let refused = Socket::handshake(server.address(), &[("origin", &origin)]).await;
        assert_eq!(refused.unwrap_err().0, 403);
    }
    let log = server.stop().stderr;
    assert_eq!(refusals(&log).len(), 20, "{log}");
    assert_eq!(
        log.matches("refused for further causes").count(),
        1,
        "{log}"
    );
}

#[tokio::test]
async fn a_refused_preflight_is_once_in_the_log() {
    for (arguments, origins) in [
        (
            &["--log-format=json"][..],
            ["https://a.example", "https://b.example"],
        ),
        (
            &[
                "--log-format=json",
                "--allowed-origin=https://films.example",
            ][..],
            ["https://a.example", "https://b.example"],
        ),
    ] {
        let dir = DataDir::migrated();
        let mut server = dir.serve(arguments);
        let preflight = |origin: &str| {
            format!(
                "OPTIONS /graphql HTTP/1.1\r\nHost: films.example\r\nOrigin: {origin}\r\n\
                 Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"
            )
        };
        for origin in [origins[0], origins[0], "https://films.example", origins[1]] {
            exchange(&server, &preflight(origin)).await;
        }
        server.wait_for(origins[1]);
        let log = server.stop().stderr;
        let lines: Vec<_> = log.lines().filter(|line| line.contains("(CORS)")).collect();
        // Without allowed origins, the third one is refused as well.
        assert_eq!(lines.len(), 2 + usize::from(arguments.len() == 1), "{log}");
        assert!(lines[0].contains(origins[0]), "{log}");
        assert!(lines[0].contains("--allowed-origin"), "{log}");
    }
}
