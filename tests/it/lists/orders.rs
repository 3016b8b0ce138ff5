//! The orders of films, compared with SQL, by pages of random sizes.

use serde_json::{Value, json};

use super::browse::servers;
use crate::support::{TestServer, eventually, test_rng::TestRng};

/// The orders, with their keys in SQL. The titles of the catalogue are known.
const ORDERS: [(&str, &str); 4] = [
    (
        "SORT_TITLE",
        "replace(replace(replace(replace(replace(replace(replace(title, 'The Éclipse', 'eclipse'), 'A Étude', 'etude'),
            '...Straße', 'strasse'), 'L''Été', 'ete'), 'Die N', 'die n'), 'Истоки', 'истоки'), '''71', '71')",
    ),
    (
        "LATEST_REVIEW",
        "(SELECT max(reviewed_on) FROM review WHERE film_id = film.id)",
    ),
    (
        "STANDARD_DEVIATION",
        "(SELECT floor(1000 * stddev_pop(score)) FROM review WHERE film_id = film.id)",
    ),
    (
        "HIDDEN_GEM",
        "film_tally.score - (SELECT count(*) FROM review WHERE film_id = film.id)",
    ),
];

const FILTERS: [(&str, &str); 4] = [
    ("", "true"),
    ("minimumReviews: 4", "review_count >= 4"),
    ("score: {from: 30}", "film_tally.score >= 30"),
    (
        "reviewedBy: {slug: \"critic-2\"}",
        "EXISTS (SELECT FROM review WHERE film_id = film.id AND critic_id = 2)",
    ),
];

/// Fetches a list by pages of random sizes, forwards or backwards, and returns the slugs.
async fn walk(server: &TestServer, arguments: &str, rng: &mut TestRng) -> Vec<String> {
    let forwards = rng.one_in(2);
    let (size, cursor, end, more) = if forwards {
        ("first", "after", "endCursor", "hasNextPage")
    } else {
        ("last", "before", "startCursor", "hasPreviousPage")
    };
    let document = format!(
        "query($at: String, $size: Int) {{ films({arguments}, {size}: $size, {cursor}: $at) {{ nodes {{ slug }} pageInfo {{ {end} {more} }} }} }}"
    );
    let (mut slugs, mut position) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "at": position, "size": 1 + rng.below(100) });
        let request = json!({ "query": document, "variables": variables });
        let body = server.send(request).await.body;
        let list = &body["data"]["films"];
        let nodes = list["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{document}: {body}"));
        let page = nodes
            .iter()
            .map(|film| film["slug"].as_str().unwrap().to_owned());
        if forwards {
            slugs.extend(page);
        } else {
            slugs.splice(0..0, page);
        }
        if list["pageInfo"][more] == json!(false) {
            return slugs;
        }
        position = list["pageInfo"][end].clone();
    }
}

#[tokio::test]
async fn films_are_sorted_as_by_sql_with_pages_of_any_size() {
    let (server, plain, connection) = servers().await;
    let mut rng = TestRng::new(24, 4);
    for (order, key) in ORDERS {
        for direction in ["ASC", "DESC"] {
            for (filter, condition) in FILTERS {
                let collation = if order == "SORT_TITLE" {
                    "COLLATE \"C\""
                } else {
                    ""
                };
                // `the 5` has an article as well.
                let key = if order == "SORT_TITLE" {
                    format!("regexp_replace({key}, '^the ', '')")
                } else {
                    key.to_owned()
                };
                let sql = format!(
                    "SELECT slug FROM film JOIN film_tally ON film_id = id WHERE {condition}
                    ORDER BY {key} {collation} {direction} NULLS LAST, id"
                );
                let expected = super::sorted_by_sql(&sql, &connection).await;
                assert!(expected.len() > 50, "{filter}: {}", expected.len());
                let arguments = format!(
                    "filter: {{{filter}}}, orderBy: {{field: {order}, direction: {direction}}}"
                );
                for server in [&server, &plain] {
                    assert_eq!(
                        walk(server, &arguments, &mut rng).await,
                        expected,
                        "{arguments}"
                    );
                }
            }
        }
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_sorted_page_costs_one_statement() {
    let (server, plain, connection) = servers().await;
    for (order, _) in ORDERS {
        let document =
            format!("{{ films(first: 5, orderBy: {{field: {order}}}) {{ nodes {{ slug }} }} }}");
        let cost = async |server: &TestServer| {
            let response = server.send(json!({ "query": document })).await;
            assert_eq!(response.body["errors"], Value::Null, "{}", response.body);
            response.cost.unwrap()
        };
        assert_eq!(cost(&plain).await, (1, 1), "{order}");
        eventually("the index is read", async || cost(&server).await == (1, 1)).await;
    }
    connection.close().await.unwrap();
}
