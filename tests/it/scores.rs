//! Scores and distributions of the API.

mod arguments;
mod critic_count;
mod explanation;
mod history;
mod policies;
mod reference;
pub mod rt_sample;
mod worked_example;

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_film_has_the_score_of_its_reviews() {
    let server = TestServer::demo().await;
    let data = server
        .query(
            "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) {
                score { value verdict label reviewCount scoredCount mean median lowest highest percentRecommended estimated } } }",
        )
        .await;
    insta::assert_json_snapshot!(data["film"]["score"], @r#"
    {
      "estimated": false,
      "highest": 100,
      "label": "Generally favorable reviews - based on 20 Critics",
      "lowest": 50,
      "mean": 75.63157894736842,
      "median": 78.0,
      "percentRecommended": 100,
      "reviewCount": 21,
      "scoredCount": 17,
      "value": 76,
      "verdict": "GENERALLY_FAVORABLE"
    }
    "#);
}

#[tokio::test]
async fn a_film_has_the_distribution_of_its_reviews() {
    let server = TestServer::demo().await;
    let data = server
        .query(
            "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) {
                scoreDistribution { total positive { count percent label } mixed { label } negative { label } unrated { label } histogram(width: 25) { from to count } } } }",
        )
        .await;
    insta::assert_json_snapshot!(data["film"]["scoreDistribution"], @r#"
    {
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
        json!({ "value": null, "label": "No score yet - 1 of 4 reviews" })
    );
    assert_eq!(data["publication"]["weight"], 1.0);
}
