//! Varnish, which purges by the tags of responses.

use std::{fs, process::Command};

use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use serde_json::Value;
use tokio::time::timeout;

use super::{Proxy, SLUG, TIMEOUT, documented, program, replaced};
use crate::support::{TestDatabase, TestServer, eventually};

const CHANNEL: &str = "marquee_stale";

async fn caching() -> (TestServer, Proxy) {
    let database = TestDatabase::demo().await;
    let server = TestServer::with_arguments(database, &["--max-age=60"]);
    let settings = documented("docs/caching.md", "vcl");
    let port = format!(".port = \"{}\"", server.address().port());
    let settings = replaced(&settings, ".port = \"8000\"", &port);
    let proxy = Proxy::start(|directory, address| {
        let file = directory.join("marquee.vcl");
        fs::write(&file, settings).unwrap();
        let mut command = Command::new(program("varnishd"));
        command.args(["-F", "-j", "none", "-s", "default,16m"]);
        command.args(["-a", &address.to_string(), "-f"]).arg(&file);
        command.arg("-n").arg(directory.join("state"));
        command
    })
    .await;
    (server, proxy)
}

impl Proxy {
    /// Sends a document by GET. Returns the data, and whether Varnish had stored the response.
    async fn get(&self, document: &str) -> (Value, bool) {
        let url = reqwest::Url::parse_with_params(&self.url("/graphql"), [("query", document)]);
        let response = self.client.get(url.unwrap()).send().await.unwrap();
        // Of a stored response, Varnish names the request that fetched it too.
        let requests = response.headers()["x-varnish"].to_str().unwrap().to_owned();
        assert_eq!(response.headers().get("surrogate-key"), None);
        let mut body: Value = response.json().await.unwrap();
        assert_eq!(body.get("errors"), None, "{document}");
        (body["data"].take(), requests.contains(' '))
    }

    async fn purge(&self, keys: &str) {
        let method = reqwest::Method::from_bytes(b"PURGE").unwrap();
        let request = self.client.request(method, self.url("/"));
        let response = request.header("xkey", keys).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
}

/// Returns what is purged for the next notification of a change: each tag and its letter.
async fn next_keys(listener: &mut PgListener) -> String {
    loop {
        let received = timeout(TIMEOUT, listener.recv()).await;
        let notification = received.expect("a change is notified").unwrap();
        let words = notification.payload().split(' ');
        // Servers use the others among themselves.
        let tags = words.filter(|word| !word.starts_with('!'));
        let keys: Vec<&str> = tags.flat_map(|tag| [tag, &tag[..1]]).collect();
        if !keys.is_empty() {
            return keys.join(" ");
        }
    }
}

#[tokio::test]
async fn varnish_purges_exactly_what_has_changed() {
    let (server, proxy) = caching().await;
    let film = format!("{{ film(by: {{slug: \"{SLUG}\"}}) {{ title }} }}");
    let other = r#"{ film(by: {slug: "the-beige-hour-2020"}) { title } }"#;
    for document in [&*film, other] {
        let cached = async || proxy.get(document).await.1;
        eventually("Varnish stores the response", cached).await;
    }
    let before = proxy.get(&film).await.0;

    let options = PgPoolOptions::new().max_connections(1);
    let pool = options.connect_with(server.database.options()).await;
    let mut listener = PgListener::connect_with(&pool.unwrap()).await.unwrap();
    listener.listen(CHANNEL).await.unwrap();
    let change = format!("UPDATE film SET title = 'Changed' WHERE slug = '{SLUG}'");
    server
        .after_notification(|| server.database.execute(&change))
        .await;
    assert_eq!(proxy.get(&film).await, (before, true));
    proxy.purge(&next_keys(&mut listener).await).await;
    let (after, is_stored) = proxy.get(&film).await;
    assert_eq!(
        (&after["film"]["title"], is_stored),
        (&"Changed".into(), false)
    );
    assert!(proxy.get(other).await.1, "nothing else is purged");

    proxy.purge("*").await;
    assert!(!proxy.get(other).await.1, "everything is purged");
}

#[tokio::test]
async fn varnish_passes_on_all_transports_and_stores_nothing_for_tokens() {
    let (server, proxy) = caching().await;
    proxy
        .assert_serves_all_transports(&server, "/graphql")
        .await;
    let token = server
        .database
        .token(marquee::access::Role::Editor, None)
        .await;
    for _ in 0..2 {
        let url = proxy.url("/graphql?query={viewer{role}}");
        let request = proxy.client.get(url).bearer_auth(&token);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(body["data"]["viewer"]["role"], "EDITOR");
        let (anonymous, _) = proxy.get("{viewer{role}}").await;
        assert_eq!(anonymous["viewer"]["role"], "ANONYMOUS");
    }
}
