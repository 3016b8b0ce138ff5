//! Scores and distributions of the API.

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_film_has_the_score_of_its_reviews() {
    let server = TestServer::demo().await;
    let data = server
        .query(
            "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) {
                score { value verdict label reviewCount scoredCount mean median lowest highest percentRecommended estimated }
                scoreDistribution { total positive { count percent label } mixed { label } negative { label } unrated { label } histogram(width: 25) { from to count } } } }",
        )
        .await;
    insta::assert_json_snapshot!(data["film"], @r#"
    {
      "score": {
        "estimated": false,
        "highest": 100,
        "label": "Generally favorable reviews - based on 21 Critics",
        "lowest": 50,
        "mean": 75.63157894736842,
        "median": 78.0,
        "percentRecommended": 100,
        "reviewCount": 21,
        "scoredCount": 17,
        "value": 76,
        "verdict": "GENERALLY_FAVORABLE"
      },
      "scoreDistribution": {
        "histogram": [
          {
            "count": 0,
            "from": 0,
            "to": 24
          },
          {
            "count": 0,
            "from": 25,
            "to": 49
          },
          {
            "count": 6,
            "from": 50,
            "to": 74
          },
          {
            "count": 11,
            "from": 75,
            "to": 100
          }
        ],
        "mixed": {
          "label": "4 out of 21"
        },
        "negative": {
          "label": "0 out of 21"
        },
        "positive": {
          "count": 16,
          "label": "16 out of 21",
          "percent": 76.19047619047619
        },
        "total": 21,
        "unrated": {
          "label": "1 out of 21"
        }
      }
    }
    "#);
}

#[tokio::test]
async fn every_film_of_the_demo_has_its_manually_computed_score() {
    let server = TestServer::demo().await;
    let data = server
        .query("{ films(first: 100) { nodes { slug score { value estimated label } } } }")
        .await;
    let mut scores: Vec<_> = data["films"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|film| {
            (
                film["slug"].as_str().unwrap(),
                film["score"]["value"].as_u64(),
                film["score"]["estimated"].as_bool().unwrap(),
            )
        })
        .collect();
    scores.sort_unstable();
    assert_eq!(
        scores,
        [
            ("firmware-my-darling-2024", Some(33), false),
            ("inventory-of-a-vanished-fairground-1974", Some(73), true),
            ("kasa-no-kosekigakari-2021", Some(92), false),
            ("misad-al-qamar-2018", Some(76), false),
            (
                "mrs-quillbys-ducks-and-other-felonies-2023",
                Some(67),
                false
            ),
            ("sourdough-a-reckoning-2025", None, false),
            ("the-beige-hour-2020", Some(57), false),
            ("the-cartographers-understudy-2026", None, false),
            ("the-gravel-psalter-2014", Some(55), false),
            ("the-lighthouse-tax-2019", Some(76), false),
            ("torque-widow-3-final-lug-nut-2022", Some(11), false),
            ("zolw-i-gzegzolka-2016", None, false),
        ]
    );
}

#[tokio::test]
async fn critics_and_publications_have_scores_with_their_own_labels() {
    let server = TestServer::demo().await;
    let data = server
        .query(
            "{ critic(by: {slug: \"kirihara-suzume\"}) { score { value label reviewCount } scoreDistribution { total histogram { count } } reviews { totalCount } }
               publication(by: {slug: \"matinee-almanac\"}) { weight score { value label } scoreDistribution { total positive { label } } } }",
        )
        .await;
    let critic = &data["critic"];
    assert_eq!(
        critic["score"]["reviewCount"],
        critic["reviews"]["totalCount"]
    );
    assert_eq!(
        critic["scoreDistribution"]["total"],
        critic["reviews"]["totalCount"]
    );
    assert!(
        critic["score"]["label"]
            .as_str()
            .unwrap()
            .ends_with("based on 10 Reviews"),
        "{critic}"
    );
    assert_eq!(
        data["publication"]["score"],
        json!({ "value": null, "label": "No score yet - based on 1 Review" })
    );
    assert_eq!(data["publication"]["weight"], 1.0);
}

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
        json!({ "value": null, "label": "No score yet - based on 1 Critic" })
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
        json!({ "value": null, "label": "No score yet - based on 0 Critics" })
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
