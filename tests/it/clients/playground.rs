//! The playground in a browser.

use serde_json::json;

use super::*;

/// Returns the token of an editor that expires.
async fn expiring_token(server: &TestServer) -> String {
    let admin = server.database.token(Role::Admin, None).await;
    let document = r#"mutation {
        createToken(input: { name: "editor", role: EDITOR, expiresAt: "2199-01-01T00:00:00Z" }) { secret }
    }"#;
    let response = server.send_as(&admin, json!({ "query": document })).await;
    let secret = &response.body["data"]["createToken"]["secret"];
    secret.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_playground_works_in_a_browser_without_the_internet() {
    let server = TestServer::demo().await;
    tokio::select! {
        () = run("playground.mjs", &server) => {}
        () = add_reviews(&server) => {}
    }
}

#[tokio::test]
async fn the_playground_has_a_token_and_examples_of_its_catalogue_also_on_narrow_screens() {
    let empty = TestServer::empty().await;
    let empty_token = expiring_token(&empty).await;
    let database = TestDatabase::demo().await;
    let closed_token = database.token(Role::Editor, None).await;
    let closed = TestServer::with_arguments(database, &["--anonymous-reads=false"]);
    run_with(&[
        "playground-access.mjs",
        &empty.url(""),
        &empty_token,
        &closed.url(""),
        &closed_token,
    ])
    .await;
}
