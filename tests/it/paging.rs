//! Pagination returns each row once: forwards and backwards, in every order, while rows are added and deleted.

mod changes;
mod sides;

use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::support::TestServer;

/// The lists of the API with their orders, and the path to the ids of their nodes.
const LISTS: [(&str, &[&str]); 7] = [
    ("films", &["TITLE", "RELEASE_DATE", "SCORE", "REVIEW_COUNT"]),
    ("critics", &["NAME", "REVIEW_COUNT"]),
    ("publications", &["NAME", "REVIEW_COUNT"]),
    ("reviews", &["ADDED", "SCORE", "DATE"]),
    (
        "film(by: {slug: \"the-lighthouse-tax-2019\"}) { reviews",
        &["ADDED", "SCORE", "DATE"],
    ),
    (
        "critic(by: {slug: \"kirihara-suzume\"}) { reviews",
        &["ADDED", "SCORE", "DATE"],
    ),
    (
        "publication(by: {slug: \"cormorant-quay-gazette\"}) { reviews",
        &["ADDED", "SCORE", "DATE"],
    ),
];

/// A page of a list: its ids, its first and last cursor, and whether pages precede and follow it.
struct Page {
    ids: Vec<String>,
    start: Option<String>,
    end: Option<String>,
    has_previous: bool,
    has_next: bool,
    total: u64,
}

