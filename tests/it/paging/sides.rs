//! Pages without items, and whether a list has more items on either side of a page.

use marquee::access::Role;
use proptest::{prelude::*, strategy::ValueTree};
use serde_json::{Value, json};

use super::{LISTS, Page, page};
use crate::support::{TestDatabase, TestServer};

#[tokio::test]
async fn a_page_without_items_has_the_total_count_and_says_whether_there_are_items() {
    let server = TestServer::demo().await;
    for (list, orders) in LISTS {
        for order in orders {
            let order = format!("orderBy: {{field: {order}}}");
            let whole = page(&server, list, &format!("{order}, first: 100")).await;
            assert!(whole.total > 0, "{list}");
            for (size, has_previous, has_next) in
                [("first: 0", false, true), ("last: 0", true, false)]
            {
                let empty = page(&server, list, &format!("{order}, {size}")).await;
                assert_eq!(empty.ids, [""; 0], "{list} {size}");
                assert_eq!((empty.start, empty.end), (None, None), "{list} {size}");
                assert_eq!(empty.total, whole.total, "{list} {size}");
                assert_eq!(
                    (empty.has_previous, empty.has_next),
                    (has_previous, has_next),
                    "{list} {order} {size}"
                );
            }
            // After the last item there is nothing more.
            let last = page(&server, list, &format!("{order}, last: 1")).await;
            let after = format!("{order}, first: 0, after: \"{}\"", last.end.unwrap());
            let end = page(&server, list, &after).await;
            assert_eq!((end.has_previous, end.has_next), (true, false), "{list}");
        }
    }
}

#[tokio::test]
async fn an_empty_list_has_no_items_on_either_side_of_an_empty_page() {
    let server = TestServer::empty().await;
    for list in ["films", "critics", "publications", "reviews"] {
        for size in ["first: 0", "last: 0"] {
            let empty = page(&server, list, size).await;
            assert_eq!(
                (empty.total, empty.has_previous, empty.has_next),
                (0, false, false)
            );
        }
    }
}

#[tokio::test]
async fn nested_lists_and_lists_of_few_may_have_empty_pages() {
    let server = TestServer::demo().await;
    let connection =
        "totalCount nodes { __typename } pageInfo { hasNextPage hasPreviousPage endCursor }";
    let data = server
        .query(&format!(
            "{{ films(first: 3) {{ nodes {{ reviews(first: 0) {{ {connection} }} }} }} }}"
        ))
        .await;
    for film in data["films"]["nodes"].as_array().unwrap() {
        let reviews = &film["reviews"];
        let total = reviews["totalCount"].as_u64().unwrap();
        assert_eq!(reviews["nodes"], json!([]));
        assert_eq!(
            reviews["pageInfo"],
            json!({ "hasNextPage": total > 0, "hasPreviousPage": false, "endCursor": null })
        );
    }
    server
        .database
        .execute("UPDATE review SET byline = 'changed'")
        .await;
    let public = TestServer::sharing_database_with(&server, &["--public-revisions=true"]);
    let data = public
        .query(&format!(
            "{{ reviews(first: 2) {{ nodes {{ revisions(last: 0) {{ {connection} }} }} }} }}"
        ))
        .await;
    for review in data["reviews"]["nodes"].as_array().unwrap() {
        let page_info = json!({ "hasNextPage": false, "hasPreviousPage": true, "endCursor": null });
        let expected = json!({ "totalCount": 1, "nodes": [], "pageInfo": page_info });
        assert_eq!(review["revisions"], expected);
    }
    let admin = server.database.token(Role::Admin, None).await;
    let query = json!({ "query": format!("{{ tokens(first: 0) {{ {connection} }} }}") });
    let response = server.send_as(&admin, query).await;
    assert_eq!(
        response.body["data"]["tokens"],
        json!({
            "totalCount": 1, "nodes": [],
            "pageInfo": { "hasNextPage": true, "hasPreviousPage": false, "endCursor": null },
        })
    );
}

#[tokio::test]
async fn only_what_is_selected_of_a_page_is_read() {
    let server = TestServer::demo().await;
    let data = server
        .query("{ films(first: 2) { pageInfo { endCursor } } }")
        .await;
    let cursor = data["films"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    for (list, expected) in [
        (
            "films(first: 0) { nodes { id } edges { cursor } pageInfo { endCursor } }",
            (0, 0),
        ),
        ("films(first: 0) { pageInfo { hasPreviousPage } }", (0, 0)),
        (
            "films(first: 0) { nodes { reviews { nodes { id } } } }",
            (0, 0),
        ),
        ("films(first: 0) { totalCount }", (1, 1)),
        ("films(first: 0) { pageInfo { hasNextPage } }", (1, 1)),
        (
            "films(first: 0) { totalCount pageInfo { hasNextPage } }",
            (2, 1),
        ),
        (
            "films(first: 2) { nodes { id } pageInfo { hasNextPage hasPreviousPage } }",
            (1, 1),
        ),
        (
            "films(first: 2, after: \"CURSOR\") { nodes { id } pageInfo { hasNextPage } }",
            (1, 1),
        ),
        (
            "films(first: 2, after: \"CURSOR\") { nodes { id } pageInfo { hasNextPage hasPreviousPage } }",
            (2, 1),
        ),
        (
            "films(last: 1, before: \"CURSOR\") { nodes { id } pageInfo { hasNextPage hasPreviousPage } }",
            (2, 1),
        ),
    ] {
        let document = format!("{{ {} }}", list.replace("CURSOR", &cursor));
        assert_eq!(server.cost(&document).await, expected, "{document}");
    }
}

/// The arguments of a page, with the places of its cursors in the whole list.
#[derive(Clone, Debug)]
struct Arguments {
    after: Option<prop::sample::Index>,
    before: Option<prop::sample::Index>,
    size: usize,
    is_from_end: bool,
}

fn arguments() -> impl Strategy<Value = Arguments> {
    let cursor = || prop::option::of(any::<prop::sample::Index>());
    (cursor(), cursor(), 0..6_usize, any::<bool>()).prop_map(
        |(after, before, size, is_from_end)| Arguments {
            after,
            before,
            size,
            is_from_end,
        },
    )
}

/// Returns the cursors of a list with the ids of their nodes, in its order.
async fn edges(server: &TestServer, list: &str, order: &str) -> Vec<(String, String)> {
    let close = if list.contains('{') { " }" } else { "" };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let document = format!(
            "{{ {list}(first: 100, {order}{after}) {{ edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage }} }}{close} }}"
        );
        let data = server.query(&document).await;
        let root = data.as_object().unwrap().values().next().unwrap();
        let connection = root.get("reviews").unwrap_or(root);
        let edges = connection["edges"].as_array().unwrap().iter();
        all.extend(edges.map(|edge| (text(&edge["cursor"]), text(&edge["node"]["id"]))));
        if connection["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = format!(", after: \"{}\"", all.last().unwrap().0);
    }
}

