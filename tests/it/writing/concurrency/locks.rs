//! Writers that wait for locks.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::writing::Fixture;

/// Adds six critics and returns their ids.
async fn add_twins(fixture: &Fixture) -> Vec<Value> {
    for number in 0..6 {
        let input = json!({ "name": format!("Twin {number}") });
        fixture
            .write("addCritic", "userErrors { code }", input)
            .await;
    }
    let ids = fixture
        .server
        .query("{ critics(filter: {name: \"Twin\"}) { nodes { id } } }")
        .await;
    let nodes = ids["critics"]["nodes"].as_array().unwrap().iter();
    nodes.map(|node| node["id"].clone()).collect()
}

#[tokio::test]
async fn merges_and_additions_of_the_same_critics_do_not_deadlock() {
    let fixture = Fixture::new().await;
    let ids = add_twins(&fixture).await;
    let merges = ids.windows(2).flat_map(|pair| {
        [
            (pair[0].clone(), pair[1].clone()),
            (pair[1].clone(), pair[0].clone()),
        ]
    });
    let merges = merges.map(|(from, into)| {
        fixture.user_errors("mergeCritics", json!({ "from": from, "into": into }))
    });
    let reviews = ids.iter().enumerate().map(|(number, id)| {
        let publication = format!("Paper {number}");
        fixture.user_errors("addReview", json!({ "film": fixture.film, "critic": { "id": id }, "publication": { "name": publication }, "score": 50 }))
    });
    let (merge_errors, review_errors) = futures_util::future::join(
        futures_util::future::join_all(merges),
        futures_util::future::join_all(reviews),
    )
    .await;
    for errors in merge_errors.iter().chain(&review_errors) {
        let possible = ["from NOT_FOUND", "into NOT_FOUND", "critic.id NOT_FOUND"];
        assert!(
            errors
                .iter()
                .all(|error| possible.contains(&error.as_str())),
            "{errors:?}"
        );
    }
    let stored = review_errors
        .iter()
        .filter(|errors| errors.is_empty())
        .count();
    assert_eq!(
        fixture
            .database()
            .texts("SELECT count(*)::text FROM review")
            .await,
        [stored.to_string()]
    );
    let connection = fixture.database().connect(1);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn a_mutation_that_waits_too_long_for_a_lock_is_unavailable() {
    let fixture = Fixture::new().await;
    let other = fixture.database().connect(1);
    let holder = other.begin().await.unwrap();
    holder
        .execute_unprepared("SELECT FROM film FOR UPDATE")
        .await
        .unwrap();
    let input = json!({ "id": fixture.film, "title": "Late" });
    let refused = tokio::time::timeout(
        Duration::from_secs(20),
        fixture.error_code(&fixture.editor, "updateFilm", input),
    )
    .await;
    assert_eq!(refused.unwrap(), "UNAVAILABLE");
    holder.rollback().await.unwrap();
    assert_eq!(
        fixture.database().texts("SELECT title FROM film").await,
        ["Lamp"]
    );
}
