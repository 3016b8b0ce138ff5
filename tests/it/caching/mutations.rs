//! Mutations and connections beside the caches.

use std::time::Duration;

use marquee::access::Role;
use serde_json::{Value, json};

use super::{film, id_of, with_caches};
use crate::support::{TestDatabase, TestServer};

/// A mutation's payload is at least as new as the data that the mutation checked. Of two concurrent updates, the one
/// that is rejected as stale shows the new version.
#[tokio::test]
async fn a_stale_update_shows_the_current_version() {
    let server = with_caches(TestDatabase::demo().await).await;
    let editor = server.database.token(Role::Editor, None).await;
    let slug = "the-lighthouse-tax-2019";
    let id = id_of(&server, slug).await;
    let version = film(&server, slug).await["version"].as_i64().unwrap();
    for round in version..version + 30 {
        film(&server, slug).await;
        let update = |title: &str| {
            json!({
                "query": "mutation Update($input: UpdateFilmInput!) { updateFilm(input: $input) { film { title version } userErrors { code } } }",
                "variables": { "input": { "id": id, "title": format!("{title} {round}"), "expectedVersion": round } },
            })
        };
        let [one, other] = ["One", "Other"].map(|title| server.send_as(&editor, update(title)));
        let (one, other) = futures_util::future::join(one, other).await;
        let shown = [one, other].map(|response| response.body["data"]["updateFilm"].clone());
        let refused = |shown: &&Value| shown["userErrors"][0]["code"] == "STALE";
        assert_eq!(shown.iter().filter(refused).count(), 1, "{shown:?}");
        for shown in &shown {
            assert_eq!(shown["film"]["version"], round + 1, "{shown}");
        }
        assert_eq!(film(&server, slug).await["version"], round + 1);
    }
}

#[tokio::test]
async fn each_mutation_of_a_request_shows_its_own_result() {
    let server = with_caches(TestDatabase::demo().await).await;
    let editor = server.database.token(Role::Editor, None).await;
    let data = server.query("{ films(first: 1) { nodes { id } } }").await;
    let id = data["films"]["nodes"][0]["id"].as_str().unwrap();
    let update = |title: &str| {
        format!("updateFilm(input: {{id: \"{id}\", title: \"{title}\"}}) {{ film {{ title }} }}")
    };
    let document = format!("mutation {{ a: {} b: {} }}", update("A"), update("B"));
    let response = server
        .send_as(&editor, json!({ "query": document }))
        .await
        .body;
    for (name, title) in [("a", "A"), ("b", "B")] {
        assert_eq!(response["data"][name]["film"]["title"], title, "{response}");
    }
}

/// PostgreSQL ends idle sessions with another error code than those of a shutdown.
#[tokio::test]
async fn a_connection_closed_by_an_idle_timeout_is_reopened() {
    let database = TestDatabase::demo().await;
    database
        .execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_session_timeout = ''300ms''', current_database()); END $$")
        .await;
    let server = TestServer::with_arguments(database, &["--answer-cache=0", "--row-cache=0"]);
    for _ in 0..4 {
        let documents: Vec<_> = (1..=8)
            .map(|count| format!("{{ films(first: {count}) {{ nodes {{ title }} }} }}"))
            .collect();
        let requests = documents
            .iter()
            .map(|document| server.send(json!({ "query": document })));
        for response in futures_util::future::join_all(requests).await {
            assert_eq!(response.body.get("errors"), None, "{}", response.body);
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
}
