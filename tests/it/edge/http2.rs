//! HTTP/2: with TLS by ALPN, and without TLS by prior knowledge.

mod clients;
mod limits;
mod unread;

use std::{future::poll_fn, sync::Arc};

use h2::{
    Reason, RecvStream, SendStream,
    client::{self, ResponseFuture, SendRequest},
};
use http::{Request, Response};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use serde_json::json;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    tls::{Files, tls_server},
    *,
};
use crate::support::socket::Socket;

/// A connection of HTTP/2.
struct Connection {
    requests: SendRequest<Bytes>,
    /// Ends with the connection.
    driver: tokio::task::JoinHandle<Result<(), h2::Error>>,
}

type Bytes = actix_web::web::Bytes;

impl Connection {
    /// Opens a connection without TLS.
    async fn plain(server: &TestServer) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        Self::over(stream).await
    }

    /// Opens a connection with TLS.
    async fn encrypted(server: &TestServer, trusted: &CertificateDer<'static>) -> Self {
        let stream = tls_stream(server, trusted, &[b"h2", b"http/1.1"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        Self::over(stream).await
    }

    async fn over<T>(stream: T) -> Self
    where
        T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = client::Builder::new();
        builder
            .initial_window_size(64 << 10)
            // One stream that is not read must not use up the window of the others.
            .initial_connection_window_size(1 << 20);
        let (requests, connection) = builder.handshake(stream).await.unwrap();
        Self {
            requests,
            driver: tokio::spawn(connection),
        }
    }

    /// Sends the head of a request.
    async fn begin(&mut self, request: Request<()>, ends: bool) -> Sent {
        let requests = self.requests.clone();
        let mut requests = timeout(TIMEOUT, requests.ready()).await.unwrap().unwrap();
        let (response, body) = requests.send_request(request, ends).unwrap();
        self.requests = requests;
        Sent { response, body }
    }

    /// Sends a GraphQL request by POST.
    async fn send(&mut self, document: &str, accept: &str) -> Sent {
        let body = json!({ "query": document }).to_string();
        let mut sent = self.begin(post(accept), false).await;
        sent.body.send_data(body.into(), true).unwrap();
        sent
    }

    /// Sends a GraphQL request and returns its status and its body.
    async fn query(&mut self, document: &str) -> (u16, Value) {
        let sent = self.send(document, "application/json").await;
        let (head, body) = sent.response().await;
        let body = serde_json::from_slice(&read(body).await).unwrap();
        (head.status().as_u16(), body)
    }

    /// Waits until the server has closed the connection.
    async fn closed(self) -> Result<(), h2::Error> {
        let end = timeout(TIMEOUT, self.driver).await;
        end.expect("the connection ends before the timeout")
            .unwrap()
    }
}

/// Opens a TLS connection that trusts only this certificate, with these protocols in ALPN.
async fn tls_stream(
    server: &TestServer,
    trusted: &CertificateDer<'static>,
    protocols: &[&[u8]],
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await.unwrap()
}

/// A request whose response is awaited.
struct Sent {
    response: ResponseFuture,
    body: SendStream<Bytes>,
}

impl Sent {
    async fn response(self) -> (Response<()>, RecvStream) {
        let (head, body) = self.try_response().await.unwrap().into_parts();
        (Response::from_parts(head, ()), body)
    }

    async fn try_response(self) -> Result<Response<RecvStream>, h2::Error> {
        let response = timeout(TIMEOUT, self.response).await;
        response.expect("a response before the timeout")
    }
}

fn post(accept: &str) -> Request<()> {
    Request::post("https://localhost/graphql")
        .header("content-type", "application/json")
        .header("accept", accept)
        .body(())
        .unwrap()
}

/// Returns the next part of a body; `None` at its end.
async fn next_part(body: &mut RecvStream) -> Option<Result<Bytes, h2::Error>> {
    let part = timeout(TIMEOUT, poll_fn(|context| body.poll_data(context))).await;
    let part = part.expect("a part of the body before the timeout")?;
    Some(part.inspect(|part| {
        let _ = body.flow_control().release_capacity(part.len());
    }))
}

/// Reads a body to its end.
async fn read(mut body: RecvStream) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(part) = next_part(&mut body).await {
        whole.extend_from_slice(&part.unwrap());
    }
    whole
}

/// Reads an event stream until it has this text.
async fn read_until(body: &mut RecvStream, text: &str) {
    let mut received = String::new();
    while !received.contains(text) {
        let part = next_part(body).await.expect("the stream goes on").unwrap();
        received.push_str(&String::from_utf8_lossy(&part));
    }
}

const SUBSCRIPTION: &str = "subscription { reviewAdded { excerpt } }";

