//! Agreements of critics, and those who are closest and furthest.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{CATALOGUE, CHANGES, is_same, rows};
use crate::support::{TestDatabase, TestServer, eventually, test_rng::TestRng};

const AGREEMENT: &str =
    "filmsInCommon scoredInCommon correlation meanAbsoluteDifference sameSentimentShare";

/// The agreements of all pairs of critics, as JSON with the slugs of both.
const PAIRS: &str = "
WITH opinion AS (
    SELECT critic.slug AS critic, r.film_id, floor(avg(r.score) + 0.5) AS score,
        CASE WHEN avg(r.score) IS NULL THEN (
            SELECT coalesce(u.sentiment, CASE WHEN u.recommended THEN 'positive' ELSE 'negative' END) FROM review u
            WHERE u.critic_id = critic.id AND u.film_id = r.film_id AND coalesce(u.sentiment, u.recommended::text) IS NOT NULL
            ORDER BY u.id DESC LIMIT 1
        ) WHEN floor(avg(r.score) + 0.5) > 60 THEN 'positive' WHEN floor(avg(r.score) + 0.5) > 39 THEN 'mixed' ELSE 'negative' END AS sentiment
    FROM review r JOIN critic ON critic.id = r.critic_id GROUP BY critic.slug, critic.id, r.film_id
), pair AS (
    SELECT a.critic, b.critic AS other, count(*) AS films, count(a.score + b.score) AS scored,
        corr(a.score, b.score) AS correlation, avg(abs(a.score - b.score)) AS difference,
        count(a.sentiment || b.sentiment) AS rated, avg((a.sentiment = b.sentiment)::int) AS same
    FROM opinion a JOIN opinion b USING (film_id) GROUP BY 1, 2
)
SELECT json_build_object('critic', critic, 'other', other, 'agreement', CASE WHEN films >= 3 THEN json_build_object(
    'filmsInCommon', films, 'scoredInCommon', scored, 'correlation', CASE WHEN scored >= 3 THEN correlation END,
    'meanAbsoluteDifference', CASE WHEN scored >= 3 THEN difference END, 'sameSentimentShare', CASE WHEN rated >= 3 THEN same END) END)::text
FROM pair JOIN critic ON critic.slug = pair.other ORDER BY pair.critic, {order}, scored DESC, critic.id";

async fn pairs(server: &TestServer, order: &str) -> Vec<Value> {
    rows(server, &PAIRS.replace("{order}", order)).await
}

/// Returns the agreements of a critic with all others that have at least so many films, in the order of the pairs.
fn expected(pairs: &[Value], critic: &str, minimum: u64) -> Value {
    let of_critic = pairs
        .iter()
        .filter(|pair| pair["critic"] == critic && pair["other"] != critic);
    let enough =
        of_critic.filter(|pair| pair["agreement"]["scoredInCommon"].as_u64() >= Some(minimum));
    enough
        .map(|pair| json!({ "critic": { "slug": pair["other"] }, "agreement": pair["agreement"] }))
        .collect()
}

fn document(minimum: u64, first: u64, with: &str) -> String {
    let lists = ["closestCritics", "furthestCritics"].map(|list| {
        format!("{list}(first: {first}, minimumFilms: {minimum}) {{ critic {{ slug }} agreement {{ {AGREEMENT} }} }}")
    });
    format!(
        "{{ critics(first: 20) {{ nodes {{ slug {} {} agreement(with: {{slug: \"{with}\"}}) {{ {AGREEMENT} }} }} }} }}",
        lists[0], lists[1]
    )
}

/// Compares the response of a server with the database; returns the number of agreements.
async fn compare(server: &TestServer, minimum: u64, with: &str) -> usize {
    let data = server.query(&document(minimum, 100, with)).await;
    let closest = pairs(server, "difference").await;
    let furthest = pairs(server, "difference DESC").await;
    let mut found = 0;
    for critic in data["critics"]["nodes"].as_array().unwrap() {
        let slug = critic["slug"].as_str().unwrap();
        for (list, pairs) in [("closestCritics", &closest), ("furthestCritics", &furthest)] {
            let expected = expected(pairs, slug, minimum);
            assert!(
                is_same(&critic[list], &expected),
                "{slug}: {list}: {} instead of {expected}",
                critic[list]
            );
            found += expected.as_array().unwrap().len();
        }
        let pair = closest
            .iter()
            .find(|pair| pair["critic"] == slug && pair["other"] == with);
        let expected = pair.map_or(&Value::Null, |pair| &pair["agreement"]);
        assert!(
            is_same(&critic["agreement"], expected),
            "{slug} with {with}: {} instead of {expected}",
            critic["agreement"]
        );
    }
    found
}

