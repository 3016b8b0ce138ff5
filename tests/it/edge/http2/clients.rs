//! Clients that choose a version of HTTP by themselves: a browser, HAProxy, and one without ALPN.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use super::*;
use crate::{
    clients::{add_reviews, run_with},
    proxies::free_address,
};

#[tokio::test]
async fn a_browser_has_more_event_streams_than_connections_of_http_1_1() {
    let (files, _) = Files::new();
    let [certificate, key] = files.arguments();
    let database = TestDatabase::demo().await;
    let server = TestServer::with_arguments(database, &[&certificate, &key]);
    let url = format!("https://localhost:{}", server.address().port());
    let arguments = ["http2.mjs", &url];
    tokio::select! {
        () = run_with(&arguments) => {}
        () = add_reviews(&server) => {}
    }
}

/// A process that is killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts an HAProxy that forwards to a server by HTTP/2 without TLS.
async fn haproxy(server: &TestServer, directory: &Path) -> (Process, SocketAddr) {
    let address = free_address();
    let settings = format!(
        "defaults\n  mode http\n  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n\
         listen marquee\n  bind {address}\n  server one {} proto h2\n",
        server.address()
    );
    let file = directory.join("haproxy.cfg");
    fs::write(&file, settings).unwrap();
    let program = ["/usr/sbin/haproxy", "haproxy"].map(Path::new);
    let program = program.iter().find(|program| program.exists());
    let mut command = Command::new(program.unwrap_or(&Path::new("haproxy")));
    command.arg("-db").arg("-f").arg(&file);
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let process = Process(process.expect("HAProxy is installed"));
    let begin = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        assert!(begin.elapsed() < TIMEOUT, "HAProxy does not listen");
        sleep(Duration::from_millis(20)).await;
    }
    (process, address)
}

#[tokio::test]
async fn haproxy_forwards_requests_and_event_streams_by_http_2() {
    let server = server(&["--connections-per-address=0"]).await;
    let directory = tempfile::tempdir().unwrap();
    let (_haproxy, address) = haproxy(&server, directory.path()).await;
    let url = format!("http://{address}/graphql");
    let send = |document: &str, accept: &str| {
        let request = server.client().post(&url).header("accept", accept);
        request.json(&json!({ "query": document })).send()
    };
    let mut streams = Vec::new();
    for _ in 0..20 {
        let response = send(SUBSCRIPTION, "text/event-stream").await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        streams.push(response);
    }
    for _ in 0..20 {
        let response = send("{ __typename }", "application/json").await.unwrap();
        let body: Value = response.json().await.unwrap();
        assert_eq!(body, json!({ "data": { "__typename": "Query" } }));
    }
    add_review(&server, "through a proxy").await;
    for mut stream in streams {
        let mut received = String::new();
        while !received.contains("through a proxy") {
            let part = timeout(TIMEOUT, stream.chunk()).await.unwrap().unwrap();
            received.push_str(&String::from_utf8_lossy(&part.expect("the stream goes on")));
        }
    }
}

#[tokio::test]
async fn a_client_without_alpn_gets_http_1_1() {
    let (files, certificate) = Files::new();
    let server = tls_server(&files, &[]).await;
    let mut stream = tls_stream(&server, &certificate, &[]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), None);
    stream.write_all(VALID_REQUEST).await.unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
}
