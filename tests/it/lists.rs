//! The filters of the API's lists, compared with SQL.

mod browse;
mod films;
mod orders;
mod review_index;
mod reviews;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::support::TestServer;

async fn sorted_by_sql(sql: &str, connection: &DatabaseConnection) -> Vec<String> {
    let rows = connection
        .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Requests a whole list and returns one string of each node, and the `totalCount`.
async fn fetch_list(server: &TestServer, list: &str, field: &str) -> (Vec<String>, u64) {
    let data = server
        .query(&format!(
            "{{ {list} {{ totalCount nodes {{ {field} }} }} }}"
        ))
        .await;
    let connection = data.as_object().unwrap().values().next().unwrap();
    let nodes = connection["nodes"].as_array().unwrap();
    let texts = nodes
        .iter()
        .map(|node| node[field].as_str().unwrap_or("none").to_owned());
    (texts.collect(), connection["totalCount"].as_u64().unwrap())
}

#[tokio::test]
async fn films_are_filtered() {
    let server = TestServer::demo().await;
    let connection = server.database.connect(1);
    for (filter, condition) in [
        ("", "true"),
        ("year: {from: 2018, to: 2021}", "year BETWEEN 2018 AND 2021"),
        ("year: {to: 1999}", "year <= 1999"),
        ("genre: \"Drama\"", "'Drama' = ANY (genres)"),
        ("genre: \"drama\"", "false"),
        ("title: \"tHe\"", "title ILIKE '%the%'"),
        ("title: \"%\"", "title LIKE '%\\%%'"),
        ("title: \"の\"", "title LIKE '%の%'"),
        ("score: {from: 81}", "score >= 81"),
        ("score: {to: 39}", "score <= 39"),
        ("score: {from: 0, to: 100}", "score IS NOT NULL"),
        ("minimumReviews: 20", "review_count >= 20"),
        (
            "minimumReviews: 5, year: {from: 2000}, score: {from: 50}, title: \"e\"",
            "review_count >= 5 AND year >= 2000 AND score >= 50 AND title ILIKE '%e%'",
        ),
        (
            "year: null, genre: null, title: null, score: {from: null}, minimumReviews: null",
            "true",
        ),
    ] {
        let sql = format!(
            "SELECT title FROM film JOIN film_tally ON film_id = id WHERE {condition} ORDER BY title, id"
        );
        let expected = sorted_by_sql(&sql, &connection).await;
        let (titles, total) = fetch_list(
            &server,
            &format!("films(first: 100, filter: {{{filter}}})"),
            "title",
        )
        .await;
        assert_eq!(titles, expected, "{filter}");
        assert_eq!(total, expected.len() as u64, "{filter}");
    }
}

#[tokio::test]
async fn critics_and_publications_are_filtered_by_name() {
    let server = TestServer::demo().await;
    let connection = server.database.connect(1);
    for table in ["critic", "publication"] {
        for text in ["", "a", "QU", "_"] {
            let sql = format!(
                "SELECT name FROM {table} WHERE position(lower('{text}') in lower(name)) > 0 ORDER BY name, id"
            );
            let expected = sorted_by_sql(&sql, &connection).await;
            let (names, total) = fetch_list(
                &server,
                &format!("{table}s(first: 100, filter: {{name: \"{text}\"}})"),
                "name",
            )
            .await;
            assert_eq!(names, expected, "{table} {text}");
            assert_eq!(total, expected.len() as u64);
        }
    }
}

#[tokio::test]
async fn objects_are_reachable_from_each_other() {
    let server = TestServer::demo().await;
    let data = server
        .query(
            "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) { slug reviews(first: 3) { nodes {
                film { slug }
                critic { slug reviews(first: 2) { nodes { critic { slug } film { slug reviews(first: 1) { nodes { film { slug } } } } } } }
                publication { slug reviews(first: 2) { nodes { publication { slug } critic { slug } } } } } } } }",
        )
        .await;
    let nodes = |list: &serde_json::Value| {
        list["reviews"]["nodes"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let reviews = nodes(&data["film"]);
    assert_eq!(reviews.len(), 3);
    assert!(
        reviews
            .iter()
            .any(|review| !nodes(&review["critic"]).is_empty())
    );
    assert!(
        reviews
            .iter()
            .any(|review| !nodes(&review["publication"]).is_empty())
    );
    for review in reviews {
        assert_eq!(review["film"]["slug"], data["film"]["slug"]);
        for of_critic in nodes(&review["critic"]) {
            assert_eq!(of_critic["critic"]["slug"], review["critic"]["slug"]);
            assert_eq!(
                nodes(&of_critic["film"])[0]["film"]["slug"],
                of_critic["film"]["slug"]
            );
        }
        for of_publication in nodes(&review["publication"]) {
            assert_eq!(
                of_publication["publication"]["slug"],
                review["publication"]["slug"]
            );
        }
    }
}

#[tokio::test]
async fn strings_that_postgresql_cannot_store_are_rejected_or_match_nothing() {
    let server = TestServer::demo().await;
    assert!(
        server
            .query(r#"{ film(by: {slug: "a\u0000b"}) { id } }"#)
            .await["film"]
            .is_null()
    );
    for list in [
        "films(filter: {title: \"\\u0000\"})",
        "films(filter: {genre: \"\\u0000\"})",
        "critics(filter: {name: \"\\u0000\"})",
    ] {
        assert_eq!(
            server
                .error_code(&format!("{{ {list} {{ totalCount }} }}"))
                .await,
            "INVALID_VALUE",
            "{list}"
        );
    }
}
