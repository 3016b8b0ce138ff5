//! Requests as clients, browsers and proxies write them.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{client, client::IntoClientRequest, http::HeaderValue};

use super::{GRAPHQL, code, post};
use crate::support::{TestServer, socket::Socket};

const REQUEST: &str = r#"{"query": "{ __typename }"}"#;

fn data() -> Value {
    json!({ "data": { "__typename": "Query" } })
}

async fn executes(server: &TestServer, accept: &str, content_type: &str, body: Vec<u8>) {
    let response = post(server, accept, content_type, body).await;
    assert_eq!(response.status().as_u16(), 200, "{accept} {content_type}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, data(), "{accept} {content_type}");
}

#[tokio::test]
async fn a_content_type_is_read_in_every_usual_form() {
    let server = TestServer::empty().await;
    for content_type in [
        "application/json; charset=utf8",
        "application/json; charset=UTF8",
        "application/json;charset=us-ascii",
        "application/json ;charset=utf-8",
        "Application/Json ; Charset=\"UTF-8\"",
    ] {
        executes(&server, GRAPHQL, content_type, REQUEST.into()).await;
    }
    let response = post(&server, GRAPHQL, "application/json; charset=utf-16", "{}").await;
    assert_eq!(
        code(response).await,
        (415, "UNSUPPORTED_MEDIA_TYPE".to_owned())
    );
}

#[tokio::test]
async fn what_cannot_be_read_of_accept_is_skipped() {
    let server = TestServer::empty().await;
    for accept in [
        "application/json ;q=1.000",
        "application/graphql-response+json;q=, application/json",
        "json, application/json;charset=utf-8",
        "*",
        ",,",
        "text/x; a=\",\", APPLICATION/JSON",
        "",
    ] {
        executes(&server, accept, "application/json", REQUEST.into()).await;
    }
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped_and_utf_16_rejected_in_words() {
    let server = TestServer::empty().await;
    let marked = format!("\u{feff}{REQUEST}");
    executes(&server, GRAPHQL, "application/json", marked.into()).await;
    let utf_16: Vec<u8> = marked_utf_16();
    let response = post(&server, GRAPHQL, "application/json", utf_16).await;
    assert_eq!(response.status().as_u16(), 400);
    let body: Value = response.json().await.unwrap();
    let message = body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("UTF-16"), "{message}");
    let document = json!({ "query": "\u{feff}{ __typename }" }).to_string();
    executes(&server, GRAPHQL, "application/json", document.into()).await;
    let url = reqwest::Url::parse_with_params(
        &server.url("/graphql"),
        [("query", "{ __typename }"), ("variables", "\u{feff}{}")],
    );
    let response = server.client().get(url.unwrap()).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), data());
    let mut socket = Socket::open(server.address()).await;
    let payload = json!({ "query": "{ __typename }" });
    let message = json!({ "type": "subscribe", "id": "1", "payload": payload });
    socket.send_text(&format!("\u{feff}{message}")).await;
    assert_eq!(socket.next("1").await, data()["data"]);
}

