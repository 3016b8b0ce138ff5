//! Real clients: the audit suite of GraphQL over HTTP, graphql-js, and a browser.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use marquee::access::Role;
use sea_orm::ConnectionTrait;

use crate::support::{TestDatabase, TestServer, root};

/// Runs a Node program of `tests/clients` against a server; what it says is shown if it fails.
async fn run(script: &str, server: &TestServer) {
    run_with(&[script, &server.url("")]).await;
}

/// The same with further arguments.
async fn run_with(line: &[&str]) {
    let line: Vec<String> = line.iter().map(|argument| (*argument).to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || {
        let mut child = Command::new("node")
            .args(line)
            .current_dir(root().join("tests/clients"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Node.js, which `make test` sees to");
        let deadline = Instant::now() + Duration::from_mins(2);
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        child.wait_with_output().unwrap()
    })
    .await
    .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        said(&output.stdout),
        said(&output.stderr)
    );
}

#[tokio::test]
async fn all_61_audits_of_graphql_over_http_pass() {
    run("audits.mjs", &TestServer::demo().await).await;
}

#[tokio::test]
async fn graphql_js_accepts_the_schema_and_finds_everything_described() {
    run("schema.mjs", &TestServer::empty().await).await;
}

#[tokio::test]
async fn documents_are_judged_and_answered_as_by_graphql_js() {
    run("differential.mjs", &TestServer::demo().await).await;
}

/// Adds reviews to a film for as long as anybody waits for this, each with a score one higher than the last, and 0 after 100.
async fn add_reviews(server: &TestServer) {
    let connection = server.database.connect(1);
    for score in (0..=100).cycle() {
        let sql = format!(
            "INSERT INTO review (film_id, score, score_rule) SELECT min(id), {score}, 'given' FROM film"
        );
        connection.execute_unprepared(&sql).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test]
async fn the_clients_of_graphql_ws_and_graphql_sse_hear_of_each_review() {
    let server = TestServer::demo().await;
    tokio::select! {
        () = run("subscriptions.mjs", &server) => {}
        () = add_reviews(&server) => {}
    }
}

#[tokio::test]
async fn the_clients_of_graphql_ws_apollo_and_urql_write_and_hear_what_they_wrote() {
    let database = TestDatabase::demo().await;
    let critic = database.texts("SELECT min(id)::text FROM critic").await[0]
        .parse()
        .unwrap();
    let editors = database.token(Role::Editor, None).await;
    let critics = database.token(Role::Critic, Some(critic)).await;
    let server = TestServer::with(database, &["--anonymous-reads=false"]);
    run_with(&["writing.mjs", &server.url(""), &editors, &critics]).await;
}

#[tokio::test]
async fn the_clients_of_apollo_and_urql_name_documents_that_they_brought() {
    run("persisted.mjs", &TestServer::demo().await).await;
}

#[tokio::test]
async fn the_clients_of_apollo_and_urql_run_trusted_documents_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("manifest.json");
    let manifest = manifest.to_str().unwrap();
    // The build writes it, and the server is started with it.
    run_with(&["trusted.mjs", "--manifest", manifest]).await;
    let documents = format!("--documents={manifest}");
    let database = TestDatabase::demo().await;
    let server = TestServer::with(database, &[&documents, "--persisted=only"]);
    run_with(&["trusted.mjs", &server.url(""), manifest]).await;
}

#[tokio::test]
async fn the_playground_works_in_a_browser_without_the_internet() {
    let server = TestServer::demo().await;
    tokio::select! {
        () = run("playground.mjs", &server) => {}
        () = add_reviews(&server) => {}
    }
}
