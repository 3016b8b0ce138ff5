//! Pagination returns each row once: forwards and backwards, in every order, while rows are added and deleted.

use proptest::{prelude::*, strategy::ValueTree};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::support::{TestDatabase, TestServer};

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
    previous: bool,
    next: bool,
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
        previous: info["hasPreviousPage"].as_bool().unwrap(),
        next: info["hasNextPage"].as_bool().unwrap(),
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
                    assert_eq!(next.previous, !after.is_empty());
                    assert_eq!(next.total, whole.total);
                    forwards.extend(next.ids);
                    if !next.next {
                        break;
                    }
                    after = format!(", after: \"{}\"", next.end.unwrap());
                }
                let (mut backwards, mut before) = (Vec::new(), String::new());
                loop {
                    let mut previous =
                        page(&server, list, &format!("{order}, last: {size}{before}")).await;
                    assert_eq!(previous.next, !before.is_empty());
                    previous.ids.reverse();
                    backwards.extend(previous.ids);
                    if !previous.previous {
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

/// A change of a list between two pages.
#[derive(Clone, Debug)]
enum ListChange {
    Add { score: Option<u8>, day: Option<u8> },
    Delete { place: u8 },
    Nothing,
}

fn list_change() -> impl Strategy<Value = ListChange> {
    prop_oneof![
        (prop::option::of(0..4_u8), prop::option::of(0..4_u8))
            .prop_map(|(score, day)| ListChange::Add { score, day }),
        any::<u8>().prop_map(|place| ListChange::Delete { place }),
        Just(ListChange::Nothing),
    ]
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| value.to_string())
}

async fn add(connection: &impl ConnectionTrait, score: Option<u8>, day: Option<u8>) {
    let (rule, day) = (
        score.map(|_| "'given'"),
        day.map(|day| format!("'2020-01-0{}'", day + 1)),
    );
    let sql = format!(
        "INSERT INTO review (film_id, score, score_rule, reviewed_on) SELECT id, {}, {}, {} FROM film",
        optional(score),
        optional(rule),
        optional(day)
    );
    connection.execute_unprepared(&sql).await.unwrap();
}

async fn run_case(
    size: u32,
    field: &str,
    direction: &str,
    backwards: bool,
    interruptions: &[ListChange],
    server: &TestServer,
) {
    let connection = server.database.connect(1);
    connection
        .execute_unprepared("TRUNCATE review")
        .await
        .unwrap();
    for n in 0..12_u8 {
        add(
            &connection,
            Some(n % 4).filter(|_| n % 3 > 0),
            Some(n % 3).filter(|_| n % 4 > 0),
        )
        .await;
    }
    let list = "film(by: {slug: \"the-film\"}) { reviews";
    let order = format!("orderBy: {{field: {field}, direction: {direction}}}");
    let at_first = page(server, list, &format!("{order}, first: 100"))
        .await
        .ids;
    let (count, bound) = if backwards {
        ("last", "before")
    } else {
        ("first", "after")
    };
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for interruption in interruptions.iter().cycle().take(60) {
        let read = page(server, list, &format!("{order}, {count}: {size}{cursor}")).await;
        let (more, edge) = if backwards {
            (read.previous, read.start)
        } else {
            (read.next, read.end)
        };
        seen.extend(if backwards {
            read.ids.into_iter().rev().collect::<Vec<_>>()
        } else {
            read.ids
        });
        if !more {
            break;
        }
        cursor = format!(", {bound}: \"{}\"", edge.unwrap());
        match interruption {
            ListChange::Add { score, day } => add(&connection, *score, *day).await,
            ListChange::Delete { place } => {
                let sql = format!(
                    "DELETE FROM review WHERE id = (SELECT id FROM review ORDER BY id OFFSET {place} % (SELECT count(*) FROM review) LIMIT 1)"
                );
                connection.execute_unprepared(&sql).await.unwrap();
            }
            ListChange::Nothing => {}
        }
    }
    let at_last = page(server, list, &format!("{order}, first: 100"))
        .await
        .ids;
    let mut once = seen.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "a row was returned twice: {seen:?}");
    for id in at_first.iter().filter(|id| at_last.contains(id)) {
        assert!(
            seen.contains(id),
            "a row that existed all the time was skipped"
        );
    }
}

#[tokio::test]
async fn added_and_deleted_rows_do_not_duplicate_or_skip_others() {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    connection
        .execute_unprepared("INSERT INTO film (slug, title) VALUES ('the-film', 'The Film')")
        .await
        .unwrap();
    let server = TestServer::with_database(database);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let interruptions = prop::collection::vec(list_change(), 4);
    for field in ["ADDED", "SCORE", "DATE"] {
        for direction in ["ASC", "DESC"] {
            for backwards in [false, true] {
                for size in [1, 3] {
                    let tree = interruptions.new_tree(&mut runner).unwrap();
                    let interruptions = tree.current();
                    run_case(size, field, direction, backwards, &interruptions, &server).await;
                }
            }
        }
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
        ("first: 0", "INVALID_PAGE"),
        ("first: -1", "INVALID_PAGE"),
        ("last: 101", "INVALID_PAGE"),
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
    let elsewhere = format!(
        "{{ films(after: \"{film_cursor}\", orderBy: {{field: SCORE}}) {{ totalCount }} }}"
    );
    assert_eq!(server.error_code(&elsewhere).await, "INVALID_CURSOR");
    let turned = format!(
        "{{ films(after: \"{film_cursor}\", orderBy: {{field: TITLE, direction: DESC}}) {{ totalCount }} }}"
    );
    assert_eq!(server.error_code(&turned).await, "INVALID_CURSOR");
}
