//! A server with caches returns the same responses as one without, after any change by any client.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::with_caches;
use crate::support::{TestDatabase, TestServer};

/// Queries for everything that can change.
const DOCUMENTS: &[&str] = &[
    "{ films(first: 50) { totalCount nodes { slug title version score { value reviewCount } reviews(first: 2) { totalCount nodes { score version } } } } }",
    "{ films(first: 5, orderBy: {field: SCORE}) { nodes { slug score { value } } } }",
    "{ films(filter: {minimumReviews: 3}) { totalCount nodes { slug } } }",
    "{ films(filter: {title: \"a\"}, orderBy: {field: RELEASE_DATE}) { totalCount nodes { title publishedScores { source value } } } }",
    "{ films(filter: {score: {from: 20}, minimumReviews: 1}, orderBy: {field: REVIEW_COUNT}, last: 3) { totalCount nodes { slug version } } }",
    "{ reviews(filter: {since: \"2019-03-10\", scored: true}) { totalCount } }",
    "{ critics(first: 50) { totalCount nodes { slug name version externalIds { source id } } } }",
    "{ films(first: 50) { nodes { slug externalIds { id } } } by: critic(by: {external: {source: \"S\", id: \"1\"}}) { slug } }",
    "{ critics(first: 5, orderBy: {field: REVIEW_COUNT}) { nodes { name score { mean reviewCount } reviews(first: 3, orderBy: {field: DATE}) { nodes { score film { title score { value } } } } } } }",
    "{ publications(first: 50) { totalCount nodes { slug name weight version score { reviewCount value } } } }",
    "{ publications(orderBy: {field: REVIEW_COUNT}, first: 3) { nodes { name reviews(first: 2) { nodes { excerpt critic { name } } } } } }",
    "{ reviews(first: 20) { totalCount nodes { id version score excerpt film { title } critic { name } publication { name weight } revisions { totalCount nodes { version changed } } } } }",
    "{ reviews(filter: {sentiment: [POSITIVE]}, orderBy: {field: SCORE}) { totalCount nodes { score } } }",
    "{ film(by: {slug: \"new-film\"}) { title } moving: film(by: {external: {source: \"S\", id: \"1\"}}) { slug } critic(by: {slug: \"new-critic\"}) { name } publication(by: {slug: \"new-paper\"}) { name } }",
    "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) { title late: score(filter: {since: \"2019-06-01\"}) { value reviewCount } scoreDistribution { histogram { count } } bad: reviews(filter: {sentiment: [NEGATIVE]}) { totalCount } } }",
];

/// Changes of every table in plain SQL; `{n}` is a random number.
const CHANGES: &[&str] = &[
    "UPDATE film SET title = 'Film {n}' WHERE id = 1 + {n} % (SELECT count(*) FROM film)",
    "UPDATE film SET release_date = date '2000-01-01' + {n} WHERE id = 1 + {n} % 5",
    "INSERT INTO film (slug, title) VALUES ('new-film', 'New {n}') ON CONFLICT (slug) DO UPDATE SET title = excluded.title",
    "DELETE FROM film WHERE slug = 'new-film'",
    "UPDATE critic SET name = 'Critic {n}' WHERE id = 1 + {n} % (SELECT count(*) FROM critic)",
    "INSERT INTO critic (slug, name) VALUES ('new-critic', 'New {n}') ON CONFLICT (slug) DO NOTHING",
    "DELETE FROM critic WHERE slug = 'new-critic'",
    "UPDATE publication SET weight = 50 + {n} % 100 WHERE id = 1 + {n} % (SELECT count(*) FROM publication)",
    "INSERT INTO publication (slug, name) VALUES ('new-paper', 'New {n}') ON CONFLICT (slug) DO NOTHING",
    "DELETE FROM publication WHERE slug = 'new-paper'",
    "INSERT INTO review (film_id, byline, score, score_rule) VALUES (1 + {n} % 3, 'x', {n} % 101, 'given')",
    "INSERT INTO review (film_id, critic_id, publication_id, byline) SELECT film.id, critic.id, publication.id, 'x' FROM film, critic, publication
        WHERE film.id = 1 + {n} % 3 ORDER BY random() LIMIT 1 ON CONFLICT DO NOTHING",
    "UPDATE review SET excerpt = 'Excerpt {n}' WHERE id = 1 + {n} % 40",
    "UPDATE review SET score = {n} % 101, score_rule = 'given' WHERE id = 1 + {n} % 40",
    "UPDATE review SET film_id = 1 + {n} % 3 WHERE id = 1 + {n} % 40 AND critic_id IS NULL",
    "UPDATE review SET critic_id = NULL WHERE id = 1 + {n} % 40",
    "DELETE FROM review WHERE id = 1 + {n} % 60",
    "INSERT INTO published_score (film_id, source, kind, value) VALUES (1 + {n} % 3, 'S', 'score', {n} % 101)
        ON CONFLICT (film_id, source, kind, audience) DO UPDATE SET value = excluded.value",
    "DELETE FROM published_score WHERE film_id = 1 + {n} % 3",
    "INSERT INTO film_external_id (source, external_id, film_id) VALUES ('S', (1 + {n} % 2)::text, 1 + {n} % 3)
        ON CONFLICT (source, external_id) DO UPDATE SET film_id = excluded.film_id",
    "DELETE FROM film_external_id WHERE film_id = 1 + {n} % 3",
    "INSERT INTO critic_external_id (source, external_id, critic_id) VALUES ('S', (1 + {n} % 2)::text, 1 + {n} % 3)
        ON CONFLICT (source, external_id) DO UPDATE SET critic_id = excluded.critic_id",
    "DELETE FROM critic_external_id WHERE critic_id = 1 + {n} % 3",
    "UPDATE film_tally SET unrated = unrated + 1, review_count = review_count + 1 WHERE film_id = 1 + {n} % 3",
    "DELETE FROM film_tally WHERE film_id IN (SELECT id FROM film WHERE slug = 'new-film')",
    "INSERT INTO review_month_count (month, is_scored, reviews) VALUES ('2019-04-01', true, 1 + {n} % 2)",
    "DELETE FROM review_revision WHERE review_id = 1 + {n} % 40",
    "UPDATE critic_tally SET unrated = unrated + 1 WHERE critic_id = 1 + {n} % 5",
    "UPDATE publication_tally SET unrated = unrated + 1 WHERE publication_id = 1 + {n} % 2",
];