#[tokio::test]
async fn agreements_equal_those_of_sql_after_any_change_with_and_without_the_index() {
    let caches = ["--answer-cache=0", "--row-cache=0", "--max-cost=200000"];
    let server = TestServer::with_arguments(TestDatabase::empty().await, &caches);
    let plain = [caches.as_slice(), &["--review-index=false"]].concat();
    let plain = TestServer::sharing_database_with(&server, &plain);
    let connection = server.database.connect(1);
    connection.execute_unprepared(CATALOGUE).await.unwrap();
    server.clear_caches().await;
    let is_indexed = async || server.cost(&document(5, 1, "critic-2")).await.0 == 2;
    eventually("the index is read", is_indexed).await;
    let mut rng = TestRng::new(11, 1);
    let mut found = 0;
    for round in 0..24 {
        let minimum = [3, 5, 9][round % 3];
        let with = format!("critic-{}", 1 + rng.below(14));
        found += compare(&plain, minimum, &with).await;
        found += compare(&server, minimum, &with).await;
        let change = CHANGES[rng.below(CHANGES.len())].replace("{n}", &rng.below(1000).to_string());
        let notifications = server.notification_count().await;
        let changed = connection.execute_unprepared(&change).await.unwrap();
        if changed.rows_affected() > 0 {
            server.wait_for_notification(notifications).await;
        }
    }
    assert!(found > 2_000, "only {found} agreements");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn lists_of_critics_cost_a_statement_each_and_none_from_the_index() {
    let caches = ["--answer-cache=0", "--row-cache=0"];
    let server = TestServer::with_arguments(TestDatabase::empty().await, &caches);
    let plain = [caches.as_slice(), &["--review-index=false"]].concat();
    let plain = TestServer::sharing_database_with(&server, &plain);
    server.database.execute(CATALOGUE).await;
    server.clear_caches().await;
    // The critics, the other one, each of the two lists, and the agreements.
    let document = document(5, 4, "critic-2");
    assert_eq!(plain.cost(&document).await.0, 5);
    // The critics, and the other one.
    let is_indexed = async || server.cost(&document).await.0 == 2;
    eventually("the index is read", is_indexed).await;
}

#[tokio::test]
async fn a_cached_agreement_changes_with_the_reviews_of_either_critic() {
    let caches = ["--answer-cache=1", "--row-cache=1"];
    let server = TestServer::with_arguments(TestDatabase::empty().await, &caches);
    server.database.execute(CATALOGUE).await;
    server.clear_caches().await;
    let document = format!(
        "{{ critic(by: {{slug: \"critic-4\"}}) {{ agreement(with: {{slug: \"critic-2\"}}) {{ {AGREEMENT} }} closestCritics(first: 3) {{ critic {{ slug }} agreement {{ {AGREEMENT} }} }} }} }}"
    );
    let mut last = server.query(&document).await;
    let hits = server.metric("marquee_answer_cache_hits_total").await;
    assert_eq!(server.query(&document).await, last);
    assert_eq!(
        server.metric("marquee_answer_cache_hits_total").await,
        hits + 1
    );
    for critic in ["critic-4", "critic-2"] {
        let shift = format!(
            "UPDATE review SET score = (score + 50) % 101 WHERE score IS NOT NULL AND critic_id = (SELECT id FROM critic WHERE slug = '{critic}')"
        );
        server
            .after_notification(async || server.database.execute(&shift).await)
            .await;
        let next = server.query(&document).await;
        for field in ["agreement", "closestCritics"] {
            assert_ne!(next["critic"][field], last["critic"][field], "{critic}");
        }
        last = next;
    }
}

#[tokio::test]
async fn critics_without_films_in_common_have_no_agreement() {
    let server = TestServer::empty().await;
    server.database.execute(CATALOGUE).await;
    server
        .database
        .execute("INSERT INTO critic (slug, name) VALUES ('new', 'New')")
        .await;
    server.clear_caches().await;
    let document = |with: &str| {
        format!(
            "{{ critic(by: {{slug: \"new\"}}) {{ agreement(with: {{slug: \"{with}\"}}) {{ filmsInCommon }} closestCritics {{ critic {{ slug }} }} }} }}"
        )
    };
    for with in ["critic-2", "new", "nobody"] {
        let data = server.query(&document(with)).await;
        let expected = json!({ "critic": { "agreement": null, "closestCritics": [] } });
        assert_eq!(data, expected, "{with}");
    }
    let code = server
        .error_code(
            "{ critic(by: {slug: \"new\"}) { closestCritics(minimumFilms: 2) { critic { slug } } } }",
        )
        .await;
    assert_eq!(code, "OUT_OF_RANGE");
    let code = server
        .error_code(
            "{ critic(by: {slug: \"new\"}) { furthestCritics(first: 101) { critic { slug } } } }",
        )
        .await;
    assert_eq!(code, "INVALID_PAGE");
}
