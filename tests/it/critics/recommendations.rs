//! Similar films and quotes.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{CATALOGUE, CHANGES, is_same, rows};
use crate::support::{TestDatabase, TestServer, eventually, test_rng::TestRng};

/// The films that are similar to each, with the critics who like both, by sets of critics.
const SIMILAR: &str = "
WITH likes AS (
    SELECT film_id, array_agg(critic_id ORDER BY critic_id) AS critics FROM (
        SELECT film_id, critic_id, CASE WHEN count(score) > 0 THEN floor(avg(score) + 0.5) > 60 ELSE 'positive' = (
            SELECT coalesce(u.sentiment, CASE WHEN u.recommended THEN 'positive' ELSE 'negative' END) FROM review u
            WHERE u.critic_id = r.critic_id AND u.film_id = r.film_id AND coalesce(u.sentiment, u.recommended::text) IS NOT NULL
            ORDER BY u.id DESC LIMIT 1) END AS likes
        FROM review r WHERE critic_id IS NOT NULL GROUP BY film_id, critic_id
    ) AS opinion WHERE likes GROUP BY film_id
), pair AS (
    SELECT a.film_id, b.film_id AS other, cardinality(ARRAY(SELECT unnest(a.critics) INTERSECT SELECT unnest(b.critics))) AS shared,
        cardinality(a.critics) AS liked, cardinality(b.critics) AS other_liked
    FROM likes a JOIN likes b ON a.film_id <> b.film_id
)
SELECT json_build_object('slug', film.slug, 'list', json_agg(json_build_object('film', json_build_object('slug', other.slug), 'criticsInCommon', shared,
    'similarity', shared / sqrt(liked * other_liked)) ORDER BY shared::numeric * shared / other_liked DESC, shared DESC, other.id))::text
FROM pair JOIN film ON film.id = pair.film_id JOIN film AS other ON other.id = pair.other WHERE shared >= 2 GROUP BY film.slug";

/// The quotes of each film with a sentiment.
const QUOTES: &str = "
SELECT json_build_object('slug', slug, 'list', json_agg(json_build_object('excerpt', excerpt) ORDER BY top_critic DESC, {order} coalesce(reviewed_on, '-infinity') DESC, review.id DESC))::text
FROM review JOIN film ON film.id = film_id WHERE excerpt <> '' AND {condition} GROUP BY slug";

const QUOTED: [(&str, &str, &str); 4] = [
    ("any", "true", ""),
    (
        "POSITIVE",
        "CASE WHEN score IS NULL THEN coalesce(sentiment = 'positive', recommended) ELSE score > 60 END",
        "coalesce(score, -1) DESC,",
    ),
    (
        "MIXED",
        "CASE WHEN score IS NULL THEN sentiment = 'mixed' ELSE score BETWEEN 40 AND 60 END",
        "coalesce(abs(score - 50), 99),",
    ),
    (
        "NEGATIVE",
        "CASE WHEN score IS NULL THEN coalesce(sentiment = 'negative', NOT recommended) ELSE score < 40 END",
        "coalesce(score, 101),",
    ),
];

fn document() -> String {
    let quotes = QUOTED.map(|(sentiment, ..)| {
        let argument = match sentiment {
            "any" => String::new(),
            sentiment => format!(", sentiment: {sentiment}"),
        };
        format!("{sentiment}: topQuotes(first: 100{argument}) {{ excerpt }}")
    });
    format!(
        "{{ films(first: 40) {{ nodes {{ slug similarFilms(first: 100) {{ film {{ slug }} criticsInCommon similarity }} few: similarFilms(first: 4) {{ film {{ slug }} }} {} }} }} }}",
        quotes.join(" ")
    )
}

fn list_of(rows: &[Value], slug: &str) -> Value {
    let row = rows.iter().find(|row| row["slug"] == slug);
    row.map_or(json!([]), |row| row["list"].clone())
}

/// Compares the response of a server with the database, and returns the number of similar films and quotes.
async fn compare(server: &TestServer) -> (usize, usize) {
    let data = server.query(&document()).await;
    let similar = rows(server, SIMILAR).await;
    let (mut films, mut quotes) = (0, 0);
    let nodes = data["films"]["nodes"].as_array().unwrap();
    for node in nodes {
        let slug = node["slug"].as_str().unwrap();
        let expected = list_of(&similar, slug);
        assert!(
            is_same(&node["similarFilms"], &expected),
            "{slug}: {} instead of {expected}",
            node["similarFilms"]
        );
        let slugs = |list: &Value| -> Vec<Value> {
            let films = list.as_array().unwrap().iter();
            films
                .map(|film| film["film"]["slug"].clone())
                .take(4)
                .collect()
        };
        assert_eq!(slugs(&node["few"]), slugs(&expected), "{slug}");
        films += expected.as_array().unwrap().len();
    }
    for (sentiment, condition, order) in QUOTED {
        let sql = QUOTES
            .replace("{condition}", condition)
            .replace("{order}", order);
        let expected = rows(server, &sql).await;
        for node in nodes {
            let expected = list_of(&expected, node["slug"].as_str().unwrap());
            assert_eq!(node[sentiment], expected, "{sentiment}: {}", node["slug"]);
            quotes += expected.as_array().unwrap().len();
        }
    }
    (films, quotes)
}

#[tokio::test]
async fn similar_films_and_quotes_equal_those_of_sql_after_any_change() {
    let caches = ["--answer-cache=0", "--row-cache=0", "--max-cost=200000"];
    let server = TestServer::with_arguments(TestDatabase::empty().await, &caches);
    let plain = [caches.as_slice(), &["--review-index=false"]].concat();
    let plain = TestServer::sharing_database_with(&server, &plain);
    let connection = server.database.connect(1);
    connection.execute_unprepared(CATALOGUE).await.unwrap();
    server.clear_caches().await;
    let similar = "{ films { nodes { similarFilms(first: 0) { similarity } } } }";
    let films = async |server: &TestServer| server.cost("{ films { nodes { id } } }").await.0;
    let is_indexed = async || server.cost(similar).await.0 == films(&server).await;
    eventually("the index is read", is_indexed).await;
    let films = films(&plain).await;
    assert_eq!(plain.cost(similar).await.0, films + 1);
    // The reviews are read as well.
    let quotes = "{ films { nodes { topQuotes { id } } } }";
    assert_eq!(plain.cost(quotes).await.0, films + 2);
    let mut rng = TestRng::new(3, 1);
    let (mut films, mut quotes) = (0, 0);
    for _ in 0..12 {
        for server in [&server, &plain] {
            let found = compare(server).await;
            films += found.0;
            quotes += found.1;
        }
        let change = CHANGES[rng.below(CHANGES.len())].replace("{n}", &rng.below(1000).to_string());
        let notifications = server.notification_count().await;
        let changed = connection.execute_unprepared(&change).await.unwrap();
        if changed.rows_affected() > 0 {
            server.wait_for_notification(notifications).await;
        }
    }
    assert!(
        films > 500 && quotes > 2_000,
        "{films} films, {quotes} quotes"
    );
    connection.close().await.unwrap();
}
