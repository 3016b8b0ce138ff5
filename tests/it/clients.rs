//! Real clients: the audit suite of GraphQL over HTTP, graphql-js, client libraries, and a browser.

mod packages;
mod playground;
mod python;
mod restarts;
mod rust;

use std::{
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use marquee::access::Role;
use sea_orm::ConnectionTrait;

use crate::support::{TestDatabase, TestServer, program::Program, root};

/// Runs a Node program of `tests/clients` against a server. The panic message contains its output.
async fn run(script: &str, server: &TestServer) {
    run_with(&[script, &server.url("")]).await;
}

/// Runs a Node program with these arguments.
pub async fn run_with(line: &[&str]) {
    let line: Vec<String> = line.iter().map(|argument| (*argument).to_owned()).collect();
    let output = tokio::task::spawn_blocking(move || {
        let mut child = Command::new("node")
            .args(line)
            .current_dir(root().join("tests/clients"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Node.js is installed; `make test` installs it");
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
    let output_text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        output_text(&output.stdout),
        output_text(&output.stderr)
    );
}

/// Runs a Node program that listens itself. `start` gets its URL and starts the server, whose URL the program reads from
/// its input, with the words after it.
async fn run_with_address(script: &str, start: impl AsyncFnOnce(&str) -> (TestServer, String)) {
    let mut command = Command::new("node");
    command
        .arg(script)
        .current_dir(root().join("tests/clients"));
    let (mut program, mut stdin) = Program::start_with_stdin(command);
    let line = program.wait_for("listening on ");
    let (_, url) = line.split_once("listening on ").unwrap();
    let (server, words) = start(url).await;
    writeln!(stdin, "{} {words}", server.url("")).unwrap();
    let waited = tokio::task::spawn_blocking(|| program.wait()).await;
    let result = waited.unwrap();
    assert!(
        result.status.success(),
        "{}\n{}",
        result.stdout,
        result.stderr
    );
}

#[tokio::test]
async fn all_61_audits_of_graphql_over_http_pass() {
    run("audits.mjs", &TestServer::demo().await).await;
}

#[tokio::test]
async fn the_schema_is_valid_and_fully_described_for_graphql_js() {
    run("schema.mjs", &TestServer::empty().await).await;
}

#[tokio::test]
async fn verdicts_and_responses_match_graphql_js() {
    run("differential.mjs", &TestServer::demo().await).await;
}

/// Adds reviews to a film until the future is dropped. Each score is one higher than the last; 100 is followed by 0.
pub async fn add_reviews(server: &TestServer) {
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
async fn graphql_ws_and_graphql_sse_clients_receive_each_review() {
    let server = TestServer::demo().await;
    tokio::select! {
        () = run("subscriptions.mjs", &server) => {}
        () = add_reviews(&server) => {}
    }
}

#[tokio::test]
async fn graphql_ws_apollo_and_urql_clients_receive_their_own_writes() {
    let database = TestDatabase::demo().await;
    let critic = database.texts("SELECT min(id)::text FROM critic").await[0]
        .parse()
        .unwrap();
    let editors = database.token(Role::Editor, None).await;
    let critics = database.token(Role::Critic, Some(critic)).await;
    let server = TestServer::with_arguments(database, &["--anonymous-reads=false"]);
    run_with(&["writing.mjs", &server.url(""), &editors, &critics]).await;
}

#[tokio::test]
async fn apollo_and_urql_clients_use_automatic_persisted_queries() {
    run("persisted.mjs", &TestServer::demo().await).await;
}

#[tokio::test]
async fn apollo_and_urql_clients_run_trusted_documents_only() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("manifest.json");
    let manifest = manifest.to_str().unwrap();
    // The script writes the manifest that the server is started with.
    run_with(&["trusted.mjs", "--manifest", manifest]).await;
    let documents = format!("--documents={manifest}");
    let database = TestDatabase::demo().await;
    let server = TestServer::with_arguments(database, &[&documents, "--persisted=only"]);
    run_with(&["trusted.mjs", &server.url(""), manifest]).await;
}

#[tokio::test]
async fn tokens_of_a_real_identity_provider_are_accepted_by_the_settings_alone() {
    run_with_address("identity.mjs", async |issuer| {
        let issuer_setting = format!("--jwt-issuer={issuer}");
        let keys = format!("--jwt-jwks={issuer}/jwks");
        let settings = [
            &*issuer_setting,
            "--jwt-audience=marquee",
            &keys,
            "--jwt-role-claim=realm_access.roles",
        ];
        let server = TestServer::with_arguments(TestDatabase::empty().await, &settings);
        (server, String::new())
    })
    .await;
}

#[tokio::test]
async fn pages_on_other_origins_query_mutate_and_subscribe_in_a_browser() {
    run_with_address("cross-origin.mjs", async |page| {
        let port = page.trim_end_matches('/').rsplit(':').next().unwrap();
        let origins =
            format!("--allowed-origin=http://localhost:{port},http://*.films.localhost:{port}");
        let database = TestDatabase::demo().await;
        let token = database.token(Role::Editor, None).await;
        (TestServer::with_arguments(database, &[&origins]), token)
    })
    .await;
}

#[tokio::test]
async fn the_documented_snippet_embeds_a_score_in_a_page_of_another_origin() {
    run_with_address("embed.mjs", async |page| {
        let origin = format!("--allowed-origin={}", page.trim_end_matches('/'));
        let database = TestDatabase::demo().await;
        let server = TestServer::with_arguments(database, &[&origin, "--max-age=60"]);
        (server, String::new())
    })
    .await;
}
