//! Imports by another process, while a server has cached what they change.

use std::{fmt::Write as _, fs};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::{hits, with_caches};
use crate::support::{
    TestDatabase, TestServer, eventually,
    program::{CommandResult, Program, marquee, run, url},
};

/// Reads a film in several ways: by its key, by lists and filters, and by counts.
const READS: &str = "{
    film(by: {slug: \"lamp\"}) { score { reviewCount } reviews(last: 1) { totalCount nodes { excerpt } } }
    films(filter: {minimumReviews: 1}) { totalCount nodes { slug score { reviewCount } } }
    reviews(orderBy: {field: ADDED, direction: DESC}, first: 1) { totalCount nodes { excerpt } }
    critic(by: {slug: \"ann\"}) { score { reviewCount } reviews(filter: {scored: true}) { totalCount } }
}";

async fn reads(server: &TestServer) -> Value {
    let response = server.send(json!({ "query": READS })).await;
    assert_eq!(response.body.get("errors"), None, "{}", response.body);
    response.body["data"].clone()
}

/// Imports a file of reviews of the film by another process, and returns when that has ended.
async fn import(database: String, path: String) -> CommandResult {
    let import = move || {
        let arguments = ["import", "csv", &path, "--database-url", &database];
        run(marquee(&arguments))
    };
    let result = tokio::task::spawn_blocking(import).await.unwrap();
    assert_eq!(result.status.code(), Some(0), "{result:?}");
    result
}

/// Asserts that the first read after an import has its reviews, of which the newest is this one.
fn assert_current(read: &Value, reviews: u64, newest: &str) {
    let count = json!({ "reviewCount": reviews });
    let last = json!({ "totalCount": reviews, "nodes": [{ "excerpt": newest }] });
    let film = json!({ "slug": "lamp", "score": count });
    let expected = json!({
        "film": { "score": count, "reviews": last },
        "films": { "totalCount": 1, "nodes": [film] },
        "reviews": last,
        "critic": { "score": count, "reviews": { "totalCount": reviews } },
    });
    assert_eq!(*read, expected);
}

#[tokio::test]
async fn the_first_read_after_an_import_has_its_rows() {
    let server = with_caches(TestDatabase::empty().await).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("reviews.csv");
    let database = url(&server.database.options());
    let mut reviews = 0;
    // A statement with many rows notifies that anything may have changed.
    for (round, rows) in [1, 1, 2, 3, 500, 1, 5, 400, 1, 1].into_iter().enumerate() {
        let mut text =
            "film,film_slug,critic,critic_slug,source,external_id,score,excerpt\n".to_owned();
        for row in 0..rows {
            writeln!(text, "Lamp,lamp,Ann,ann,s,{round}-{row},70,{round}-{row}").unwrap();
        }
        fs::write(&path, text).unwrap();
        if reviews > 0 {
            // The response is in the cache, and the import makes it stale.
            let before = hits(&server).await;
            reads(&server).await;
            assert_eq!(hits(&server).await, before + 1);
        }
        import(database.clone(), path.to_str().unwrap().to_owned()).await;
        let read = reads(&server).await;
        reviews += rows;
        assert_current(&read, reviews, &format!("{round}-{}", rows - 1));
    }
}

/// A busy server receives the notifications of an import after the import has ended, unless that waits for it.
#[tokio::test]
async fn an_import_waits_until_the_servers_have_received_its_notifications() {
    let database = TestDatabase::empty().await;
    let url = url(&database.options());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("reviews.csv");
    let path = path.to_str().unwrap();
    let import = async |score: u32| {
        let text = format!("film,critic,source,external_id,score\nLamp,Ann,s,1,{score}\n");
        fs::write(path, text).unwrap();
        import(url.clone(), path.to_owned()).await.stderr
    };
    // There is no server yet, one that responds, and one that doesn't.
    assert_eq!(import(10).await, "");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database-url", &url];
    let server = Program::ready(marquee(&arguments));
    let counted = "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'";
    let is_counted = async || !database.texts(counted).await.is_empty();
    eventually("the server receives notifications", is_counted).await;
    assert_eq!(import(20).await, "");
    server.signal(Signal::SIGSTOP);
    let stderr = import(30).await;
    server.signal(Signal::SIGCONT);
    assert!(
        stderr.contains("not every server has confirmed"),
        "{stderr}"
    );
    assert_eq!(import(40).await, "");
    // A server that has ended is not waited for.
    server.kill();
    assert_eq!(import(50).await, "");
    let stored = database.texts("SELECT score::text FROM review").await;
    assert_eq!(stored, ["50"]);
}