async fn page(server: &TestServer, list: &str, arguments: &str) -> Page {
    let close = if list.contains('{') && !list.ends_with('}') && list.contains(") {") {
        " }"
    } else {
        ""
    };
    let document = format!(
        "{{ {list}({arguments}) {{ totalCount nodes {{ id }} edges {{ cursor node {{ id }} }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}{close} }}"
    );
    let data = server.query(&document).await;
    let root = data.as_object().unwrap().values().next().unwrap();
    let connection = root.get("reviews").unwrap_or(root);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let ids: Vec<String> = connection["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| text(&node["id"]))
        .collect();
    let edges = connection["edges"].as_array().unwrap();
    let from_edges: Vec<String> = edges
        .iter()
        .filter_map(|edge| text(&edge["node"]["id"]))
        .collect();
    assert_eq!(ids, from_edges);
    let info = &connection["pageInfo"];
    assert_eq!(
        edges.first().and_then(|edge| text(&edge["cursor"])),
        text(&info["startCursor"])
    );
    assert_eq!(
        edges.last().and_then(|edge| text(&edge["cursor"])),
        text(&info["endCursor"])
    );
    Page {
        ids,
        start: text(&info["startCursor"]),
        end: text(&info["endCursor"]),
        has_previous: info["hasPreviousPage"].as_bool().unwrap(),
        has_next: info["hasNextPage"].as_bool().unwrap(),
        total: connection["totalCount"].as_u64().unwrap(),
    }
}

#[tokio::test]
async fn forward_and_backward_pagination_return_every_row_once_in_the_same_order() {
    let server = TestServer::demo().await;
    for (list, fields) in LISTS {
        for field in fields {
            for direction in ["ASC", "DESC"] {
                let order = format!("orderBy: {{field: {field}, direction: {direction}}}");
                let whole = page(&server, list, &format!("{order}, first: 100")).await;
                let size = (whole.ids.len() / 3).clamp(1, 7);
                let (mut forwards, mut after) = (Vec::new(), String::new());
                loop {
                    let next = page(&server, list, &format!("{order}, first: {size}{after}")).await;
                    assert_eq!(next.has_previous, !after.is_empty());
                    assert_eq!(next.total, whole.total);
                    forwards.extend(next.ids);
                    if !next.has_next {
                        break;
                    }
                    after = format!(", after: \"{}\"", next.end.unwrap());
                }
                let (mut backwards, mut before) = (Vec::new(), String::new());
                loop {
                    let mut previous =
                        page(&server, list, &format!("{order}, last: {size}{before}")).await;
                    assert_eq!(previous.has_next, !before.is_empty());
                    previous.ids.reverse();
                    backwards.extend(previous.ids);
                    if !previous.has_previous {
                        break;
                    }
                    before = format!(", before: \"{}\"", previous.start.unwrap());
                }
                backwards.reverse();
                assert_eq!(forwards, backwards, "{list} {order}");
                assert_eq!(forwards.len() as u64, whole.total, "{list} {order}");
                assert_eq!(forwards[..whole.ids.len()], whole.ids, "{list} {order}");
                let mut different = forwards.clone();
                different.sort_unstable();
                different.dedup();
                assert_eq!(different.len(), forwards.len(), "{list} {order}");
            }
        }
    }
}

/// Compares the order of lists with that of `ORDER BY` in PostgreSQL.
#[tokio::test]
async fn lists_have_the_requested_order() {
    let server = TestServer::demo().await;
    let connection = server.database.connect(1);
    for (field, direction, sql) in [
        ("SCORE", "DESC", "score DESC NULLS LAST, id"),
        ("SCORE", "ASC", "score ASC NULLS LAST, id"),
        ("DATE", "DESC", "reviewed_on DESC NULLS LAST, id"),
        ("DATE", "ASC", "reviewed_on ASC NULLS LAST, id"),
        ("ADDED", "ASC", "id"),
        ("ADDED", "DESC", "id DESC"),
    ] {
        let rows = connection
            .query_all_raw(sea_orm::Statement::from_string(
                sea_orm::DbBackend::Postgres,
                format!("SELECT coalesce(excerpt, 'none') AS excerpt FROM review WHERE film_id = (SELECT id FROM film WHERE slug = 'the-lighthouse-tax-2019') ORDER BY {sql}"),
            ))
            .await
            .unwrap();
        let expected: Vec<String> = rows
            .iter()
            .map(|row| row.try_get("", "excerpt").unwrap())
            .collect();
        let data = server
            .query(&format!(
                "{{ film(by: {{slug: \"the-lighthouse-tax-2019\"}}) {{ reviews(first: 100, orderBy: {{field: {field}, direction: {direction}}}) {{ nodes {{ excerpt }} }} }} }}"
            ))
            .await;
        let nodes = data["film"]["reviews"]["nodes"].as_array().unwrap();
        let actual: Vec<&str> = nodes
            .iter()
            .map(|node| node["excerpt"].as_str().unwrap_or("none"))
            .collect();
        assert_eq!(actual, expected, "{field} {direction}");
    }
}

#[tokio::test]
async fn invalid_page_arguments_are_rejected_with_a_code() {
    let server = TestServer::demo().await;
    let data = server.query("{ films(first: 1) { pageInfo { endCursor } } reviews(first: 1) { pageInfo { endCursor } } }").await;
    let film_cursor = data["films"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    for (arguments, code) in [
        ("first: 1, last: 1", "INVALID_PAGE"),
        ("first: -1", "INVALID_PAGE"),
        ("last: -1", "INVALID_PAGE"),
        ("first: 101", "INVALID_PAGE"),
        ("last: 101", "INVALID_PAGE"),
        ("first: 0, last: 0", "INVALID_PAGE"),
        ("after: \"\"", "INVALID_CURSOR"),
        ("after: \"nonsense\"", "INVALID_CURSOR"),
        ("before: \"WyJ0aXRsZSJd\"", "INVALID_CURSOR"),
    ] {
        assert_eq!(
            server
                .error_code(&format!("{{ films({arguments}) {{ totalCount }} }}"))
                .await,
            code,
            "{arguments}"
        );
    }
    let by_score = format!(
        "{{ films(after: \"{film_cursor}\", orderBy: {{field: SCORE}}) {{ totalCount }} }}"
    );
    assert_eq!(server.error_code(&by_score).await, "INVALID_CURSOR");
    let reversed = format!(
        "{{ films(after: \"{film_cursor}\", orderBy: {{field: TITLE, direction: DESC}}) {{ totalCount }} }}"
    );
    assert_eq!(server.error_code(&reversed).await, "INVALID_CURSOR");
}
