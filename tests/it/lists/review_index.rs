//! Filtered reviews of critics and publications from the index in memory, compared with those from the database.

use marquee::global_id::{GlobalId, Kind};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{TestDatabase, TestServer, eventually, test_rng::TestRng};

/// Owners with few and with many reviews, some of which have no critic, no publication, no score or no date.
const CATALOGUE: &str = "
INSERT INTO film (slug, title) SELECT 'film-' || n, 'Film ' || n FROM generate_series(1, 40) AS n;
INSERT INTO critic (slug, name) SELECT 'critic-' || n, 'Critic ' || n FROM generate_series(1, 12) AS n;
INSERT INTO publication (slug, name, weight)
SELECT 'publication-' || n, 'Publication ' || n, 50 * n FROM generate_series(1, 6) AS n;
INSERT INTO review (source, external_id, film_id, critic_id, publication_id, byline, score, score_rule, sentiment, recommended, reviewed_on)
SELECT
    'test', n, 1 + n % 40, (SELECT id FROM critic WHERE slug = 'critic-' || n % 15),
    (SELECT id FROM publication WHERE slug = 'publication-' || least(n % 11, 7)), 'x',
    nullif(n * 7 % 121, greatest(n * 7 % 121, 101)), CASE WHEN n * 7 % 121 < 101 THEN 'given' END,
    (ARRAY['positive', 'mixed', 'negative', NULL])[1 + n % 4], (ARRAY[true, false, NULL])[1 + n % 3],
    nullif(date '2019-01-01' + n % 400, date '2019-01-01')
FROM generate_series(1, 3000) AS n";

/// Changes; `{n}` is a random number. After the first, all reviews are read again, by a task in the background.
const CHANGES: [&str; 8] = [
    "UPDATE review SET recommended = NOT recommended WHERE id % 3 = {n} % 3",
    "UPDATE review SET score = {n} % 101, score_rule = 'given' WHERE id % 200 = {n} % 200",
    "UPDATE review SET reviewed_on = date '2019-02-01' + {n} % 90 WHERE id % 300 = {n} % 300",
    "UPDATE review SET critic_id = 1 + {n} % 12, publication_id = 1 + {n} % 6 WHERE id % 250 = {n} % 250",
    "UPDATE review SET publication_id = NULL WHERE id % 400 = {n} % 400",
    "DELETE FROM review WHERE id % 500 = {n} % 500",
    "INSERT INTO review (source, external_id, film_id, critic_id, byline, recommended) SELECT 'test', gen_random_uuid(), id, 1 + {n} % 12, 'x', true FROM film WHERE id % 10 = {n} % 10",
    "UPDATE publication SET weight = 1 + {n} % 300 WHERE id = 6 AND {n} % 4 = 0",
];

/// Returns a random filter with one to three fields. Some match none or nearly none of an owner's reviews.
fn filter(rng: &mut TestRng) -> String {
    const FIELDS: [(&str, &[&str]); 5] = [
        ("sentiment", &["POSITIVE", "[MIXED, NEGATIVE]", "[]"]),
        ("scored", &["true", "false"]),
        ("recommended", &["true", "false"]),
        (
            "since",
            &["\"2019-02-01\"", "\"2020-02-01\"", "\"2030-01-01\""],
        ),
        ("until", &["\"2019-01-03\"", "\"2019-12-31\""]),
    ];
    let mut fields = Vec::new();
    while fields.is_empty() {
        for (name, values) in FIELDS {
            if rng.one_in(3) {
                fields.push(format!("{name}: {}", values[rng.below(values.len())]));
            }
        }
    }
    // The index doesn't know the other author of a review.
    if rng.one_in(6) {
        let publication = GlobalId {
            kind: Kind::Publication,
            key: 2,
        };
        fields.push(format!("publication: \"{}\"", publication.encode()));
    }
    fields.join(", ")
}

/// Returns the document for the scores, histories, counts and pages of all owners under a filter.
fn document(filter: &str, order: &str, page: &str) -> String {
    let owner = format!(
        "slug
        score(filter: {{{filter}}}) {{ label mean median percentRecommended estimated }}
        scoreDistribution(filter: {{{filter}}}) {{ positive {{ count }} mixed {{ count }} negative {{ count }} }}
        timeline(filter: {{{filter}}}, first: 9) {{ totalCount nodes {{ date addedCount mean estimated distribution {{ total unrated {{ count }} }} }} }}
        reviews(filter: {{{filter}}}, orderBy: {order}, {page}) {{
            totalCount edges {{ cursor node {{ id score reviewedOn }} }} pageInfo {{ hasNextPage hasPreviousPage }}
        }}"
    );
    let critic = GlobalId {
        kind: Kind::Critic,
        key: 3,
    }
    .encode();
    format!(
        "{{
            critics(first: 12) {{ nodes {{ {owner} }} }} publications(first: 6) {{ nodes {{ {owner} }} }}
            reviews(filter: {{{filter}, critic: \"{critic}\"}}, orderBy: {order}, {page}) {{
                totalCount nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage }}
            }}
        }}"
    )
}

