//! Policies that choose which reviews count, and by which weights.

use serde_json::{Value, json};

use super::reference::{Catalogue, Rules};
use crate::support::{TestServer, eventually, test_rng::TestRng};

const SCORE: &str = "value mean verdict estimated reviewCount scoredCount";

const DISTRIBUTION: &str =
    "positive { count } mixed { count } negative { count } unrated { count }";

/// Compares the scores and distributions of all owners under some rules with a recount. Returns the number of scores.
async fn assert_recounted(server: &TestServer, catalogue: &Catalogue, rules: &Rules) -> usize {
    let compared = compare(server, catalogue, rules).await;
    compared.unwrap_or_else(|difference| panic!("{difference}"))
}

/// Does the same, and returns a difference.
async fn compare(
    server: &TestServer,
    catalogue: &Catalogue,
    rules: &Rules,
) -> Result<usize, String> {
    let mut scores = 0;
    for kind in ["film", "critic", "publication"] {
        let arguments = rules.arguments();
        let document = format!(
            "{{ {kind}s(first: 100) {{ nodes {{ slug score{arguments} {{ {SCORE} }} scoreDistribution{arguments} {{ {DISTRIBUTION} }} }} }} }}"
        );
        let data = server.query(&document).await;
        for node in data[format!("{kind}s")]["nodes"].as_array().unwrap() {
            let reviews = catalogue.reviews_of(kind, node["slug"].as_str().unwrap());
            rules.compare(&reviews, &node["score"], &document)?;
            let shares = ["positive", "mixed", "negative", "unrated"];
            let counts = shares.map(|share| node["scoreDistribution"][share]["count"].clone());
            if json!(counts) != json!(rules.distribution(&reviews)) {
                return Err(format!("the distribution of {document}: {node}"));
            }
            scores += usize::from(!node["score"]["value"].is_null());
        }
    }
    Ok(scores)
}

#[tokio::test]
async fn scores_under_every_kind_of_policy_equal_a_recount() {
    let server = Catalogue::random_server(3, 60).await;
    let catalogue = Catalogue::read(&server.database).await;
    for rules in Rules::samples(&catalogue) {
        let scores = assert_recounted(&server, &catalogue, &rules).await;
        assert!(scores > 10, "{rules:?}: {scores}");
    }
}

/// Returns a random statement that changes reviews, critics or publications.
pub fn random_change(chance: &mut TestRng) -> String {
    let review = format!(
        "(SELECT id FROM review ORDER BY id OFFSET {} LIMIT 1)",
        chance.below(300)
    );
    match chance.below(9) {
        0 => format!("UPDATE review SET score = {}, score_rule = 'given' WHERE id = {review}", chance.below(101)),
        1 => format!("UPDATE review SET score = NULL, score_rule = NULL, recommended = true WHERE id = {review}"),
        2 => format!("UPDATE review SET reviewed_on = date '2019-11-01' + {} WHERE id = {review}", chance.below(600)),
        3 => format!("UPDATE review SET reviewed_on = NULL WHERE id = {review}"),
        4 => format!("UPDATE review SET top_critic = NOT top_critic WHERE id = {review}"),
        5 => format!("DELETE FROM review WHERE id = {review}"),
        6 => format!("UPDATE publication SET weight = {} WHERE slug = 'paper-{}'", 1 + chance.below(10_000), 1 + chance.below(8)),
        7 => format!("UPDATE review SET critic_id = {} WHERE id = {review}", 1 + chance.below(12)),
        _ => format!(
            "INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, reviewed_on, source, external_id)
             SELECT {}, {}, {}, {}, 'given', date '2020-01-01' + {}, 'late', coalesce(max(id), 0) FROM review",
            1 + chance.below(20), 1 + chance.below(12), 1 + chance.below(8), chance.below(101), chance.below(400)
        ),
    }
}

/// The cached responses follow every change, also of old reviews.
#[tokio::test]
async fn scores_equal_a_recount_after_each_random_change() {
    let server = Catalogue::random_server(5, 20).await;
    let mut rng = TestRng::new(24, 0);
    for round in 0..60 {
        let change = random_change(&mut rng);
        server.database.execute(&change).await;
        let catalogue = Catalogue::read(&server.database).await;
        let samples = Rules::samples(&catalogue);
        let rules = &samples[round % samples.len()];
        // The notification of the change comes soon.
        let is_recounted = async || compare(&server, &catalogue, rules).await.is_ok();
        eventually(&change, is_recounted).await;
    }
}

