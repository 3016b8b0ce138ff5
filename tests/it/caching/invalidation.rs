//! Changes that invalidate the caches of a server.

use marquee::access::Role;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{film, hits, id_of, with_caches};
use crate::support::{TestDatabase, TestServer, eventually, socket::Socket};

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
