//! The caches that outlive a request. They never return stale data once the server has received the change
//! notification.

mod equivalence;
mod http;

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use marquee::access::Role;

use crate::support::{TestDatabase, TestServer, eventually, socket::Socket};

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
    let server = TestServer::with_arguments(database, &["--answer-cache=8", "--row-cache=8"]);
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
    let held = connection.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE critic IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
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
        held.rollback().await.unwrap();
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
    let held = connection.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE film IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let requests =
        (0..20).map(|_| server.send(json!({ "query": "{ films { nodes { title } } }" })));
    let requests = futures_util::future::join_all(requests);
    let counting = async {
        crate::outage::wait_for_running(&connection, 1).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(crate::outage::running(&connection).await, 1);
        held.rollback().await.unwrap();
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

#[tokio::test]
async fn cached_data_is_not_served_while_the_listener_is_disconnected() {
    let flags = [
        "--answer-cache=8",
        "--row-cache=8",
        "--worker-connections=1",
    ];
    let server = TestServer::with_arguments(TestDatabase::demo().await, &flags);
    let slug = "the-lighthouse-tax-2019";
    server.clear_caches().await;
    film(&server, slug).await;
    film(&server, slug).await;
    assert_eq!(hits(&server).await, 1);
    // The listener is terminated and can't reconnect, so the update's notification is lost. The read connection is
    // already open.
    let admin = server.database.connect(1);
    admin
        .execute_unprepared(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 0', current_database()); END $$;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'marquee live';
             UPDATE film SET title = 'Unheard' WHERE slug = 'the-lighthouse-tax-2019'",
        )
        .await
        .unwrap();
    let shown = async || film(&server, slug).await["title"] == "Unheard";
    eventually(
        "the server notices that the listener is disconnected",
        shown,
    )
    .await;
    // Cached responses may have been served until then.
    let shown_before = hits(&server).await;
    film(&server, slug).await;
    assert_eq!(hits(&server).await, shown_before);
    admin
        .execute_unprepared(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT -1', current_database()); END $$",
        )
        .await
        .unwrap();
    admin.close().await.unwrap();
    let is_cached = async || {
        film(&server, slug).await;
        hits(&server).await > shown_before
    };
    eventually("the server caches responses again", is_cached).await;
}

#[tokio::test]
async fn changes_by_another_server_invalidate_the_caches() {
    let server = with_caches(TestDatabase::demo().await).await;
    let other = TestServer::sharing_database(&server);
    let editor = server.database.token(Role::Editor, None).await;
    let slug = "the-lighthouse-tax-2019";
    let id = id_of(&server, slug).await;
    for title in ["One", "Two", "Three"] {
        film(&server, slug).await;
        let update = json!({
            "query": "mutation Update($input: UpdateFilmInput!) { updateFilm(input: $input) { film { title } } }",
            "variables": { "input": { "id": id, "title": title } },
        });
        let updated = other.send_as(&editor, update).await.body;
        assert_eq!(
            updated["data"]["updateFilm"]["film"]["title"], title,
            "{updated}"
        );
        let shown = async || film(&server, slug).await["title"] == title;
        eventually("the server shows the change", shown).await;
    }
}

/// A client that queries upon an event must not get data that was cached before the change.
#[tokio::test]
async fn a_subscriber_that_queries_upon_an_event_sees_the_change() {
    let server = with_caches(TestDatabase::demo().await).await;
    let mut socket = Socket::open(server.address()).await;
    socket
        .subscribe(
            "1",
            "subscription { reviewAdded { film { score { reviewCount } } } }",
        )
        .await;
    let slug = "the-lighthouse-tax-2019";
    let before = film(&server, slug).await["score"]["reviewCount"]
        .as_u64()
        .unwrap();
    let insert = "INSERT INTO review (film_id, byline, score, score_rule) SELECT id, 'x', 50, 'given' FROM film WHERE slug = 'the-lighthouse-tax-2019'";
    for number in 1..=30 {
        film(&server, slug).await;
        server.database.execute(insert).await;
        let event = socket.next("1").await;
        let count = event["reviewAdded"]["film"]["score"]["reviewCount"]
            .as_u64()
            .unwrap();
        assert_eq!(count, before + number, "{event}");
    }
}

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