/// Returns the cursor of a random review in the list of all critics' reviews.
fn cursor(rng: &mut TestRng, data: &Value) -> Option<String> {
    let critics = data["critics"]["nodes"].as_array().unwrap();
    let edges = critics[rng.below(critics.len())]["reviews"]["edges"].as_array();
    let edges = edges.filter(|edges| !edges.is_empty())?;
    Some(edges[rng.below(edges.len())]["cursor"].to_string())
}

#[tokio::test]
async fn the_index_and_the_database_find_the_same_reviews_after_any_change() {
    let caches = ["--answer-cache=0", "--row-cache=0", "--max-cost=200000"];
    let server = TestServer::with_arguments(TestDatabase::empty().await, &caches);
    let plain = [caches.as_slice(), &["--review-index=false"]].concat();
    let plain = TestServer::sharing_database_with(&server, &plain);
    let connection = server.database.connect(1);
    connection.execute_unprepared(CATALOGUE).await.unwrap();
    server.clear_caches().await;
    let mut rng = TestRng::new(7, 1);
    let mut is_from_index = 0;
    for _ in 0..80 {
        let filter = filter(&mut rng);
        let field = ["ADDED", "SCORE", "DATE"][rng.below(3)];
        let direction = ["ASC", "DESC"][rng.below(2)];
        let order = format!("{{field: {field}, direction: {direction}}}");
        let (size, bound) = [("first", "after"), ("last", "before")][rng.below(2)];
        let mut page = format!("{size}: {}", 1 + rng.below(12));
        for _ in 0..2 {
            let document = document(&filter, &order, &page);
            let expected = plain.query(&document).await;
            let response = server.send(json!({ "query": document })).await;
            assert_eq!(response.body["data"], expected, "{document}");
            // The index saves the statements of scores, distributions and counts.
            is_from_index +=
                usize::from(response.cost.is_some_and(|(statements, _)| statements < 8));
            let Some(cursor) = cursor(&mut rng, &expected) else {
                break;
            };
            page = format!("{page}, {bound}: {cursor}");
        }

        let change = CHANGES[rng.below(CHANGES.len())].replace("{n}", &rng.below(1000).to_string());
        let notifications = server.notification_count().await;
        let changed = connection.execute_unprepared(&change).await.unwrap();
        if changed.rows_affected() > 0 {
            server.wait_for_notification(notifications).await;
        }
    }
    assert!(
        is_from_index > 20,
        "only {is_from_index} responses are from the index"
    );
    connection.close().await.unwrap();
}

#[tokio::test]
async fn filtered_scores_cost_no_statement_and_at_most_one_after_a_change() {
    let server = TestServer::with_arguments(TestDatabase::demo().await, &["--answer-cache=0"]);
    server.clear_caches().await;
    let document = "{ publications(first: 100) { nodes { id score(filter: {scored: true}) { reviewCount } } } }";
    let cost = async || {
        let response = server.send(json!({ "query": document })).await;
        let nodes = response.body["data"]["publications"]["nodes"]
            .as_array()
            .unwrap();
        let counts = nodes
            .iter()
            .map(|node| node["score"]["reviewCount"].as_u64().unwrap());
        (response.cost.unwrap(), counts.sum::<u64>())
    };
    // Until the index is read in the background, the database counts by a second statement.
    let is_read = async || cost().await.0 == (1, 1);
    eventually("the index is read", is_read).await;
    let (_, before) = cost().await;
    let notifications = server.notification_count().await;
    server
        .database
        .execute("DELETE FROM review WHERE id = (SELECT min(id) FROM review WHERE score IS NOT NULL AND publication_id IS NOT NULL)")
        .await;
    server.wait_for_notification(notifications).await;
    // The changed review is read again, by this request or in the background.
    let (after_change, count) = cost().await;
    assert!(matches!(after_change, (1, 1) | (2, 2)), "{after_change:?}");
    assert_eq!(count, before - 1);
    assert_eq!(cost().await, ((1, 1), before - 1));
}
