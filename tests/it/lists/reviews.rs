//! The filters of lists of reviews.

use super::sorted_by_sql;
use crate::support::TestServer;

const POSITIVE: &str = "(score >= 61 OR score IS NULL AND (sentiment = 'positive' OR sentiment IS NULL AND recommended))";

const MIXED: &str = "(score BETWEEN 40 AND 60 OR score IS NULL AND sentiment = 'mixed')";

const NEGATIVE: &str = "(score <= 39 OR score IS NULL AND (sentiment = 'negative' OR sentiment IS NULL AND NOT recommended))";

/// Filters and the same conditions in SQL. The filters by critic and publication have their own test.
const FILTERS: [(&str, &str); 12] = [
    ("", "true"),
    ("sentiment: POSITIVE", POSITIVE),
    ("sentiment: [MIXED]", MIXED),
    ("sentiment: [NEGATIVE]", NEGATIVE),
    ("sentiment: []", "false"),
    ("scored: true", "score IS NOT NULL"),
    ("scored: false", "score IS NULL"),
    ("recommended: true", "recommended"),
    ("recommended: false", "NOT recommended"),
    ("since: \"2019-03-08\"", "reviewed_on >= '2019-03-08'"),
    ("until: \"2019-03-08\"", "reviewed_on <= '2019-03-08'"),
    (
        "since: \"2019-03-01\", until: \"2019-03-31\", scored: true",
        "reviewed_on BETWEEN '2019-03-01' AND '2019-03-31' AND score IS NOT NULL",
    ),
];

/// The places of the list in the API, and the conditions that they imply.
const OWNERS: [(&str, &str, &str); 4] = [
    ("", "", "true"),
    (
        "film(by: {slug: \"the-lighthouse-tax-2019\"}) {",
        "}",
        "film_id = (SELECT id FROM film WHERE slug = 'the-lighthouse-tax-2019')",
    ),
    (
        "critic(by: {slug: \"kirihara-suzume\"}) {",
        "}",
        "critic_id = (SELECT id FROM critic WHERE slug = 'kirihara-suzume')",
    ),
    (
        "publication(by: {slug: \"cormorant-quay-gazette\"}) {",
        "}",
        "publication_id = (SELECT id FROM publication WHERE slug = 'cormorant-quay-gazette')",
    ),
];

/// Asserts that each list of reviews contains exactly the rows that meet a condition.
async fn assert_filtered(server: &TestServer, filter: &str, condition: &str) {
    let connection = server.database.connect(1);
    for (open, close, is_owner) in OWNERS {
        let sql = format!(
            "SELECT coalesce(excerpt, 'none') FROM review WHERE {is_owner} AND {condition} ORDER BY id LIMIT 100"
        );
        let expected = sorted_by_sql(&sql, &connection).await;
        let sql = format!("SELECT count(*)::text FROM review WHERE {is_owner} AND {condition}");
        let count: u64 = sorted_by_sql(&sql, &connection).await[0].parse().unwrap();
        let data = server
            .query(&format!("{{ {open} reviews(first: 100, filter: {{{filter}}}) {{ totalCount nodes {{ excerpt }} }} {close} }}"))
            .await;
        let root = data.as_object().unwrap().values().next().unwrap();
        let list = root.get("reviews").unwrap_or(root);
        let nodes = list["nodes"].as_array().unwrap();
        let excerpts: Vec<_> = nodes
            .iter()
            .map(|node| node["excerpt"].as_str().unwrap_or("none"))
            .collect();
        assert_eq!(excerpts, expected, "{open} {filter}");
        assert_eq!(list["totalCount"].as_u64(), Some(count), "{open} {filter}");
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn reviews_are_filtered_at_every_field() {
    let server = TestServer::demo().await;
    for (filter, condition) in FILTERS {
        assert_filtered(&server, filter, condition).await;
    }
    let both = format!("({MIXED} OR {NEGATIVE})");
    assert_filtered(&server, "sentiment: [MIXED, NEGATIVE]", &both).await;
}

#[tokio::test]
async fn reviews_are_filtered_by_critic_and_publication() {
    let server = TestServer::demo().await;
    let data = server
        .query("{ film(by: {slug: \"the-lighthouse-tax-2019\"}) { reviews(first: 1, filter: {scored: true}) { nodes { critic { id slug } publication { id slug } } } } }")
        .await;
    let review = &data["film"]["reviews"]["nodes"][0];
    for table in ["critic", "publication"] {
        let text = |field: &str| review[table][field].as_str().unwrap();
        let condition = format!(
            "{table}_id = (SELECT id FROM {table} WHERE slug = '{}')",
            text("slug")
        );
        let filter = format!("{table}: \"{}\"", text("id"));
        assert_filtered(&server, &filter, &condition).await;
    }
}
