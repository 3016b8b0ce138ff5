//! A proxy whose server goes away.

use std::time::{Duration, Instant};

use super::*;
use crate::support::postgres::Proxy;

#[test]
fn a_proxy_without_a_server_is_an_unavailable_database() {
    let mut postgres = Postgres::start(&[]);
    let proxy = Proxy::start(&postgres);
    let url = proxy.url();
    let token = editor(&postgres.url());
    let is_up = || {
        run(marquee(&["migrate", "status", "--database-url", &url]))
            .status
            .success()
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_up() {
        assert!(Instant::now() < deadline);
    }
    let server = Program::ready(marquee(&serve(&url, &["--answer-cache=0"])));
    add_film(&server, &token, "Ferry");
    postgres.crash();
    let read = json!({"query": "{ films { nodes { title } } }"});
    let write = json!({"query": "mutation { addFilm(input: {title: \"New\"}) { film { id } } }"});
    let began = Instant::now();
    // Before and after the proxy notices it.
    while began.elapsed() < Duration::from_secs(2) {
        let address = format!("http://{}/graphql", server.address());
        let response = Client::new().post(address).json(&read).send().unwrap();
        let status = response.status();
        let body: Value = response.json().unwrap();
        let code = &body["errors"][0]["extensions"]["code"];
        assert_eq!(
            (status.as_u16(), code),
            (503, &json!("UNAVAILABLE")),
            "{body}"
        );
    }
    let body = send(&server, &token, &write);
    let code = &body["errors"][0]["extensions"]["code"];
    assert_eq!(code, "UNAVAILABLE", "{body}");
    postgres.restart();
    let is_back = || send(&server, &token, &read)["data"]["films"]["nodes"][0]["title"] == "Ferry";
    let deadline = Instant::now() + Duration::from_secs(10);
    // Each worker finds out on its own.
    while !(0..10).all(|_| is_back()) {
        assert!(
            Instant::now() < deadline,
            "{}\n{}",
            server.log(),
            proxy.log()
        );
    }
    add_film(&server, &token, "New");
}
