//! The rules of the site: their change, and what follows it.

mod commands;
mod concurrency;
mod events;
mod laws;
mod naive;
mod reading;

use marquee::access::Role;
use serde_json::{Value, json};

use crate::support::{TestServer, eventually};

/// All fields of the rules.
const RULES: &str =
    "generation minimumReviews acclaimFrom positiveFrom mixedFrom dislikeBelow estimate weighting
    starsOutOf bareScoresOutOf dateOrder moreReviewsPerCritic messages { locale text }";

/// Sends `updateSiteRules` with an input, and returns its payload.
async fn update(server: &TestServer, token: &str, input: Value) -> Value {
    let document = format!(
        "mutation ($input: UpdateSiteRulesInput!) {{ updateSiteRules(input: $input) {{
            changed siteRules {{ {RULES} }} userErrors {{ field code message }} }} }}"
    );
    let request = json!({"query": document, "variables": {"input": input}});
    let mut response = server.send_as(token, request).await;
    assert_eq!(response.body.get("errors"), None);
    response.body["data"]["updateSiteRules"].take()
}

#[tokio::test]
async fn a_new_site_has_the_usual_rules() {
    let server = TestServer::empty().await;
    let data = server
        .query(&format!("{{ siteRules {{ {RULES} }} }}"))
        .await;
    assert_eq!(
        data["siteRules"],
        json!({
            "generation": 1, "minimumReviews": 4, "acclaimFrom": 81, "positiveFrom": 61, "mixedFrom": 40, "dislikeBelow": 20,
            "estimate": true, "weighting": "BY_PUBLICATION", "starsOutOf": 4, "bareScoresOutOf": null, "dateOrder": null,
            "moreReviewsPerCritic": false, "messages": []
        })
    );
}

const PAGE: &str = "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) {
    score { value verdict } scoreDistribution { positive { count } mixed { count } negative { count } }
    reviews(filter: {sentiment: [MIXED]}) { totalCount nodes { score sentiment } } } }";

#[tokio::test]
async fn a_change_applies_to_the_next_request_of_each_server() {
    let server = TestServer::demo().await;
    let other = TestServer::sharing_database(&server);
    let admin = server.database.token(Role::Admin, None).await;
    let before = server.query(PAGE).await;
    assert_eq!(other.query(PAGE).await, before);
    assert_eq!(before["film"]["score"]["verdict"], "GENERALLY_FAVORABLE");
    let input = json!({"acclaimFrom": 90, "positiveFrom": 80, "mixedFrom": 70, "weighting": "EQUAL", "messages": [
        {"locale": "de", "text": "verdict-mixed-or-average = Gut\n"}]});
    let payload = update(&server, &admin, input).await;
    assert_eq!(payload["userErrors"], json!([]));
    assert_eq!(payload["changed"], true);
    assert_eq!(payload["siteRules"]["generation"], 2);
    assert_eq!(
        payload["siteRules"]["messages"],
        json!([{"locale": "de", "text": "verdict-mixed-or-average = Gut\n"}])
    );
    let after = server.query(PAGE).await;
    assert_eq!(after["film"]["score"]["verdict"], "MIXED_OR_AVERAGE");
    let reviews = &after["film"]["reviews"];
    assert_ne!(
        reviews["totalCount"],
        before["film"]["reviews"]["totalCount"]
    );
    for review in reviews["nodes"].as_array().unwrap() {
        assert_eq!(review["sentiment"], "MIXED");
        let score = review["score"].as_i64();
        assert!(score.is_none_or(|score| (70..80).contains(&score)));
    }
    let has_followed = async || other.query(PAGE).await == after;
    eventually("the other server follows", has_followed).await;
}