/// Asserts that a page has the items that a model selects from the list. `cursors` are those of the items of the list as
/// it was; `ids` has `None` for the items that were deleted since.
fn assert_page(
    actual: &Page,
    arguments: &Arguments,
    (after, before): (Option<usize>, Option<usize>),
    ids: &[Option<String>],
    context: &str,
) {
    let exists = |place: &usize| ids[*place].is_some();
    let start = after.map_or(0, |after| after + 1);
    let end = before.unwrap_or(ids.len());
    let range: Vec<usize> = (start..end.max(start)).filter(exists).collect();
    let size = arguments.size.min(range.len());
    let skipped = if arguments.is_from_end {
        range.len() - size
    } else {
        0
    };
    let expected: Vec<&str> = range[skipped..skipped + size]
        .iter()
        .filter_map(|place| ids[*place].as_deref())
        .collect();
    assert_eq!(actual.ids, expected, "{context}");
    let has_previous = skipped > 0 || (0..start).any(|place| exists(&place));
    let has_next = skipped + size < range.len() || (end..ids.len()).any(|place| exists(&place));
    assert_eq!(
        (actual.has_previous, actual.has_next),
        (has_previous, has_next),
        "{context}"
    );
}

#[tokio::test]
async fn both_sides_of_any_page_match_a_model_of_the_list_while_items_are_deleted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for (list, orders) in [
        (
            "films",
            &["TITLE", "RELEASE_DATE", "SCORE", "REVIEW_COUNT"][..],
        ),
        ("critics", &["NAME", "REVIEW_COUNT"][..]),
        ("reviews", &["ADDED", "SCORE", "DATE"][..]),
        (
            "film(by: {slug: \"the-lighthouse-tax-2019\"}) { reviews",
            &["ADDED", "SCORE", "DATE"][..],
        ),
    ] {
        let server = TestServer::with_database(TestDatabase::demo().await);
        let mut lists = Vec::new();
        for order in orders {
            for direction in ["ASC", "DESC"] {
                let order = format!("orderBy: {{field: {order}, direction: {direction}}}");
                lists.push((edges(&server, list, &order).await, order));
            }
        }
        for share in [0, 3, 2, 1] {
            if share > 0 {
                delete(&server, list, share).await;
            }
            for (edges, order) in &lists {
                let now = self::edges(&server, list, order).await;
                let ids: Vec<Option<String>> = edges
                    .iter()
                    .map(|(_, id)| now.iter().any(|(_, other)| other == id).then(|| id.clone()))
                    .collect();
                for _ in 0..6 {
                    let arguments = arguments().new_tree(&mut runner).unwrap().current();
                    check_page(&server, (list, order), &arguments, edges, &ids).await;
                }
            }
        }
    }
}

/// Reads a page of a list, and asserts that it matches the model. `edges` is the list as it was.
async fn check_page(
    server: &TestServer,
    (list, order): (&str, &str),
    arguments: &Arguments,
    edges: &[(String, String)],
    ids: &[Option<String>],
) {
    let place = |index: Option<prop::sample::Index>| index.map(|index| index.index(edges.len()));
    let (after, before) = (place(arguments.after), place(arguments.before));
    let cursor = |name: &str, place: Option<usize>| {
        place.map_or_else(String::new, |place| {
            format!(", {name}: \"{}\"", edges[place].0)
        })
    };
    let count = if arguments.is_from_end {
        "last"
    } else {
        "first"
    };
    let text = format!(
        "{order}, {count}: {}{}{}",
        arguments.size,
        cursor("after", after),
        cursor("before", before)
    );
    let actual = page(server, list, &text).await;
    let context = format!("{list} {text} {after:?} {before:?}");
    assert_page(&actual, arguments, (after, before), ids, &context);
}

/// Deletes one of `share` items of a list.
async fn delete(server: &TestServer, list: &str, share: u32) {
    let sql = match list {
        "films" => format!("DELETE FROM film WHERE id % {share} = 0"),
        "critics" => format!("DELETE FROM critic WHERE id % {share} = 0"),
        _ => format!("DELETE FROM review WHERE id % {share} = 0"),
    };
    server.database.execute(&sql).await;
    server.clear_caches().await;
}
