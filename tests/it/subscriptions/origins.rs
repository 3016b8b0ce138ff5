//! CORS: the origins that may use the API, and requests that need no preflight.

use reqwest::{Method, Response, header::HeaderMap};

use super::*;

const OURS: &str = "https://films.example";

async fn server() -> TestServer {
    let database = TestDatabase::empty().await;
    let allowed = format!("--allowed-origin={OURS},http://localhost:3000");
    TestServer::with_arguments(database, &[&allowed])
}

async fn handshake(server: &TestServer, origin: &str) -> Result<Socket, (u16, String)> {
    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("origin", origin),
    ];
    Socket::handshake(server.address(), &headers).await
}

#[tokio::test]
async fn sockets_are_opened_by_same_origin_and_allowed_origins_only() {
    let server = server().await;
    let own = format!("http://{}", server.address());
    let own_by_tls = format!("https://{}", server.address());
    for good in [OURS, "http://localhost:3000", &own, &own_by_tls] {
        assert!(handshake(&server, good).await.is_ok(), "{good}");
    }
    let other_port = format!("http://{}:1", server.address().ip());
    for bad in [
        "https://evil.example",
        "http://films.example",
        "https://films.example:8443",
        "null",
        "",
        &other_port,
    ] {
        let (status, body) = handshake(&server, bad).await.unwrap_err();
        assert_eq!(status, 403, "{bad}");
        assert!(body.contains("ORIGIN_NOT_ALLOWED"), "{body}");
    }
    let closed = TestServer::empty().await;
    assert!(handshake(&closed, OURS).await.is_err());
    let open = TestServer::with_arguments(TestDatabase::empty().await, &["--allowed-origin=*"]);
    for any in ["https://evil.example", "null"] {
        assert!(handshake(&open, any).await.is_ok(), "{any}");
    }
}

async fn preflight(server: &TestServer, origin: &str, headers: &str) -> Response {
    server
        .client()
        .request(Method::OPTIONS, server.url("/graphql"))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", headers)
        .send()
        .await
        .unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn an_allowed_origin_may_send_tokens_but_no_cookies() {
    let server = server().await;
    let requested_headers = "authorization, content-type, accept, idempotency-key";
    let response = preflight(&server, OURS, requested_headers).await;
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert_eq!(header(headers, "access-control-allow-origin"), Some(OURS));
    assert_eq!(header(headers, "access-control-max-age"), Some("7200"));
    assert_eq!(header(headers, "access-control-allow-credentials"), None);
    let allowed = header(headers, "access-control-allow-headers")
        .unwrap()
        .to_lowercase();
    for name in requested_headers.split(", ") {
        assert!(allowed.contains(name), "{allowed}");
    }
    let post = server
        .client()
        .post(server.url("/graphql"))
        .header("origin", OURS);
    let response = post
        .json(&json!({"query": "{ __typename }"}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        header(response.headers(), "access-control-allow-origin"),
        Some(OURS)
    );
    assert_eq!(
        header(response.headers(), "access-control-allow-credentials"),
        None
    );
    let exposed = header(response.headers(), "access-control-expose-headers").unwrap();
    assert!(
        exposed.contains("server-timing") && exposed.contains("www-authenticate"),
        "{exposed}"
    );
}

#[tokio::test]
async fn other_origins_get_no_cors_headers() {
    for server in [server().await, TestServer::empty().await] {
        let response = preflight(&server, "https://evil.example", "content-type").await;
        assert!(response.status().is_client_error());
        assert_eq!(
            header(response.headers(), "access-control-allow-origin"),
            None
        );
        let post = server
            .client()
            .post(server.url("/graphql"))
            .header("origin", "https://evil.example");
        let response = post
            .json(&json!({"query": "{ __typename }"}))
            .send()
            .await
            .unwrap();
        assert_eq!(
            header(response.headers(), "access-control-allow-origin"),
            None
        );
    }
    let server = server().await;
    let response = preflight(&server, OURS, "x-other").await;
    assert!(response.status().is_client_error());
}

#[tokio::test]
async fn any_origin_may_be_allowed_but_without_cookies() {
    let server = TestServer::with_arguments(TestDatabase::empty().await, &["--allowed-origin=*"]);
    let response = preflight(&server, "https://whoever.example", "authorization").await;
    assert_eq!(
        header(response.headers(), "access-control-allow-origin"),
        Some("*")
    );
    assert_eq!(
        header(response.headers(), "access-control-allow-credentials"),
        None
    );
}

#[tokio::test]
async fn a_mutation_never_runs_without_a_preflight() {
    let server = server().await;
    let url = server.url("/graphql");
    let query = "query=mutation%7B__typename%7D";
    let client = server.client();
    for accept in ["application/json", "text/event-stream", "*/*"] {
        for method in [Method::GET, Method::HEAD] {
            let request = client.request(method, format!("{url}?{query}"));
            let response = request.header("accept", accept).send().await.unwrap();
            assert_eq!(response.status(), 405, "{accept}");
        }
        let json = "{\"query\":\"mutation { __typename }\"}";
        let multipart = "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n"
            .to_owned()
            + json
            + "\r\n--x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{}\r\n--x--\r\n";
        for (media_type, body) in [
            (Some("application/x-www-form-urlencoded"), query),
            (Some("text/plain"), json),
            (Some("text/plain; a=application/json"), json),
            (Some("multipart/form-data; boundary=x"), &*multipart),
            (Some("application/graphql"), "mutation { __typename }"),
            (None, json),
        ] {
            let mut request = client
                .post(&url)
                .header("accept", accept)
                .body(body.to_owned());
            if let Some(media_type) = media_type {
                request = request.header("content-type", media_type);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), 415, "{media_type:?} {accept}");
        }
    }
}
