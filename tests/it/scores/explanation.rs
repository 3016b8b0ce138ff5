//! The explanation of a score: shares, range and swing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{
    policies::random_change,
    reference::{Catalogue, Rules, is_same},
};
use crate::support::{TestServer, eventually, test_rng::TestRng};

/// The fields of an explanation, with which its law is checked.
const EXPLANATION: &str = "value mean verdict estimated reviewCount scoredCount countedCount requiredCount
    explanation(first: 100) { totalCount nodes { score rule weight share { value numerator denominator } review { id score } } }
    range { lowest highest } swing { positive mixed negative }";

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"))
}

/// Asserts that the shares of a score add up to its mean. Returns whether there are any.
pub fn assert_shares_add_up(score: &Value) -> bool {
    let explanation = &score["explanation"];
    assert_eq!(explanation.is_null(), score["mean"].is_null(), "{score}");
    if explanation.is_null() {
        return false;
    }
    let nodes = explanation["nodes"].as_array().unwrap();
    assert_eq!(explanation["totalCount"], nodes.len());
    let of = |name: &str| {
        let shares = nodes.iter().map(|node| number(&node["share"][name]));
        shares.collect::<Vec<_>>()
    };
    let denominators = of("denominator");
    assert!(
        denominators
            .iter()
            .all(|each| each.to_bits() == denominators[0].to_bits())
    );
    // Sums of whole numbers below 2^53 are exact.
    let sum = of("numerator").iter().sum::<f64>() / denominators[0];
    assert!(is_same(&json!(sum), &score["mean"]), "{sum}: {score}");
    for node in nodes {
        let hundredths = (number(&node["weight"]) * 100.0).round();
        let numerator = 2.0 * number(&node["score"]) * hundredths;
        assert_eq!(
            numerator.to_bits(),
            number(&node["share"]["numerator"]).to_bits()
        );
    }
    true
}

#[tokio::test]
async fn each_review_of_a_score_has_its_share() {
    let server = TestServer::empty().await;
    server
        .database
        .execute(
            "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp'), ('moth', 'Moth');
             INSERT INTO publication (slug, name, weight) VALUES ('post', 'Post', 250);
             INSERT INTO review (film_id, publication_id, score, score_rule, original_score, sentiment, recommended) VALUES
                (1, 1, 80, 'given', NULL, NULL, NULL), (1, NULL, 60, 'fraction', '3/5', 'negative', NULL),
                (1, NULL, NULL, NULL, NULL, 'mixed', true), (1, NULL, NULL, NULL, NULL, NULL, true), (1, NULL, NULL, NULL, NULL, NULL, NULL)",
        )
        .await;
    let document = format!("{{ film(by: {{slug: \"lamp\"}}) {{ score {{ {EXPLANATION} }} }} }}");
    let score = server.query(&document).await["film"]["score"].clone();
    assert!(assert_shares_add_up(&score));
    let nodes = score["explanation"]["nodes"].as_array().unwrap();
    let rows: Vec<_> = nodes
        .iter()
        .map(|node| {
            (
                &node["score"],
                node["rule"].as_str().unwrap(),
                &node["weight"],
                &node["share"]["numerator"],
            )
        })
        .map(|(score, rule, weight, numerator)| {
            (number(score), rule, number(weight), number(numerator))
        })
        .collect();
    assert_eq!(
        rows,
        [
            (80.0, "GIVEN", 2.5, 40_000.0),
            (60.0, "FRACTION", 1.0, 12_000.0),
            (50.0, "DECLARED_SENTIMENT", 1.0, 10_000.0),
            (80.5, "RECOMMENDATION", 1.0, 16_100.0),
        ]
    );
    assert_eq!(nodes[0]["share"]["denominator"], 1_100.0);
    // (200 + 60 + 40 + 61 + 0) / 6.5 and (200 + 60 + 60 + 100 + 100) / 6.5.
    assert_eq!(score["range"], json!({ "lowest": 56, "highest": 80 }));
    // With two scores more there are four, so the unscored reviews no longer count.
    assert_eq!(
        score["swing"],
        json!({ "positive": null, "mixed": 5, "negative": 2 })
    );
    let moth = "{ film(by: {slug: \"moth\"}) { score { explanation { totalCount } range { lowest } swing { positive mixed negative } } } }";
    assert_eq!(
        server.query(moth).await["film"]["score"],
        json!({ "explanation": null, "range": null, "swing": { "positive": 4, "mixed": 4, "negative": 4 } })
    );
}

