//! The response headers of every route.

use marquee::access::Role;
use reqwest::{Client, Method, Response, redirect::Policy};

use super::*;

const EMPTY_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Every route, with a request and the status of its response.
const ROUTES: [(&str, &str, u16); 24] = [
    ("GET", "/", 303),
    ("GET", "/graphql?query={__typename}", 200),
    ("GET", "/graphql", 400),
    ("POST", "/graphql", 415),
    ("PUT", "/graphql", 405),
    ("DELETE", "/graphql", 405),
    ("GET", "/schema.graphql", 200),
    ("HEAD", "/schema.graphql", 200),
    ("POST", "/schema.graphql", 405),
    ("GET", "/health/live", 200),
    ("GET", "/health/ready", 200),
    ("POST", "/health/ready", 405),
    ("GET", "/playground", 200),
    ("GET", "/playground/", 303),
    ("GET", "/playground/playground.js", 200),
    ("GET", "/playground/playground.css", 200),
    ("GET", "/playground/favicon.svg", 200),
    ("GET", "/playground/graphiql.min.js", 200),
    ("GET", "/playground/graphiql.css", 200),
    ("GET", "/playground/react.production.min.js", 200),
    ("GET", "/playground/react-dom.production.min.js", 200),
    ("GET", "/playground/licences.txt", 200),
    ("GET", "/playground/nothing", 404),
    ("GET", "/nothing", 404),
];

async fn send(server: &TestServer, method: &str, path: &str, token: Option<&str>) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client.request(method, server.url(path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

fn header_value<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    let value = response.headers().get(name)?;
    Some(value.to_str().unwrap())
}

#[tokio::test]
async fn every_route_has_the_headers_whatever_its_status() {
    let server = server(&["--allowed-origin=https://films.example"]).await;
    for (method, path, status) in ROUTES {
        let response = send(&server, method, path, None).await;
        let request_line = format!("{method} {path}");
        assert_eq!(response.status().as_u16(), status, "{request_line}");
        assert_eq!(
            header_value(&response, "x-content-type-options"),
            Some("nosniff"),
            "{request_line}"
        );
        assert_eq!(
            header_value(&response, "referrer-policy"),
            Some("no-referrer"),
            "{request_line}"
        );
        let embedding = header_value(&response, "cross-origin-resource-policy");
        assert_eq!(embedding, Some("same-origin"), "{request_line}");
        assert_eq!(
            header_value(&response, "strict-transport-security"),
            None,
            "{request_line}"
        );
        let policy = header_value(&response, "content-security-policy").unwrap();
        let is_page = path.starts_with("/playground") && status == 200;
        assert_eq!(policy != EMPTY_POLICY, is_page, "{request_line}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{request_line}: {policy}"
        );
    }
}

#[tokio::test]
async fn rejected_cors_requests_and_handshakes_have_the_headers_too() {
    let server = server(&["--allowed-origin=https://films.example"]).await;
    let handshake = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("origin", "https://evil.example"),
    ];
    let preflight = |origin| {
        [
            ("origin", origin),
            ("access-control-request-method", "POST"),
        ]
    };
    let [good, bad] = ["https://films.example", "https://evil.example"].map(preflight);
    for (method, headers, status) in [
        (Method::OPTIONS, &good[..], 200),
        (Method::OPTIONS, &bad, 400),
        (Method::GET, &handshake, 403),
    ] {
        let mut request = server.client().request(method, server.url("/graphql"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(
            header_value(&response, "content-security-policy"),
            Some(EMPTY_POLICY)
        );
        let embedding = header_value(&response, "cross-origin-resource-policy");
        assert_eq!(embedding, Some("same-origin"));
    }
}

#[tokio::test]
async fn responses_to_mutations_or_with_credentials_are_not_stored() {
    let server = server(&[]).await;
    let token = server.database.token(Role::Editor, None).await;
    for (method, path, token, stored) in [
        ("GET", "/graphql?query={__typename}", None, true),
        ("GET", "/graphql?query={__typename}", Some(&*token), false),
        ("GET", "/schema.graphql", Some(&*token), false),
        ("GET", "/graphql?query={__typename}", Some("bad"), false),
        ("POST", "/graphql", None, false),
    ] {
        let response = send(&server, method, path, token).await;
        let cache = header_value(&response, "cache-control");
        assert_eq!(cache != Some("no-store"), stored, "{method} {path}");
    }
}