#[tokio::test]
async fn a_page_of_100_films_costs_one_statement_more_whatever_the_policy() {
    let server = Catalogue::random_server(9, 120).await;
    let data = server
        .query("{ critics(first: 3) { nodes { id } } publications(first: 3) { nodes { id } } }")
        .await;
    let ids = |list: &str| {
        let nodes = data[list]["nodes"].as_array().unwrap();
        nodes
            .iter()
            .map(|node| node["id"].to_string())
            .collect::<Vec<_>>()
    };
    let (critics, publications) = (ids("critics"), ids("publications"));
    let weights = |noun: &str, ids: &[String]| {
        let weights = ids
            .iter()
            .map(|id| format!("{{{noun}: {{id: {id}}}, weight: 2.5}}"));
        weights.collect::<Vec<_>>().join(", ")
    };
    let (critic_weights, publication_weights) = (
        weights("critic", &critics),
        weights("publication", &publications),
    );
    for arguments in [
        "(policy: {topCriticsOnly: true})".to_owned(),
        "(policy: {reviewedFrom: \"2020-01-01\", reviewedTo: \"2020-06-30\"})".to_owned(),
        format!("(policy: {{excludeCritic: {{id: {}}}}})", critics[0]),
        format!("(policy: {{criticWeights: [{critic_weights}]}})"),
        format!(
            "(policy: {{publicationWeights: [{publication_weights}], criticWeights: [{critic_weights}], minimumReviews: 1}})"
        ),
        "(asOf: \"2020-06-30\")".to_owned(),
        format!(
            "(asOf: \"2020-06-30\", policy: {{criticWeights: [{critic_weights}], topCriticsOnly: true, estimate: false}}, filter: {{scored: true}})"
        ),
    ] {
        for films in [1, 20, 100] {
            let document = format!(
                "{{ films(first: {films}) {{ nodes {{ title plain: score {{ value }} score{arguments} {{ value label }} scoreDistribution{arguments} {{ total }} }} }} }}"
            );
            let data = server.query(&document).await;
            assert_eq!(data["films"]["nodes"].as_array().unwrap().len(), films);
            assert_eq!(server.cost(&document).await, (2, 2), "{document}");
        }
    }
    // Rows that are not given by their ids are looked up, by one statement for each kind and form.
    let document = "{ films(first: 100) { nodes { score(policy: {publicationWeights: [{publication: {slug: \"paper-1\"}, weight: 2}, {publication: {slug: \"paper-2\"}, weight: 3}]}) { value } } } }";
    let (statements, _) = server.cost(document).await;
    assert_eq!(statements, 3);
}

#[tokio::test]
async fn invalid_policies_have_errors_that_say_what_to_do() {
    let server = Catalogue::random_server(1, 4).await;
    let message = async |policy: &str| {
        let document = format!(
            "{{ films(first: 1) {{ nodes {{ score(policy: {{{policy}}}) {{ value }} }} }} }}"
        );
        let response = server.send(json!({ "query": document })).await;
        let error = &response.body["errors"][0];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&error["extensions"]["code"]), text(&error["message"]))
    };
    for (policy, code, words) in [
        (
            r#"criticWeights: [{critic: {slug: "critic-1"}, weight: 0}]"#,
            "OUT_OF_RANGE",
            "0.01 to 100",
        ),
        (
            r#"publicationWeights: [{publication: {slug: "paper-1"}, weight: 1.005}]"#,
            "OUT_OF_RANGE",
            "`publicationWeights[0].weight` must be from 0.01 to 100, with at most two decimal places, not 1.005",
        ),
        (
            r#"criticWeights: [{critic: {slug: "critic-1"}, weight: 1}, {critic: {name: "Critic 1"}, weight: 2}]"#,
            "INVALID_VALUE",
            "several weights",
        ),
        (
            r#"publicationWeights: [{publication: {slug: "nowhere"}, weight: 1}]"#,
            "NOT_FOUND",
            "publicationWeights[0].publication",
        ),
        (
            r#"excludeCritic: {name: "Nobody"}"#,
            "NOT_FOUND",
            "excludeCritic",
        ),
        (
            r#"excludeCritic: {id: "x"}"#,
            "INVALID_ID",
            "not a valid id",
        ),
        (
            "minimumReviews: 0, topCriticsOnly: true",
            "OUT_OF_RANGE",
            "minimumReviews",
        ),
    ] {
        let (found, message) = message(policy).await;
        assert_eq!(found, code, "{policy}: {message}");
        assert!(message.contains(words), "{policy}: {message}");
    }
    // Neither restricts nor weighs anything.
    let document = "{ films(first: 4) { nodes { plain: score { mean label } same: score(policy: {topCriticsOnly: false, criticWeights: [], publicationWeights: null}) { mean label } } } }";
    let data = server.query(document).await;
    for film in data["films"]["nodes"].as_array().unwrap() {
        assert_eq!(film["plain"], film["same"]);
    }
    assert_eq!(server.cost(document).await, (1, 1));
}
