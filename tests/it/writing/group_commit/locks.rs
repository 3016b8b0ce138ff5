//! Additions that wait for locks, and commits that fail.

use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::{add_together, assert_recounted, during_first_addition, lock_film, other_film};
use crate::writing::{Fixture, codes, killed_at_commit, merged};

#[tokio::test]
async fn a_locked_film_does_not_block_reviews_of_others() {
    let fixture = Fixture::new().await;
    let other = other_film(&fixture).await;
    let holder = lock_film(&fixture, "lamp-1999").await;
    let waiting = fixture.user_errors(
        "addReview",
        json!({ "film": fixture.film, "byline": "Waits", "score": 2 }),
    );
    let others = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let start = Instant::now();
        let others = (0..20).map(|score| {
            fixture.user_errors(
                "addReview",
                json!({ "film": other, "byline": "Goes", "score": score }),
            )
        });
        let others = join_all(others).await;
        // Not a performance test: a review that waits for the lock would time out after ten seconds.
        assert!(start.elapsed() < Duration::from_secs(5));
        // The film is still locked here, and its review still waits.
        holder.rollback().await.unwrap();
        others
    };
    let (waited, others) = join(waiting, others).await;
    assert_eq!(waited, [""; 0]);
    assert!(others.iter().all(Vec::is_empty), "{others:?}");
    assert_recounted(&fixture).await;
}

/// Returns the number of insertions of reviews that wait for a lock.
async fn waiting_insertions(fixture: &Fixture) -> String {
    let sql = "SELECT count(*)::text FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO \"review\"%'";
    fixture.database().texts(sql).await.concat()
}

#[tokio::test]
async fn equal_additions_get_their_own_results_despite_concurrent_deletions() {
    let fixture = Fixture::new().await;
    let other = other_film(&fixture).await;
    let old = json!({ "film": fixture.film, "critic": { "id": fixture.ann }, "excerpt": "Old", "score": 1 });
    assert_eq!(fixture.user_errors("addReview", old).await, [""; 0]);
    // Another transaction reviews the other film as Bob, so the group's insertion waits between the two equal reviews.
    let bob = fixture.database().connect(1).begin().await.unwrap();
    let sql = "INSERT INTO review (film_id, critic_id, sentiment)
        SELECT film.id, critic.id, 'mixed' FROM film, critic WHERE title = 'Ferry' AND critic.slug = 'bob'";
    bob.execute_unprepared(sql).await.unwrap();
    let alike = |excerpt: &str| json!({ "film": fixture.film, "critic": { "id": fixture.ann }, "excerpt": excerpt, "score": 50 });
    let inputs = [
        alike("One"),
        json!({ "film": other, "critic": { "id": fixture.bob }, "excerpt": "Bob", "score": 50 }),
        alike("Two"),
    ];
    let deletion = async {
        for _ in 0..1_000 {
            if waiting_insertions(&fixture).await != "0" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let old = "DELETE FROM review WHERE excerpt = 'Old'";
        fixture.database().execute(old).await;
        bob.commit().await.unwrap();
    };
    let (responses, ()) = join(add_together(&fixture, &inputs), deletion).await;
    for (input, (response, _)) in inputs.iter().zip(&responses) {
        let shown = &response["review"]["excerpt"];
        let excerpt = input["excerpt"].as_str().unwrap();
        let stored = format!("SELECT excerpt FROM review WHERE excerpt = '{excerpt}'");
        let stored = fixture.database().texts(&stored).await;
        if codes(response).is_empty() {
            assert_eq!(
                (shown, &stored[..]),
                (&input["excerpt"], &[excerpt.to_owned()][..])
            );
        } else {
            assert_eq!(
                (codes(response), stored),
                (vec![" ALREADY_REVIEWED".to_owned()], Vec::new())
            );
        }
    }
    assert_recounted(&fixture).await;
}

#[tokio::test]
async fn an_unconfirmed_group_commit_is_unknown_or_retried_with_a_key() {
    let fixture = Fixture::new().await;
    let killed = killed_at_commit("review", "WHEN (NEW.byline = 'Fatal')");
    fixture.database().execute(&killed).await;
    let input = |byline: &str| json!({ "film": fixture.film, "byline": byline, "score": 50 });
    let fatal = fixture.error_code(&fixture.editor, "addReview", input("Fatal"));
    let bare = fixture.error_code(&fixture.editor, "addReview", input("Bare"));
    let keyed = merged(input("Keyed"), json!({ "idempotencyKey": "k" }));
    let keyed = fixture.user_errors("addReview", keyed);
    let ((fatal, bare), keyed) =
        during_first_addition(&fixture, join(join(fatal, bare), keyed)).await;
    assert_eq!(keyed, [""; 0]);
    assert_eq!([fatal, bare], ["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
    let added = "SELECT string_agg(byline, ' ' ORDER BY byline) FROM review";
    assert_eq!(fixture.database().texts(added).await, ["First Keyed"]);
}