/// Changes more rows than fit into one notification.
const MANY: &str = "INSERT INTO review (film_id, critic_id, byline) SELECT film.id, critic.id, 'y' FROM film, critic, generate_series(1, 20)
    ON CONFLICT DO NOTHING";

async fn fetch(server: &TestServer, document: &str) -> Value {
    let response = server.send(json!({ "query": document })).await.body;
    assert_eq!(response.get("errors"), None, "{document}: {response}");
    response
}

#[tokio::test]
async fn a_cached_server_responds_like_an_uncached_one_after_any_change() {
    let server = with_caches(TestDatabase::demo().await).await;
    let plain = TestServer::sharing_database_with(
        &server,
        &[
            "--answer-cache=0",
            "--row-cache=0",
            "--public-revisions=true",
        ],
    );
    let connection = server.database.connect(1);
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut changed = 0;
    let rounds = 150;
    for round in 0..rounds {
        let number = random.next_u32() % 10_000;
        let change = CHANGES[random.next_u32() as usize % CHANGES.len()];
        let change = match round % 50 {
            48 => MANY.to_owned(),
            49 if round > 100 => "TRUNCATE review".to_owned(),
            _ => change.replace("{n}", &number.to_string()),
        };
        // Some of these responses get cached before the change, and some are cached already.
        for _ in 0..4 {
            let document = DOCUMENTS[random.next_u32() as usize % DOCUMENTS.len()];
            fetch(&server, document).await;
        }
        let notifications = server.notification_count().await;
        let of_plain = plain.notification_count().await;
        let result = connection.execute_unprepared(&change).await;
        // A review without a critic or publication may violate the unique constraint.
        let rows = match result {
            Ok(result) => result.rows_affected(),
            Err(error) if error.to_string().contains("review_by_hand_unique") => 0,
            Err(error) => panic!("{change}: {error}"),
        };
        if rows > 0 || change.starts_with("TRUNCATE") {
            changed += 1;
            server.wait_for_notification(notifications).await;
            // Its index of films is made stale by notifications, too.
            plain.wait_for_notification(of_plain).await;
        }
        for document in DOCUMENTS {
            let [cached, uncached] = [
                fetch(&server, document).await,
                fetch(&plain, document).await,
            ];
            assert_eq!(cached, uncached, "{change}\n{document}");
        }
    }
    assert!(
        changed > rounds / 2,
        "{changed} of {rounds} changed anything"
    );
    let hits = super::hits(&server).await;
    assert!(hits > 300, "{hits} cache hits");
    connection.close().await.unwrap();
}
