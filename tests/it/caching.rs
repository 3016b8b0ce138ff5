//! The caches that outlive a request. They never return stale data once the server has received the change
//! notification.

mod equivalence;
mod http;
mod imports;
mod invalidation;
mod mutations;

use std::time::Duration;

use marquee::access::Role;
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer};

/// Selects some of everything that can change.
const FILM: &str = "query Film($slug: String!) { film(by: { slug: $slug }) { title version score { value reviewCount }
    publishedScores { source value }
    reviews(first: 50) { totalCount nodes { score excerpt version critic { name score { reviewCount } } publication { name } } } } }";

/// Queries a film on one server. Another server's caches are separate.
async fn film(server: &TestServer, slug: &str) -> Value {
    let request = json!({ "query": FILM, "variables": { "slug": slug } });
    let mut response = server.send(request).await;
    assert_eq!(response.body.get("errors"), None);
    response.body["data"]["film"].take()
}

/// Returns the id of a film.
async fn id_of(server: &TestServer, slug: &str) -> Value {
    let document = format!("{{ film(by: {{slug: \"{slug}\"}}) {{ id }} }}");
    server.query(&document).await["film"]["id"].take()
}

/// Returns the number of cache hits for responses.
async fn hits(server: &TestServer) -> u64 {
    server.metric("marquee_answer_cache_hits_total").await
}

/// Starts a server with caches, and waits until it receives notifications: before, it caches nothing.
async fn with_caches(database: TestDatabase) -> TestServer {
    let server = TestServer::with_arguments(
        database,
        &[
            "--answer-cache=8",
            "--row-cache=8",
            "--public-revisions=true",
        ],
    );
    server.clear_caches().await;
    server
}

#[tokio::test]
async fn a_cached_response_costs_no_statement_until_it_is_invalidated() {
    let server = with_caches(TestDatabase::demo().await).await;
    let request = json!({ "query": "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) { title } films(first: 3) { nodes { title } } }" });
    let first = server.send(request.clone()).await;
    let again = server.send(request.clone()).await;
    assert_eq!((first.cost, again.cost), (Some((2, 1)), Some((0, 0))));
    assert_eq!(first.body, again.body);
    assert_eq!(hits(&server).await, 1);
    // Variables, operation name and requested extensions are part of the cache key.
    let other = json!({ "query": request["query"], "extensions": { "cost": true } });
    assert_ne!(server.send(other).await.body, again.body);
    server
        .after_notification(|| {
            server
                .database
                .execute("UPDATE film SET title = title || '!'")
        })
        .await;
    let changed = server.send(request).await;
    assert_eq!(changed.cost, Some((2, 1)));
    assert_ne!(changed.body, again.body);
}

#[tokio::test]
async fn a_write_is_visible_to_the_next_read() {
    let server = with_caches(TestDatabase::demo().await).await;
    let editor = server.database.token(Role::Editor, None).await;
    let slug = "the-lighthouse-tax-2019";
    let id = id_of(&server, slug).await;
    let before = film(&server, slug).await["score"]["reviewCount"]
        .as_u64()
        .unwrap();
    for number in 1..=50 {
        let input = json!({ "film": id, "byline": format!("Guest {number}"), "score": number });
        let add = json!({
            "query": "mutation Add($input: AddReviewInput!) { addReview(input: $input) { film { score { reviewCount } } userErrors { message } } }",
            "variables": { "input": input },
        });
        let added = server.send_as(&editor, add).await.body;
        assert_eq!(
            added["data"]["addReview"]["userErrors"],
            json!([]),
            "{added}"
        );
        let shown = &added["data"]["addReview"]["film"]["score"]["reviewCount"];
        assert_eq!(shown, before + number);
        assert_eq!(
            film(&server, slug).await["score"]["reviewCount"],
            before + number
        );
    }
}

/// A read starts before a change and finishes after its notification: its result must not be cached.
#[tokio::test]
async fn a_result_read_before_a_change_is_not_cached_after_it() {
    let server = with_caches(TestDatabase::demo().await).await;
    let slug = "the-lighthouse-tax-2019";
    let connection = server.database.connect(2);
    // The request reads the film and its reviews, and then waits for the critics.
    let transaction = crate::outage::lock_tables(&connection, "critic").await;
    server.clear_caches().await;
    let reading = film(&server, slug);
    let changing = async {
        crate::outage::wait_for_running(&connection, 1).await;
        server
            .after_notification(|| {
                server.database.execute(
                    "UPDATE film SET title = 'Afterwards' WHERE slug = 'the-lighthouse-tax-2019'",
                )
            })
            .await;
        transaction.rollback().await.unwrap();
    };
    let (before, ()) = futures_util::future::join(reading, changing).await;
    assert_ne!(before["title"], "Afterwards");
    assert_eq!(film(&server, slug).await["title"], "Afterwards");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn identical_concurrent_requests_share_one_statement() {
    let server = with_caches(TestDatabase::demo().await).await;
    let connection = server.database.connect(2);
    let transaction = crate::outage::lock_tables(&connection, "film").await;
    let requests =
        (0..20).map(|_| server.send(json!({ "query": "{ films { nodes { title } } }" })));
    let requests = futures_util::future::join_all(requests);
    let counting = async {
        crate::outage::wait_for_running(&connection, 1).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(crate::outage::running(&connection).await, 1);
        transaction.rollback().await.unwrap();
    };
    let (responses, ()) = futures_util::future::join(requests, counting).await;
    let costs: u32 = responses
        .iter()
        .map(|response| response.cost.unwrap().0)
        .sum();
    assert_eq!(costs, 1);
    assert!(
        responses
            .iter()
            .all(|response| response.body == responses[0].body)
    );
    connection.close().await.unwrap();
}