/// An estimate and a score of the scored reviews alone are read by the same statement.
#[tokio::test]
async fn an_estimate_is_explained_beside_a_score_of_the_same_film() {
    let server = Catalogue::random_server(12, 20).await;
    let estimate = format!("estimate: score(policy: {{minimumReviews: 4}}) {{ {EXPLANATION} }}");
    let scored = format!("scored: score(policy: {{minimumReviews: 1}}) {{ {EXPLANATION} }}");
    let films = async |fields: &str| {
        let document = format!("{{ films(first: 20) {{ nodes {{ slug {fields} }} }} }}");
        server.query(&document).await["films"]["nodes"].clone()
    };
    let (first, second) = (films(&estimate).await, films(&scored).await);
    server.clear_caches().await;
    let both = films(&format!("{estimate} {scored}")).await;
    let mut estimated = 0;
    for (index, film) in both.as_array().unwrap().iter().enumerate() {
        for score in [&film["estimate"], &film["scored"]] {
            assert_shares_add_up(score);
        }
        assert_eq!(film["estimate"], first[index]["estimate"]);
        assert_eq!(film["scored"], second[index]["scored"]);
        let are_unlike = film["estimate"]["estimated"] != film["scored"]["estimated"];
        estimated += u32::from(are_unlike && !film["estimate"]["explanation"].is_null());
    }
    assert!(estimated > 2, "{estimated}");
}

#[tokio::test]
async fn the_pages_of_an_explanation_have_each_review_once() {
    let server = TestServer::demo().await;
    let page = |after: &Value| {
        format!(
            "{{ film(by: {{slug: \"the-lighthouse-tax-2019\"}}) {{ score {{ scoredCount explanation(first: 5, after: {after}) {{
                totalCount pageInfo {{ hasNextPage hasPreviousPage endCursor }} edges {{ cursor node {{ review {{ id film {{ slug }} }} share {{ numerator }} }} }} }} }} }} }}"
        )
    };
    let (mut after, mut ids, mut pages) = (json!(null), Vec::new(), 0);
    loop {
        let data = server.query(&page(&after)).await;
        let score = &data["film"]["score"];
        let explanation = &score["explanation"];
        assert_eq!(explanation["totalCount"], score["scoredCount"]);
        assert_eq!(explanation["pageInfo"]["hasPreviousPage"], pages > 0);
        let edges = explanation["edges"].as_array().unwrap();
        ids.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["review"]["id"].to_string()),
        );
        pages += 1;
        if explanation["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = explanation["pageInfo"]["endCursor"].clone();
    }
    assert_eq!((pages, ids.len()), (4, 17));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 17);
    let invalid = "{ film(by: {slug: \"the-lighthouse-tax-2019\"}) { score { explanation(first: 101) { totalCount } } } }";
    assert_eq!(server.error_code(invalid).await, "INVALID_PAGE");
}

#[tokio::test]
async fn the_explanations_of_a_page_of_films_cost_one_statement() {
    let server = TestServer::demo().await;
    for films in [1, 5, 12] {
        let document = format!(
            "{{ films(first: {films}) {{ nodes {{ score {{ mean explanation(first: 100) {{ totalCount nodes {{ score share {{ value }} review {{ excerpt }} }} }} }} }} }} }}"
        );
        let data = server.query(&document).await;
        assert_eq!(data["films"]["nodes"].as_array().unwrap().len(), films);
        assert_eq!(server.cost(&document).await, (2, 2), "{films}");
    }
    // Only what tallies don't have needs a statement.
    let document =
        "{ films(first: 12) { nodes { score { swing { positive } range { lowest highest } } } } }";
    assert_eq!(server.cost(document).await, (2, 2));
    let document = "{ films(first: 12) { nodes { score(policy: {weighting: EQUAL}) { swing { positive } range { lowest highest } } } } }";
    assert_eq!(server.cost(document).await, (1, 1));
}

