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
        let body: Value = serde_json::from_str(&body).unwrap();
        let error = &body["errors"][0];
        assert_eq!(error["extensions"]["code"], "ORIGIN_NOT_ALLOWED");
        // The message names both headers, or says what the origin null means.
        let message = error["message"].as_str().unwrap();
        let (origin, host) = (format!("`{bad}`"), format!("`{}`", server.address()));
        let is_complete = if bad == "null" {
            message.contains("a sandboxed frame") && message.contains("--allowed-origin null")
        } else {
            message.contains(&origin) && message.contains(&host)
        };
        assert!(is_complete, "{message}");
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
    for name in [
        "etag",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "server-timing",
        "www-authenticate",
        "x-request-id",
    ] {
        assert!(
            exposed.split(", ").any(|one| one == name),
            "{name}: {exposed}"
        );
    }
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
}

/// What tracing libraries, GraphQL clients and front ends add to requests.
const HEADERS: &str = "accept,accept-language,apollo-require-preflight,apollographql-client-name,\
    apollographql-client-version,authorization,b3,baggage,cache-control,content-type,graphql-client-name,\
    graphql-client-version,graphql-require-preflight,idempotency-key,last-event-id,newrelic,pragma,request-id,\
    sentry-trace,traceparent,tracestate,uber-trace-id,x-apollo-operation-id,x-apollo-operation-name,\
    x-apollo-operation-type,x-amzn-trace-id,x-b3-sampled,x-b3-spanid,x-b3-traceid,x-cloud-trace-context,x-csrf-token,\
    x-datadog-origin,x-datadog-parent-id,x-datadog-sampling-priority,x-datadog-trace-id,\
    x-graphql-event-stream-token,x-request-id,x-requested-with";

#[tokio::test]
async fn an_allowed_origin_may_send_the_headers_of_tracing_and_clients() {
    let any = TestServer::with_arguments(TestDatabase::empty().await, &["--allowed-origin=*"]);
    let listed = server().await;
    let each = HEADERS.split(',').chain([HEADERS]);
    for headers in each {
        for (server, allowed) in [(&any, "*"), (&listed, OURS)] {
            let response = preflight(server, OURS, headers).await;
            assert!(response.status().is_success(), "{headers}");
            let origin = header(response.headers(), "access-control-allow-origin");
            assert_eq!(origin, Some(allowed), "{headers}");
            let names = header(response.headers(), "access-control-allow-headers");
            assert_eq!(names, Some(headers));
        }
        let other = preflight(&listed, "https://evil.example", headers).await;
        assert!(other.status().is_client_error(), "{headers}");
        for name in [
            "access-control-allow-origin",
            "access-control-allow-headers",
        ] {
            assert_eq!(header(other.headers(), name), None, "{headers}");
        }
    }
}

#[tokio::test]
async fn apps_subdomains_and_null_are_allowed_by_cors_and_for_sockets() {
    let apps = [
        "app://localhost",
        "capacitor://localhost",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "ionic://localhost",
        "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
        "tauri://localhost",
        "vscode-webview://0f3kq9c1qvds2t8k1l0",
    ];
    let mut cases: Vec<_> = apps.map(|app| (app, app, "http://localhost")).into();
    cases.extend([
        (
            "https://*.films.example",
            "https://www.films.example",
            "https://films.example",
        ),
        (
            "https://*.films.example",
            "https://a.b.films.example",
            "https://evilfilms.example",
        ),
        ("null", "null", "https://null"),
    ]);
    for (allowed, good, bad) in cases {
        let argument = format!("--allowed-origin={allowed}");
        let server = TestServer::with_arguments(TestDatabase::empty().await, &[&argument]);
        assert!(handshake(&server, good).await.is_ok(), "{allowed} {good}");
        let response = preflight(&server, good, "content-type,sentry-trace").await;
        assert!(response.status().is_success(), "{allowed} {good}");
        let origin = header(response.headers(), "access-control-allow-origin");
        assert_eq!(origin, Some(good), "{allowed}");
        assert_eq!(
            handshake(&server, bad).await.unwrap_err().0,
            403,
            "{allowed} {bad}"
        );
        let response = preflight(&server, bad, "content-type").await;
        let origin = header(response.headers(), "access-control-allow-origin");
        assert_eq!(origin, None, "{allowed} {bad}");
    }
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
            // The response to a HEAD is never an event stream.
            let is_acceptable = (&method, accept) != (&Method::HEAD, "text/event-stream");
            let request = client.request(method, format!("{url}?{query}"));
            let response = request.header("accept", accept).send().await.unwrap();
            let expected = if is_acceptable { 405 } else { 406 };
            assert_eq!(response.status(), expected, "{accept}");
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