fn marked_utf_16() -> Vec<u8> {
    let text = format!("\u{feff}{REQUEST}");
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn an_array_in_the_place_of_an_object_is_rejected() {
    let server = TestServer::empty().await;
    for body in [
        r#"["query Op { __typename }", "Op", null, null, null, null, null]"#,
        r#"[{"query": "{ __typename }"}]"#,
        r#"{"query": "{ __typename }", "extensions": {"persistedQuery": [1, "hash"]}}"#,
        r#"{"query": "{ __typename }", "extensions": []}"#,
        r#"{"query": "{ __typename }", "variables": [[]]}"#,
    ] {
        let response = post(&server, GRAPHQL, "application/json", body).await;
        assert_eq!(
            code(response).await,
            (400, "BAD_REQUEST".to_owned()),
            "{body}"
        );
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

async fn post_encoded(server: &TestServer, encoding: &str, body: Vec<u8>) -> reqwest::Response {
    let request = server.client().post(server.url("/graphql"));
    request
        .header("accept", GRAPHQL)
        .header("content-type", "application/json")
        .header("content-encoding", encoding)
        .body(body)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn compressed_bodies_are_read_within_the_limit_of_a_body() {
    let server = TestServer::empty().await;
    let zstd = zstd::stream::encode_all(REQUEST.as_bytes(), 3).unwrap();
    for (encoding, body) in [
        ("gzip", gzip(REQUEST.as_bytes())),
        ("zstd", zstd),
        ("identity", REQUEST.into()),
    ] {
        let response = post_encoded(&server, encoding, body).await;
        assert_eq!(
            response.json::<Value>().await.unwrap(),
            data(),
            "{encoding}"
        );
    }
    let bomb = gzip(&vec![b' '; 100 << 20]);
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let response = post_encoded(&server, "gzip", bomb).await;
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(code(response).await, (413, "BODY_TOO_LARGE".to_owned()));
    let response = post_encoded(&server, "compress", REQUEST.into()).await;
    let accepted = response.headers()["accept-encoding"].clone();
    assert_eq!(accepted, "gzip, deflate, br, zstd");
    let rejected = code(response).await;
    assert_eq!(rejected, (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()));
    let response = post_encoded(&server, "gzip", REQUEST.into()).await;
    assert_eq!(code(response).await, (400, "BAD_REQUEST".to_owned()));
}

#[tokio::test]
async fn the_response_to_head_is_that_to_get_without_its_body() {
    let server = TestServer::demo().await;
    let send = async |method: Method, path: &str| {
        let request = server.client().request(method, server.url(path));
        let response = request.header("accept", GRAPHQL).send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap())
    };
    for (path, status) in [
        ("/graphql?query=%7Bfilms%7BtotalCount%7D%7D", 200),
        ("/graphql/?query=%7B__typename%7D", 200),
        ("/graphql?query=%7Bnothing%7D", 400),
        ("/graphql?query=mutation%7B__typename%7D", 405),
        ("/graphql", 400),
        ("/schema.graphql", 200),
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/playground", 200),
        ("/metrics", 200),
        ("/nothing", 404),
    ] {
        let (get, get_headers, _) = send(Method::GET, path).await;
        let (head, head_headers, body) = send(Method::HEAD, path).await;
        assert_eq!((get.as_u16(), head.as_u16()), (status, status), "{path}");
        assert_eq!(body.len(), 0, "{path}");
        for name in ["content-type", "etag", "cache-control", "vary", "allow"] {
            assert_eq!(
                get_headers.get(name),
                head_headers.get(name),
                "{path} {name}"
            );
        }
    }
    // Nothing streams to a client that reads only headers.
    let stream = server
        .client()
        .head(server.url("/graphql?query=subscription%7BreviewAdded%7Bid%7D%7D"))
        .header("accept", "text/event-stream");
    let rejected = stream.send().await.unwrap();
    assert_eq!(rejected.status().as_u16(), 406);
    // `Allow` would name a method that is not the cause.
    assert_eq!(rejected.headers().get("allow"), None);
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_changes_nothing() {
    let server = TestServer::empty().await;
    let response = server
        .client()
        .post(server.url("/graphql/"))
        .json(&json!({ "query": "{ __typename }" }));
    let response = response.send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), data());
    for path in [
        "/graphql/?query=%7B__typename%7D",
        "/schema.graphql/",
        "/health/live/",
        "/health/ready/",
        "/metrics/",
        "/playground/",
    ] {
        let response = server.client().get(server.url(path)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
    }
    let address = server.address();
    let opened = tokio::task::spawn_blocking(move || {
        let stream = std::net::TcpStream::connect(address).unwrap();
        let url = format!("ws://{address}/graphql/");
        let mut request = url.into_client_request().unwrap();
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (_, response) = client(request, stream).unwrap();
        response.status().as_u16()
    });
    assert_eq!(opened.await.unwrap(), 101);
}

#[tokio::test]
async fn a_browser_that_opens_the_endpoint_is_shown_the_playground() {
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let server = TestServer::empty().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let open = async |path: &str, accept: &str| {
        let request = client.get(server.url(path)).header("accept", accept);
        let response = request.send().await.unwrap();
        let location = response.headers().get("location");
        let location = location.map(|location| location.to_str().unwrap().to_owned());
        (response.status().as_u16(), location)
    };
    for (path, location) in [
        ("/", "playground"),
        ("/graphql", "playground"),
        ("/graphql/", "../playground"),
        ("/playground/", "../playground"),
    ] {
        let expected = (303, Some(location.to_owned()));
        assert_eq!(open(path, BROWSER).await, expected, "{path}");
    }
    let query = "/graphql?query=%7B__typename%7D";
    assert_eq!(open(query, BROWSER).await, (200, None));
    for accept in [
        "*/*",
        "application/json",
        GRAPHQL,
        "application/json, text/html",
    ] {
        assert_eq!(open("/graphql", accept).await, (400, None), "{accept}");
    }
    let page = server.client().get(server.url("/graphql"));
    let page = page.header("accept", BROWSER).send().await.unwrap();
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("<title>Marquee playground")
    );
}
