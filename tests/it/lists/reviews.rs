//! The filters of lists of reviews.

use marquee::global_id::{GlobalId, Kind};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};

use super::sorted_by_sql;
use crate::support::{TestDatabase, TestServer};

const POSITIVE: &str = "(score >= 61 OR score IS NULL AND (sentiment = 'positive' OR sentiment IS NULL AND recommended))";

const MIXED: &str = "(score BETWEEN 40 AND 60 OR score IS NULL AND sentiment = 'mixed')";

const NEGATIVE: &str = "(score <= 39 OR score IS NULL AND (sentiment = 'negative' OR sentiment IS NULL AND NOT recommended))";

/// Filters and the same conditions in SQL. The filters by critic and publication have their own test.
const FILTERS: [(&str, &str); 20] = [
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
    ("topCritic: true", "top_critic"),
    ("topCritic: false", "NOT top_critic"),
    ("hasText: true", "excerpt IS NOT NULL"),
    ("hasText: false", "excerpt IS NULL"),
    (
        "filmGenre: \" Drama\"",
        "(SELECT 'Drama' = ANY (genres) FROM film WHERE id = film_id)",
    ),
    ("filmGenre: \"drama\"", "false"),
    (
        "filmGenre: \"Drama\", hasText: true, topCritic: false, scored: true, since: \"2018-01-01\"",
        "(SELECT 'Drama' = ANY (genres) FROM film WHERE id = film_id) AND excerpt IS NOT NULL AND NOT top_critic
        AND score IS NOT NULL AND reviewed_on >= '2018-01-01'",
    ),
    (
        "topCritic: null, hasText: null, filmGenre: null",
        "true",
    ),
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

#[tokio::test]
async fn reviews_of_a_genre_follow_the_genres_of_films() {
    let server = TestServer::demo().await;
    let connection = server.database.connect(1);
    let document = "{ reviews(first: 0, filter: {filmGenre: \"War\"}) { totalCount }
        critics(first: 100) { nodes { reviews(first: 100, filter: {filmGenre: \"War\"}) { totalCount nodes { id } }
            score(filter: {filmGenre: \"War\"}) { reviewCount } } } }";
    for (change, is_any) in [
        ("UPDATE film SET genres = '{War}' WHERE id <= 3", true),
        ("UPDATE film SET genres = '{Drama}' WHERE id <= 2", true),
        ("UPDATE film SET genres = '{Drama}' WHERE id = 3", false),
    ] {
        let before = server.query(document).await;
        let notifications = server.notification_count().await;
        connection.execute_unprepared(change).await.unwrap();
        server.wait_for_notification(notifications).await;
        let after = server.query(document).await;
        assert_ne!(after, before, "{change}");
        let expected = sorted_by_sql(
            "SELECT count(*)::text FROM review JOIN film ON film.id = film_id WHERE 'War' = ANY (genres)
            UNION ALL SELECT count(review.critic_id)::text FROM review JOIN film ON film.id = film_id WHERE 'War' = ANY (genres)",
            &connection,
        )
        .await;
        let expected: Vec<u64> = expected
            .iter()
            .map(|count| count.parse().unwrap())
            .collect();
        assert_eq!(
            after["reviews"]["totalCount"],
            json!(expected[0]),
            "{change}"
        );
        assert_eq!(expected[0] > 0, is_any);
        let critics = after["critics"]["nodes"].as_array().unwrap();
        let sum = |number: &dyn Fn(&Value) -> u64| critics.iter().map(number).sum::<u64>();
        assert_eq!(
            sum(&|critic| critic["reviews"]["totalCount"].as_u64().unwrap()),
            expected[1]
        );
        assert_eq!(
            sum(&|critic| critic["reviews"]["nodes"].as_array().unwrap().len() as u64),
            expected[1]
        );
        assert_eq!(
            sum(&|critic| critic["score"]["reviewCount"].as_u64().unwrap()),
            expected[1]
        );
    }
    connection.close().await.unwrap();
}

/// Returns the first and the third quartile of the dates of reviews.
async fn quartiles(connection: &DatabaseConnection) -> (String, String) {
    let days = "SELECT to_char(reviewed_on, 'YYYY-MM-DD') FROM review WHERE reviewed_on IS NOT NULL ORDER BY reviewed_on, id";
    let days = sorted_by_sql(days, connection).await;
    (
        days[days.len() / 4].clone(),
        days[3 * days.len() / 4].clone(),
    )
}

/// The totals of all reviews come from the numbers by month, and from the days at both ends.
#[tokio::test]
async fn combined_filters_of_all_reviews_are_counted() {
    let server = TestServer::demo().await;
    let connection = server.database.connect(1);
    let (early, late) = quartiles(&connection).await;
    let since = |day: &str| format!("since: \"{day}\"");
    let until = |day: &str| format!("until: \"{day}\"");
    let dates = [
        (String::new(), "true".to_owned()),
        (since(&early), format!("reviewed_on >= '{early}'")),
        (until(&late), format!("reviewed_on <= '{late}'")),
        (
            format!("{} {}", since(&early), until(&late)),
            format!("reviewed_on BETWEEN '{early}' AND '{late}'"),
        ),
        (
            format!("{} {}", since("2019-02-28"), until("2019-03-31")),
            "reviewed_on BETWEEN '2019-02-28' AND '2019-03-31'".to_owned(),
        ),
    ];
    let ratings = [
        ("", "true"),
        ("sentiment: [POSITIVE]", POSITIVE),
        ("sentiment: [MIXED]", MIXED),
        ("scored: true", "score IS NOT NULL"),
        ("scored: false", "score IS NULL"),
        ("recommended: true", "recommended"),
        ("recommended: false", "NOT recommended"),
    ];
    let mut counted = 0;
    for (date, in_range) in &dates {
        for (index, (one, has_one)) in ratings.iter().enumerate() {
            for (other, has_other) in &ratings[index..] {
                // A field is given once.
                let other = if one.split(':').next() == other.split(':').next() {
                    ""
                } else {
                    other
                };
                let has_other = if other.is_empty() { "true" } else { has_other };
                let sql = format!(
                    "SELECT count(*)::text FROM review WHERE {in_range} AND {has_one} AND {has_other}"
                );
                let expected: u64 = sorted_by_sql(&sql, &connection).await[0].parse().unwrap();
                let list = format!("reviews(filter: {{{date} {one} {other}}})");
                let data = server
                    .query(&format!("{{ {list} {{ totalCount }} }}"))
                    .await;
                let total = data["reviews"]["totalCount"].as_u64();
                assert_eq!(total, Some(expected), "{list}");
                counted += expected;
            }
        }
    }
    assert!(counted > 0);
    connection.close().await.unwrap();
}

/// A few reviews of a range of days are sorted; of many, the first ones are found by the index of the order. Servers read
/// the numbers of reviews when they start.
#[tokio::test]
async fn reviews_of_a_range_of_days_have_the_same_order_however_many_there_are() {
    let first = TestServer::with_arguments(TestDatabase::demo().await, &["--answer-cache=0"]);
    let connection = first.database.connect(1);
    let dated = "reviewed_on BETWEEN '2000-01-01' AND '2030-12-31'";
    for many in [false, true] {
        if many {
            let more = "INSERT INTO review (film_id, byline, score, score_rule, reviewed_on)
                SELECT 1 + n % 5, 'x', n % 101, 'given', date '2015-01-01' + n % 900 FROM generate_series(1, 6000) AS n";
            connection.execute_unprepared(more).await.unwrap();
        }
        let server = TestServer::sharing_database_with(&first, &["--answer-cache=0"]);
        for (order, by) in [("SCORE", "score DESC NULLS LAST, id"), ("ADDED", "id DESC")] {
            let sql = format!(
                "SELECT coalesce(score::text, 'null') || ' ' || version FROM review WHERE {dated} ORDER BY {by} LIMIT 45"
            );
            let expected = sorted_by_sql(&sql, &connection).await;
            let mut found = Vec::new();
            let mut cursor = Value::Null;
            for _ in 0..3 {
                let document = format!(
                    "query($after: String) {{ reviews(first: 15, after: $after, filter: {{since: \"2000-01-01\", until: \"2030-12-31\"}}, orderBy: {{field: {order}}}) {{ nodes {{ score version }} pageInfo {{ endCursor }} }} }}"
                );
                let response = server
                    .send(json!({ "query": document, "variables": { "after": cursor } }))
                    .await;
                let list = &response.body["data"]["reviews"];
                found.extend(list["nodes"].as_array().unwrap().iter().map(|node| {
                    let score = node["score"].as_i64();
                    let score = score.map_or("null".to_owned(), |score| score.to_string());
                    format!("{score} {}", node["version"])
                }));
                cursor = list["pageInfo"]["endCursor"].clone();
            }
            assert_eq!(found, expected, "{order}, {many}");
        }
    }
    connection.close().await.unwrap();
}

/// The reviews of a critic or a publication in the list of all reviews are read by the author's index.
#[tokio::test]
async fn the_reviews_of_an_author_have_every_order() {
    let server = TestServer::with_arguments(TestDatabase::demo().await, &["--answer-cache=0"]);
    let connection = server.database.connect(1);
    let [critic, publication] = ["critic", "publication"].map(|author| {
        format!("(SELECT {author}_id FROM review WHERE critic_id IS NOT NULL AND publication_id IS NOT NULL GROUP BY critic_id, publication_id ORDER BY count(*) DESC, critic_id LIMIT 1)")
    });
    let id = async |kind: Kind, key: &str| {
        let sql = format!("SELECT {key}::text");
        let keys = sorted_by_sql(&sql, &connection).await;
        GlobalId {
            kind,
            key: keys[0].parse().unwrap(),
        }
        .encode()
    };
    let critic_id = id(Kind::Critic, &critic).await;
    let publication_id = id(Kind::Publication, &publication).await;
    let of_critic = (
        format!("critic: \"{critic_id}\""),
        format!("critic_id = {critic}"),
    );
    let of_publication = (
        format!("publication: \"{publication_id}\""),
        format!("publication_id = {publication}"),
    );
    let of_both = (
        format!("{}, {}", of_critic.0, of_publication.0),
        format!("{} AND {}", of_critic.1, of_publication.1),
    );
    for (filter, condition) in [of_critic, of_publication, of_both] {
        for (order, column) in [("SCORE", "score"), ("DATE", "reviewed_on")] {
            for direction in ["ASC", "DESC"] {
                let sql = format!(
                    "SELECT id::text FROM review WHERE {condition} ORDER BY {column} {direction} NULLS LAST, review.id"
                );
                let expected = sorted_by_sql(&sql, &connection).await;
                let mut found = Vec::new();
                let mut cursor = Value::Null;
                while found.len() < expected.len() {
                    let document = format!(
                        "query($after: String) {{ reviews(first: 3, after: $after, filter: {{{filter}}}, orderBy: {{field: {order}, direction: {direction}}}) {{ totalCount nodes {{ id }} pageInfo {{ endCursor }} }} }}"
                    );
                    let request = json!({ "query": document, "variables": { "after": cursor } });
                    let response = server.send(request).await;
                    let list = &response.body["data"]["reviews"];
                    assert_eq!(list["totalCount"], expected.len(), "{}", response.body);
                    let nodes = list["nodes"].as_array().unwrap();
                    assert!(!nodes.is_empty(), "{filter} {order} {direction}");
                    found.extend(nodes.iter().map(|node| {
                        let id = GlobalId::decode(node["id"].as_str().unwrap()).unwrap();
                        id.key.to_string()
                    }));
                    cursor = list["pageInfo"]["endCursor"].clone();
                }
                assert_eq!(found, expected, "{filter} {order} {direction}");
            }
        }
    }
    connection.close().await.unwrap();
}
