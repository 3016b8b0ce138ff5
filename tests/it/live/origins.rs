//! From where web pages may use the API, and what no web page can do unasked.

use reqwest::{Method, Response, header::HeaderMap};

use super::*;

const OURS: &str = "https://films.example";

async fn server() -> TestServer {
    let database = TestDatabase::empty().await;
    let allowed = format!("--allowed-origin={OURS},http://localhost:3000");
    TestServer::with(database, &[&allowed])
}

async fn handshake(server: &TestServer, origin: &str) -> Result<Socket, (u16, String)> {
    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("origin", origin),
    ];
    Socket::handshake(server.address(), &headers).await
}

#[tokio::test]
async fn a_socket_is_opened_by_pages_of_our_own_and_of_allowed_origins_only() {
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
    let open = TestServer::with(TestDatabase::empty().await, &["--allowed-origin=*"]);
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
async fn a_page_of_an_allowed_origin_may_send_tokens_and_read_answers_without_cookies() {
    let server = server().await;
    let asked = "authorization, content-type, accept, idempotency-key";
    let answer = preflight(&server, OURS, asked).await;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers();
    assert_eq!(header(headers, "access-control-allow-origin"), Some(OURS));
    assert_eq!(header(headers, "access-control-max-age"), Some("7200"));
    assert_eq!(header(headers, "access-control-allow-credentials"), None);
    let allowed = header(headers, "access-control-allow-headers")
        .unwrap()
        .to_lowercase();
    for name in asked.split(", ") {
        assert!(allowed.contains(name), "{allowed}");
    }
    let post = server
        .client()
        .post(server.url("/graphql"))
        .header("origin", OURS);
    let answer = post
        .json(&json!({"query": "{ __typename }"}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        header(answer.headers(), "access-control-allow-origin"),
        Some(OURS)
    );
    assert_eq!(
        header(answer.headers(), "access-control-allow-credentials"),
        None
    );
    let exposed = header(answer.headers(), "access-control-expose-headers").unwrap();
    assert!(
        exposed.contains("server-timing") && exposed.contains("www-authenticate"),
        "{exposed}"
    );
}

#[tokio::test]
async fn pages_of_other_origins_are_told_nothing_of_what_they_may() {
    for server in [server().await, TestServer::empty().await] {
        let answer = preflight(&server, "https://evil.example", "content-type").await;
        assert!(answer.status().is_client_error());
        assert_eq!(
            header(answer.headers(), "access-control-allow-origin"),
            None
        );
        let post = server
            .client()
            .post(server.url("/graphql"))
            .header("origin", "https://evil.example");
        let answer = post
            .json(&json!({"query": "{ __typename }"}))
            .send()
            .await
            .unwrap();
        assert_eq!(
            header(answer.headers(), "access-control-allow-origin"),
            None
        );
    }
    let server = server().await;
    let answer = preflight(&server, OURS, "x-other").await;
    assert!(answer.status().is_client_error());
}

#[tokio::test]
async fn any_origin_is_any_but_still_without_cookies() {
    let server = TestServer::with(TestDatabase::empty().await, &["--allowed-origin=*"]);
    let answer = preflight(&server, "https://whoever.example", "authorization").await;
    assert_eq!(
        header(answer.headers(), "access-control-allow-origin"),
        Some("*")
    );
    assert_eq!(
        header(answer.headers(), "access-control-allow-credentials"),
        None
    );
}

#[tokio::test]
async fn a_mutation_never_runs_by_what_a_page_can_send_unasked() {
    let server = server().await;
    let url = server.url("/graphql");
    let query = "query=mutation%7B__typename%7D";
    let client = server.client();
    for accept in ["application/json", "text/event-stream", "*/*"] {
        for method in [Method::GET, Method::HEAD] {
            let request = client.request(method, format!("{url}?{query}"));
            let answer = request.header("accept", accept).send().await.unwrap();
            assert_eq!(answer.status(), 405, "{accept}");
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
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 415, "{media_type:?} {accept}");
        }
    }
}
