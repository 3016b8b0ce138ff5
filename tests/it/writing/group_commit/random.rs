//! Random additions.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{SELECTION, assert_recounted, other_film, transactions};
use crate::{
    support::test_rng::TestRng,
    writing::{Fixture, codes},
};

/// Returns a random input with few distinct films, critics and publications. Many are missing or equal.
fn random_input(fixture: &Fixture, other: &Value, chance: &mut TestRng) -> Value {
    let films = [json!(fixture.film), other.clone(), json!("RmlsbTo5OTk5OTk")];
    let critics = [
        json!({ "id": fixture.ann }),
        json!({ "slug": "bob" }),
        json!({ "name": "ann" }),
        json!({ "name": "Two of them" }),
        json!({ "slug": "nobody" }),
        json!({ "name": "Nora New" }),
        Value::Null,
    ];
    let publications = [
        json!({ "id": fixture.post }),
        json!({ "slug": "post" }),
        json!({ "name": "New Post" }),
        Value::Null,
        Value::Null,
    ];
    let mut pick = |from: &[Value]| from[chance.below(from.len())].clone();
    let mut input = json!({ "film": pick(&films), "critic": pick(&critics), "publication": pick(&publications), "score": 50 });
    if chance.one_in(3) {
        input["idempotencyKey"] = json!(format!("key {}", chance.below(12)));
    }
    input
}

/// Returns the errors of an input that do not depend on other additions.
fn certain_errors(input: &Value) -> Vec<&'static str> {
    let mut user_errors = Vec::new();
    if input["film"] == "RmlsbTo5OTk5OTk" {
        user_errors.push("film NOT_FOUND");
    }
    if input["critic"]["slug"] == "nobody" {
        user_errors.push("critic.slug NOT_FOUND");
    }
    if input["critic"]["name"] == "Two of them" {
        user_errors.push("critic.name AMBIGUOUS");
    }
    user_errors
}

#[tokio::test]
async fn each_random_addition_is_stored_once_or_rejected_correctly() {
    let fixture = Fixture::new().await;
    let twins =
        "INSERT INTO critic (slug, name) VALUES ('two-1', 'Two of them'), ('two-2', 'Two of them')";
    fixture.database().execute(twins).await;
    let other = other_film(&fixture).await;
    let (mut shown, mut of_keys) = (HashSet::new(), HashMap::new());
    for round in 0..12 {
        let mut chance = TestRng::new(6, round);
        let inputs: Vec<_> = (0..24)
            .map(|_| random_input(&fixture, &other, &mut chance))
            .collect();
        let writes = inputs.iter().cloned();
        let writes = writes.map(|input| fixture.write("addReview", SELECTION, input));
        for (input, response) in inputs.iter().zip(join_all(writes).await) {
            let errors = codes(&response);
            let id = response["review"]["id"].as_str().map(str::to_owned);
            assert_eq!(id.is_some(), errors.is_empty(), "{response}");
            if let Some(key) = input["idempotencyKey"].as_str() {
                if errors == ["idempotencyKey KEY_REUSED"] {
                    continue;
                }
                // The first use of a key decides its result, also in an earlier round.
                let first = of_keys.entry(key.to_owned());
                let first = first.or_insert_with(|| (input.clone(), response.clone()));
                assert_eq!(*first, (input.clone(), response.clone()));
            }
            let user_errors = certain_errors(input);
            if user_errors.is_empty() {
                let possible: [&[&str]; 2] = [&[], &[" ALREADY_REVIEWED"]];
                assert!(
                    possible.contains(
                        &errors
                            .iter()
                            .map(String::as_str)
                            .collect::<Vec<_>>()
                            .as_slice()
                    ),
                    "{input}: {errors:?}"
                );
            } else {
                assert_eq!(errors, user_errors, "{input}");
            }
            shown.extend(id);
        }
    }
    let count = "SELECT count(*)::text FROM review";
    assert_eq!(
        fixture.database().texts(count).await,
        [shown.len().to_string()]
    );
    assert!(shown.len() > 30 && of_keys.len() == 12, "{shown:?}");
    assert!(transactions(&fixture).await < shown.len());
    assert_recounted(&fixture).await;
}
