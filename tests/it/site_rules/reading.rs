//! Reviews are read by the rules of the site.

use marquee::access::Role;
use serde_json::{Value, json};

use super::update;
use crate::support::TestServer;

/// Adds a review by its original score. Returns the score and the rule by which it was read, or the code of the error.
async fn add(server: &TestServer, token: &str, original: &str) -> Value {
    let film = "{ films(first: 1) { nodes { id } } }";
    let film = server.query(film).await["films"]["nodes"][0]["id"].take();
    let document = "mutation ($film: ID!, $original: String!) {
        addReview(input: {film: $film, originalScore: $original}) { review { id score scoreRule } userErrors { code } } }";
    let variables = json!({"film": film, "original": original});
    let request = json!({"query": document, "variables": variables});
    let response = server.send_as(token, request).await;
    assert_eq!(response.body.get("errors"), None);
    response.body["data"]["addReview"].clone()
}

#[tokio::test]
async fn stars_and_bare_numbers_are_out_of_what_the_site_says() {
    let server = TestServer::demo().await;
    let admin = server.database.token(Role::Admin, None).await;
    let before = add(&server, &admin, "★★★½").await;
    assert_eq!(before["review"]["score"], 88);
    assert_eq!(
        add(&server, &admin, "7").await["userErrors"][0]["code"],
        "INVALID"
    );
    update(
        &server,
        &admin,
        json!({"starsOutOf": 5, "bareScoresOutOf": 10}),
    )
    .await;
    let after = add(&server, &admin, "★★★½").await;
    assert_eq!(after["review"]["score"], 70);
    assert_eq!(after["review"]["scoreRule"], "STARS");
    assert_eq!(add(&server, &admin, "7").await["review"]["score"], 70);
    // A stored review keeps the score by which it was read, also if something else of it changes.
    let id = &before["review"]["id"];
    let document = "mutation ($id: ID!) { updateReview(input: {id: $id, excerpt: \"Fine.\"}) {
        review { score originalScore } userErrors { code } } }";
    let request = json!({"query": document, "variables": {"id": id}});
    let response = server.send_as(&admin, request).await;
    assert_eq!(
        response.body["data"]["updateReview"]["review"],
        json!({"score": 88, "originalScore": "★★★½"})
    );
    let document = "mutation ($id: ID!) { updateReview(input: {id: $id, originalScore: \"★★★\"}) { review { score } } }";
    let request = json!({"query": document, "variables": {"id": id}});
    let response = server.send_as(&admin, request).await;
    assert_eq!(response.body["data"]["updateReview"]["review"]["score"], 60);
}

#[tokio::test]
async fn a_declared_sentiment_is_compared_with_the_score_under_the_rules() {
    let server = TestServer::demo().await;
    let admin = server.database.token(Role::Admin, None).await;
    let film = "{ films(first: 1) { nodes { id } } }";
    let film = server.query(film).await["films"]["nodes"][0]["id"].take();
    let document = "mutation ($film: ID!) {
        addReview(input: {film: $film, score: 65, sentiment: POSITIVE}) { userErrors { field code } } }";
    let request = json!({"query": document, "variables": {"film": film}});
    update(&server, &admin, json!({"positiveFrom": 70})).await;
    let response = server.send_as(&admin, request.clone()).await;
    let errors = &response.body["data"]["addReview"]["userErrors"];
    assert_eq!(errors[0]["code"], "CONTRADICTION");
    update(&server, &admin, json!({"positiveFrom": 65})).await;
    let response = server.send_as(&admin, request).await;
    let errors = &response.body["data"]["addReview"]["userErrors"];
    assert_eq!(*errors, json!([]));
}

const PAGE: &str = "Mixed or average reviews - based on 2 Critics

Critic score distribution:
  1. Positive: 1 out of 2
  2. Mixed: 1 out of 2

Critic Reviews

  1. 75
    Reviewed by: Ann
    3/4/2024
    Fine.
  2. 65
    Reviewed by: Bob
    Jul 3, 2024
    Well.
";

#[tokio::test]
async fn a_page_is_read_by_the_rules_of_the_site() {
    let server = TestServer::empty().await;
    let admin = server.database.token(Role::Admin, None).await;
    let document = "mutation ($text: String!) { importPage(input: {film: {titled: {title: \"Lamp\"}}, text: $text}) {
        film { reviews(orderBy: {field: ADDED, direction: ASC}) { nodes { score reviewedOn sentiment } } } lineErrors { line } userErrors { code } } }";
    let request = json!({"query": document, "variables": {"text": PAGE}});
    let import = async || {
        let response = server.send_as(&admin, request.clone()).await;
        assert_eq!(response.body.get("errors"), None);
        response.body["data"]["importPage"].clone()
    };
    // A score of 65 is positive, and the day is ambiguous.
    let lines = &import().await["lineErrors"];
    assert_eq!(*lines, json!([{"line": 11}, {"line": 13}]));
    update(
        &server,
        &admin,
        json!({"dateOrder": "DAY_MONTH_YEAR", "positiveFrom": 70}),
    )
    .await;
    let imported = import().await;
    assert_eq!(imported["lineErrors"], json!([]));
    assert_eq!(
        imported["film"]["reviews"]["nodes"],
        json!([
            {"score": 75, "reviewedOn": "2024-04-03", "sentiment": "POSITIVE"},
            {"score": 65, "reviewedOn": "2024-07-03", "sentiment": "MIXED"},
        ])
    );
}