#[tokio::test]
async fn every_explanation_of_a_random_catalogue_adds_up_and_equals_a_recount() {
    let server = Catalogue::random_server(7, 60).await;
    let catalogue = Catalogue::read(&server.database).await;
    let policies = Rules::samples(&catalogue);
    let (mut explained, mut unexplained) = (0, 0);
    for kind in ["film", "critic", "publication"] {
        for rules in &policies {
            let document = format!(
                "{{ {kind}s(first: 100) {{ nodes {{ slug score{} {{ {EXPLANATION} }} }} }} }}",
                rules.arguments()
            );
            let data = server.query(&document).await;
            for node in data[format!("{kind}s")]["nodes"].as_array().unwrap() {
                if assert_shares_add_up(&node["score"]) {
                    explained += 1;
                } else {
                    unexplained += 1;
                }
                let reviews = catalogue.reviews_of(kind, node["slug"].as_str().unwrap());
                let compared = rules.compare(&reviews, &node["score"], &document);
                assert_eq!(compared, Ok(()));
            }
        }
    }
    assert!(
        explained > 200 && unexplained > 20,
        "{explained}, {unexplained}"
    );
}

/// The mean and the shares are read by two statements. If a change is committed between them, the server executes the
/// query again.
#[tokio::test]
async fn shares_add_up_with_a_writer_beside() {
    let server = Catalogue::random_server(12, 20).await;
    let database = Arc::clone(&server.database);
    let is_done = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let is_done = Arc::clone(&is_done);
        async move {
            let mut rng = TestRng::new(26, 0);
            let mut changes = 0;
            while !is_done.load(Ordering::Relaxed) {
                database.execute(&random_change(&mut rng)).await;
                changes += 1;
            }
            changes
        }
    });
    let document = format!(
        "{{ films(first: 20) {{ nodes {{ slug stored: score {{ {EXPLANATION} }} counted: score(asOf: \"2020-12-31\", policy: {{minimumReviews: 2}}) {{ {EXPLANATION} }} }} }} }}"
    );
    let mut explained = 0;
    while explained < 500 {
        let response = server.send(json!({ "query": document })).await;
        // A writer without pauses may come first each time.
        let errors = response.body["errors"].as_array();
        for error in errors.into_iter().flatten() {
            assert_eq!(
                error["extensions"]["code"], "UNAVAILABLE",
                "{}",
                response.body
            );
        }
        let films = response.body["data"]["films"]["nodes"].as_array();
        for film in films.into_iter().flatten() {
            for score in [&film["stored"], &film["counted"]] {
                explained +=
                    u32::from(!score["explanation"].is_null() && assert_shares_add_up(score));
            }
        }
    }
    is_done.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 0);
}

/// A change is committed between the statement of the mean and that of the shares.
#[tokio::test]
async fn a_query_that_has_read_two_states_is_executed_again() {
    let server = Catalogue::random_server(12, 20).await;
    let means = "{ films(first: 20) { nodes { score { mean } } } }";
    let before = server.query(means).await;
    let connection = server.database.connect(1);
    let lock = "BEGIN; LOCK TABLE review IN ACCESS EXCLUSIVE MODE";
    connection.execute_unprepared(lock).await.unwrap();
    let document = "{ films(first: 20) { nodes { score { mean explanation(first: 100) {
        totalCount nodes { score weight share { numerator denominator } } } } } } }";
    let (explained, ()) = tokio::join!(server.query(document), async {
        let is_waiting = async || {
            let waiting =
                "SELECT FROM pg_locks WHERE NOT granted AND relation = 'review'::regclass";
            let found = connection.execute_unprepared(waiting).await.unwrap();
            found.rows_affected() > 0
        };
        eventually("the statement of the shares waits", is_waiting).await;
        let change =
            "UPDATE review SET score = 100 - score, score_rule = 'given', original_score = NULL
            WHERE score <> 50; COMMIT";
        connection.execute_unprepared(change).await.unwrap();
    });
    connection.close().await.unwrap();
    let films = |data: &Value| data["films"]["nodes"].as_array().unwrap().clone();
    let mut changed = 0;
    for (explained, before) in films(&explained).iter().zip(films(&before)) {
        assert_shares_add_up(&explained["score"]);
        changed += u32::from(explained["score"]["mean"] != before["score"]["mean"]);
    }
    assert!(changed > 5, "{changed}");
}
