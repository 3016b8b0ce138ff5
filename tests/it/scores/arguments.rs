//! The arguments of scores: policies, filters, and invalid numbers.

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_custom_scoring_policy_costs_no_extra_statement() {
    let server = TestServer::demo().await;
    let document = "{ film(by: {slug: \"sourdough-a-reckoning-2025\"}) {
        default_policy: score { value label }
        custom: score(policy: {minimumReviews: 1, acclaimFrom: 70, positiveFrom: 50, mixedFrom: 30}) { value verdict }
        strict: scoreDistribution(policy: {acclaimFrom: 95, positiveFrom: 90}) { mixed { count } positive { count } } } }";
    let data = server.query(document).await;
    assert_eq!(
        data["film"]["default_policy"],
        json!({ "value": null, "label": "No score yet - 1 of 4 reviews" })
    );
    assert_eq!(
        data["film"]["custom"],
        json!({ "value": 70, "verdict": "UNIVERSAL_ACCLAIM" })
    );
    assert_eq!(
        data["film"]["strict"],
        json!({ "mixed": { "count": 1 }, "positive": { "count": 0 } })
    );
    assert_eq!(server.cost(document).await, (1, 1));
}

#[tokio::test]
async fn a_filtered_score_counts_only_the_matching_reviews() {
    let server = TestServer::demo().await;
    let data = server
        .query(
            "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) {
                all: score(filter: {}) { value reviewCount } unfiltered: score { value reviewCount }
                scored: score(filter: {scored: true}) { reviewCount scoredCount value }
                reviews(filter: {scored: true}) { totalCount }
                negative: scoreDistribution(filter: {sentiment: [NEGATIVE]}) { total negative { label } }
                none: score(filter: {since: \"2999-01-01\"}) { value label } } }",
        )
        .await;
    let film = &data["film"];
    assert_eq!(film["all"], film["unfiltered"]);
    assert_eq!(film["scored"]["reviewCount"], film["reviews"]["totalCount"]);
    assert_eq!(film["scored"]["scoredCount"], film["reviews"]["totalCount"]);
    // Unscored reviews affect the value only if there are too few scored ones.
    assert_eq!(film["scored"]["value"], film["unfiltered"]["value"]);
    let total = film["negative"]["total"].as_u64().unwrap();
    assert_eq!(
        film["negative"]["negative"]["label"],
        format!("{total} out of {total}")
    );
    assert_eq!(
        film["none"],
        json!({ "value": null, "label": "No score yet - 0 of 4 reviews" })
    );
}

#[tokio::test]
async fn an_argument_with_an_unset_variable_has_its_default() {
    let server = TestServer::demo().await;
    let query = "query($width: Int) { film(by: {slug: \"the-lighthouse-tax-2019\"}) { scoreDistribution { histogram(width: $width) { from } } } }";
    for variables in [json!({}), json!({ "width": null }), json!({ "width": 10 })] {
        let response = server
            .send(json!({ "query": query, "variables": variables }))
            .await;
        let histogram = &response.body["data"]["film"]["scoreDistribution"]["histogram"];
        assert_eq!(
            histogram.as_array().map(Vec::len),
            Some(10),
            "{}",
            response.body
        );
    }
}

#[tokio::test]
async fn numbers_out_of_range_are_rejected_with_a_code() {
    let server = TestServer::demo().await;
    for field in [
        "scoreDistribution { histogram(width: 0) { count } }",
        "scoreDistribution { histogram(width: 101) { count } }",
        "scoreDistribution { histogram(width: -5) { count } }",
        "score(policy: {minimumReviews: 0}) { value }",
        "score(policy: {positiveFrom: 90}) { value }",
        "score(policy: {acclaimFrom: 101}) { value }",
    ] {
        let document =
            format!("{{ film(by: {{slug: \"the-lighthouse-tax-2019\"}}) {{ {field} }} }}");
        assert_eq!(
            server.error_code(&document).await,
            "OUT_OF_RANGE",
            "{field}"
        );
    }
}