#[tokio::test]
async fn a_policy_argument_takes_what_it_leaves_out_from_the_site() {
    let server = TestServer::demo().await;
    let admin = server.database.token(Role::Admin, None).await;
    update(
        &server,
        &admin,
        json!({"positiveFrom": 77, "minimumReviews": 22}),
    )
    .await;
    let data = server
        .query(
            "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) {
                site: score { value verdict } fewer: score(policy: {minimumReviews: 1}) { value verdict }
                lenient: score(policy: {minimumReviews: 1, positiveFrom: 50, mixedFrom: 45}) { value verdict } } }",
        )
        .await;
    assert_eq!(
        data["film"],
        json!({
            "site": {"value": null, "verdict": null},
            "fewer": {"value": 76, "verdict": "MIXED_OR_AVERAGE"},
            "lenient": {"value": 76, "verdict": "GENERALLY_FAVORABLE"},
        })
    );
}

#[tokio::test]
async fn wrong_rules_change_nothing_and_all_errors_are_told() {
    let server = TestServer::empty().await;
    let admin = server.database.token(Role::Admin, None).await;
    let input =
        json!({"minimumReviews": 0, "positiveFrom": 90, "starsOutOf": 0, "expectedGeneration": 7});
    let payload = update(&server, &admin, input).await;
    let errors = payload["userErrors"].as_array().unwrap();
    let found: Vec<Value> = errors
        .iter()
        .map(|error| json!([error["field"][1], error["code"]]))
        .collect();
    assert_eq!(
        found,
        [
            json!(["expectedGeneration", "STALE"]),
            json!(["minimumReviews", "OUT_OF_RANGE"]),
            json!(["positiveFrom", "OUT_OF_RANGE"]),
            json!(["starsOutOf", "OUT_OF_RANGE"]),
        ]
    );
    assert_eq!(payload["changed"], false);
    assert_eq!(payload["siteRules"]["generation"], 1);
    let input = json!({"messages": [{"locale": "de", "text": "a"}, {"locale": "de", "text": "b"}]});
    let payload = update(&server, &admin, input).await;
    assert_eq!(payload["userErrors"][0]["code"], "CONTRADICTION");
}

#[tokio::test]
async fn a_repeated_key_changes_the_rules_once_and_equal_rules_are_no_change() {
    let server = TestServer::empty().await;
    let admin = server.database.token(Role::Admin, None).await;
    let input = json!({"minimumReviews": 2, "idempotencyKey": "a"});
    for _ in 0..2 {
        let payload = update(&server, &admin, input.clone()).await;
        assert_eq!(payload["changed"], true);
        assert_eq!(payload["siteRules"]["generation"], 2);
    }
    let payload = update(&server, &admin, json!({"minimumReviews": 2})).await;
    assert_eq!(payload["changed"], false);
    assert_eq!(payload["siteRules"]["generation"], 2);
    let payload = update(&server, &admin, json!({"minimumReviews": null})).await;
    assert_eq!(payload["siteRules"]["minimumReviews"], 4);
    assert_eq!(payload["siteRules"]["generation"], 3);
}

#[tokio::test]
async fn only_admins_change_the_rules() {
    let server = TestServer::empty().await;
    let editor = server.database.token(Role::Editor, None).await;
    let document = "mutation { updateSiteRules(input: {minimumReviews: 1}) { changed } }";
    let response = server.send_as(&editor, json!({"query": document})).await;
    let code = &response.body["errors"][0]["extensions"]["code"];
    assert_eq!(code, "FORBIDDEN");
    assert_eq!(server.error_code(document).await, "FORBIDDEN");
}

/// `pg_dump` and `pg_restore` set the path to the empty string.
#[tokio::test]
async fn a_restored_dump_of_data_has_its_rules() {
    let server = TestServer::demo().await;
    server
        .database
        .execute(
            "BEGIN; SELECT set_config('search_path', '', true);
             INSERT INTO public.site_rules (generation, minimum_reviews) VALUES (9, 30); COMMIT",
        )
        .await;
    let rows = "SELECT concat_ws(' ', generation, minimum_reviews, positive_from) FROM site_rules";
    assert_eq!(server.database.texts(rows).await, ["2 30 61"]);
    let wrong = "SELECT count(*)::text FROM film_tally WHERE score IS NOT NULL";
    assert_eq!(server.database.texts(wrong).await, ["0"]);
}
