//! Node programs with packages of their own: `tests/clients/*/package.json`.

use std::process::Command;

use marquee::access::Role;

use crate::support::{TestDatabase, TestServer, program::Program, root};

/// A film of the demo catalogue with many reviews.
const FILM: &str = "the-lighthouse-tax-2019";

/// Starts a server on the demo catalogue and returns it with the token of an editor.
pub async fn server_with_editor() -> (TestServer, String) {
    let database = TestDatabase::demo().await;
    let editor = database.token(Role::Editor, None).await;
    (TestServer::with_database(database), editor)
}

/// Runs a program, which must succeed. The panic message contains its output.
pub async fn run(command: Command) {
    let waiting = tokio::task::spawn_blocking(|| Program::start(command, None).wait());
    let result = waiting.await.unwrap();
    assert!(
        result.status.success(),
        "{}\n{}",
        result.stdout,
        result.stderr
    );
}

/// Runs a program with the URL of a server, the token of an editor and the slug of a film with many reviews.
async fn run_as_editor(script: &str) {
    let (server, editor) = server_with_editor().await;
    let mut command = Command::new("node");
    command
        .args([script, &server.url(""), &editor, FILM])
        .current_dir(root().join("tests/clients"));
    run(command).await;
}

#[tokio::test]
async fn a_relay_app_paginates_refetches_mutates_and_subscribes() {
    run_as_editor("relay/relay.mjs").await;
}

#[tokio::test]
async fn the_cache_of_apollo_client_follows_pages_mutations_and_subscriptions() {
    run_as_editor("libraries/apollo.mjs").await;
}

#[tokio::test]
async fn the_cache_of_urql_follows_pages_mutations_and_subscriptions() {
    run_as_editor("libraries/urql.mjs").await;
}

#[tokio::test]
async fn graphql_request_and_villus_work() {
    run_as_editor("libraries/others.mjs").await;
}

#[tokio::test]
async fn the_generated_runtime_of_houdini_follows_pages_and_mutations() {
    run_as_editor("houdini/houdini.mjs").await;
}

#[tokio::test]
async fn the_schema_follows_the_rules_of_graphql_eslint_and_breaks_no_client_of_the_released_one() {
    run_as_editor("lint/lint.mjs").await;
}

#[tokio::test]
async fn generated_typescript_clients_pass_the_type_check_and_run() {
    run_as_editor("codegen/codegen.mjs").await;
}

#[tokio::test]
async fn hive_gateway_works_as_a_proxy_and_with_a_supergraph() {
    run_as_editor("gateway/gateway.mjs").await;
}