async fn add_review(server: &TestServer, excerpt: &str) {
    let add = format!(
        "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp') ON CONFLICT DO NOTHING;
        INSERT INTO review (film_id, excerpt) SELECT min(id), '{excerpt}' FROM film"
    );
    server.database.execute(&add).await;
}

async fn all_kinds_of_requests_are_answered(server: &TestServer, mut connection: Connection) {
    let typename = json!({ "data": { "__typename": "Query" } });
    assert_eq!(connection.query("{ __typename }").await, (200, typename));
    let (status, body) = connection.query("{").await;
    assert_eq!(
        (status, &body["errors"][0]["extensions"]["code"]),
        (200, &json!("SYNTAX_ERROR"))
    );
    let get = async |connection: &mut Connection, method: &str, path: &str| {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://localhost{path}"))
            .header("accept", "*/*");
        let sent = connection.begin(request.body(()).unwrap(), true).await;
        let (head, body) = sent.response().await;
        (head, read(body).await)
    };
    let (head, body) = get(&mut connection, "GET", "/schema.graphql").await;
    assert_eq!(body, marquee::graphql::schema::sdl().as_bytes());
    assert_eq!(head.headers()["content-length"], body.len().to_string());
    assert!(head.headers().contains_key("date") && head.headers().contains_key("x-request-id"));
    assert!(!head.headers().contains_key("connection"));
    let (head, body) = get(&mut connection, "HEAD", "/schema.graphql").await;
    assert_eq!((head.status().as_u16(), body.len()), (200, 0));
    let (head, _) = get(&mut connection, "GET", "/nothing").await;
    assert_eq!(head.status().as_u16(), 404);
    let (head, body) = get(&mut connection, "GET", "/graphql?query=%7B__typename%7D").await;
    assert_eq!(head.status().as_u16(), 200);
    assert!(head.headers().contains_key("etag"), "{body:?}");
    // More event streams at the same time than a browser has connections.
    let mut streams = Vec::new();
    for _ in 0..20 {
        let sent = connection.send(SUBSCRIPTION, "text/event-stream").await;
        let (head, body) = sent.response().await;
        assert_eq!(
            head.headers()["content-type"],
            "text/event-stream; charset=utf-8"
        );
        streams.push(body);
    }
    add_review(server, "over HTTP/2").await;
    for stream in &mut streams {
        read_until(stream, "over HTTP/2").await;
    }
    assert_eq!(connection.query("{ films { totalCount } }").await.0, 200);
}

#[tokio::test]
async fn with_tls_requests_and_many_event_streams_share_a_connection() {
    let (files, certificate) = Files::new();
    let server = tls_server(&files, &[]).await;
    let connection = Connection::encrypted(&server, &certificate).await;
    all_kinds_of_requests_are_answered(&server, connection).await;
}

#[tokio::test]
async fn a_proxy_uses_http_2_without_tls_on_the_same_port() {
    let server = server(&[]).await;
    let connection = Connection::plain(&server).await;
    all_kinds_of_requests_are_answered(&server, connection).await;
    // HTTP/1.1 and WebSockets still work there.
    assert_eq!(
        server
            .send(json!({ "query": "{ __typename }" }))
            .await
            .status,
        200
    );
    let mut socket = Socket::open(server.address()).await;
    socket.start("1", "{ __typename }").await;
    socket.next("1").await;
}

#[tokio::test]
async fn a_request_whose_host_differs_from_its_authority_is_reset() {
    let server = server(&[]).await;
    let mut connection = Connection::plain(&server).await;
    let mut begin = async |host: &'static str| {
        let request = Request::get("https://localhost/health/live").header("host", host);
        connection.begin(request.body(()).unwrap(), true).await
    };
    let differs = begin("films.example").await.try_response().await;
    let reason = differs.err().and_then(|error| error.reason());
    assert_eq!(reason, Some(Reason::PROTOCOL_ERROR));
    let (head, _) = begin("localhost").await.response().await;
    assert_eq!(head.status().as_u16(), 200);
}

#[tokio::test]
async fn event_streams_end_at_shutdown_even_if_nobody_reads_them() {
    let server = server(&[]).await;
    let mut connection = Connection::plain(&server).await;
    let [read, stuck] = [
        connection.send(SUBSCRIPTION, "text/event-stream").await,
        connection.send(SUBSCRIPTION, "text/event-stream").await,
    ]
    .map(Sent::response);
    let ((_, mut read), (_, stuck)) = (read.await, stuck.await);
    let fill = "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp');
        INSERT INTO review (film_id, excerpt) SELECT 1, repeat('x', 100000) FROM generate_series(1, 300)";
    server.database.execute(fill).await;
    read_until(&mut read, "xxxx").await;
    let begin = Instant::now();
    let stopped = server.handle().stop(true);
    while next_part(&mut read).await.is_some_and(|part| part.is_ok()) {}
    stopped.await;
    assert!(
        begin.elapsed() < Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
    drop(stuck);
}
