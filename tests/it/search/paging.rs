//! Pages of results.

use serde_json::{Value, json};

use super::{names, search, server};
use crate::support::TestServer;

/// Fetches all pages of a size, and returns what they have.
async fn walk(server: &TestServer, text: &str, size: u16) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let page = search(
            server,
            json!({ "text": text, "first": size, "after": after }),
        )
        .await;
        let of_page = names(&page);
        assert!(of_page.len() <= usize::from(size));
        assert_eq!(page["nodes"].as_array().unwrap().len(), of_page.len());
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
        let is_last = page["pageInfo"]["hasNextPage"] == json!(false);
        assert!(is_last || of_page.len() == usize::from(size));
        all.extend(of_page);
        if is_last {
            return all;
        }
        let end = &page["pageInfo"]["endCursor"];
        assert_eq!(
            page["edges"].as_array().unwrap().last().unwrap()["cursor"],
            *end
        );
        after = end.clone();
    }
}

#[tokio::test]
async fn pages_of_any_size_have_the_same_results() {
    let server = server().await;
    server
        .database
        .execute(
            "INSERT INTO film (slug, title) SELECT 'dawn-' || n, 'Dawn Chorus' FROM generate_series(1, 7) AS n",
        )
        .await;
    server.clear_caches().await;
    let expected = walk(&server, "dawn", 100).await;
    // Seven titles, and the excerpts of six reviews, the newest first.
    assert_eq!(expected.len(), 13, "{expected:?}");
    assert_eq!(expected[0], "dawn-1");
    assert_eq!(expected[12], "A long walk at dawn, number 1");
    for size in [1, 2, 3, 7, 8, 12, 13] {
        assert_eq!(walk(&server, "dawn", size).await, expected, "{size}");
    }
}

#[tokio::test]
async fn invalid_pages_are_errors() {
    let server = server().await;
    for (arguments, code) in [
        ("first: -1", "INVALID_PAGE"),
        ("first: 101", "INVALID_PAGE"),
        ("after: \"\"", "INVALID_CURSOR"),
        ("after: \"bm9uc2Vuc2U\"", "INVALID_CURSOR"),
    ] {
        let document = format!("{{ search(text: \"x\", {arguments}) {{ nodes {{ id }} }} }}");
        assert_eq!(server.error_code(&document).await, code, "{arguments}");
    }
    let empty = search(&server, json!({ "text": "aurora", "first": 0 })).await;
    assert_eq!(empty["edges"], json!([]));
    assert_eq!(empty["pageInfo"]["hasNextPage"], true);
}
