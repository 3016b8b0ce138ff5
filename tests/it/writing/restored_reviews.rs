//! Earlier states of reviews that are restored.

mod deleted;

use serde_json::{Value, json};

use super::{Fixture, codes, merged};
use crate::support::socket::Socket;

const SELECTION: &str = "changed review { id version score originalScore excerpt byline critic { name } publication { name } film { slug } }
    film { score { reviewCount } } previousFilm { slug } userErrors { field code message }";

async fn restore(fixture: &Fixture, review: &Value, more: Value) -> Value {
    let input = merged(json!({ "id": review["id"] }), more);
    fixture.write("restoreReview", SELECTION, input).await
}

async fn update(fixture: &Fixture, review: &Value, more: Value) {
    let input = merged(json!({ "id": review["id"] }), more);
    assert_eq!(fixture.user_errors("updateReview", input).await, [""; 0]);
}

async fn delete(fixture: &Fixture, review: &Value) {
    let input = json!({ "id": review["id"] });
    assert_eq!(fixture.user_errors("deleteReview", input).await, [""; 0]);
}

#[tokio::test]
async fn an_earlier_state_becomes_a_new_version() {
    let fixture = Fixture::new().await;
    let review = fixture
        .add_review(json!({ "originalScore": "3/4", "excerpt": "Fine." }))
        .await;
    let wipe = json!({ "critic": null, "publication": null, "originalScore": null, "score": 10, "excerpt": null, "byline": null });
    update(&fixture, &review, wipe).await;
    let restored = restore(
        &fixture,
        &review,
        json!({ "version": 1, "expectedVersion": 2, "idempotencyKey": "undo" }),
    )
    .await;
    let expected = json!({
        "changed": ["CRITIC", "PUBLICATION", "SCORE", "ORIGINAL_SCORE", "SCORE_RULE", "BYLINE", "EXCERPT"],
        "review": {
            "id": review["id"], "version": 3, "score": 75, "originalScore": "3/4", "excerpt": "Fine.", "byline": "Ann",
            "critic": { "name": "Ann" }, "publication": { "name": "Post" }, "film": { "slug": "lamp-1999" },
        },
        "film": { "score": { "reviewCount": 1 } }, "previousFilm": null, "userErrors": [],
    });
    assert_eq!(restored, expected);
    let again = restore(
        &fixture,
        &review,
        json!({ "version": 1, "expectedVersion": 2, "idempotencyKey": "undo" }),
    )
    .await;
    assert_eq!(again, expected);
    // The current version can be restored, which changes nothing.
    for version in [3, 1] {
        let same = restore(&fixture, &review, json!({ "version": version })).await;
        assert_eq!(
            (&same["changed"], &same["review"]["version"]),
            (&json!([]), &json!(3))
        );
    }
    // Without a version, the latest earlier state is restored.
    let last = restore(&fixture, &review, json!({})).await;
    assert_eq!(
        (&last["review"]["version"], &last["review"]["score"]),
        (&json!(4), &json!(10))
    );
    let id = review["id"].as_str().unwrap();
    let query =
        format!("{{ review(id: \"{id}\") {{ revisions {{ nodes {{ version score }} }} }} }}");
    assert_eq!(
        fixture.read(&query).await["review"]["revisions"]["nodes"],
        json!([{ "version": 3, "score": 75 }, { "version": 2, "score": 10 }, { "version": 1, "score": 75 }])
    );
    let tally = "SELECT concat_ws(' ', review_count, scored_count) FROM film_tally";
    assert_eq!(fixture.database().texts(tally).await, ["1 1"]);
}

#[tokio::test]
async fn a_deleted_review_is_added_again_with_its_id_and_its_history() {
    let fixture = Fixture::new().await;
    let review = fixture
        .add_review(json!({ "score": 50, "excerpt": "First." }))
        .await;
    update(
        &fixture,
        &review,
        json!({ "excerpt": "Second.", "score": 60 }),
    )
    .await;
    let created = "SELECT created_at::text FROM review";
    let created_at = fixture.database().texts(created).await;
    delete(&fixture, &review).await;
    let mut socket = Socket::open(fixture.server.address()).await;
    let document = "subscription { reviewChanged { kind reviewId version review { excerpt } } }";
    socket.subscribe("1", document).await;
    let restored = restore(&fixture, &review, json!({ "expectedVersion": 2 })).await;
    assert_eq!(codes(&restored), [""; 0]);
    assert_eq!(restored["changed"], json!([]));
    assert_eq!(
        (
            &restored["review"]["id"],
            &restored["review"]["version"],
            &restored["review"]["excerpt"]
        ),
        (&review["id"], &json!(3), &json!("Second."))
    );
    assert_eq!(restored["film"]["score"]["reviewCount"], 1);
    let mut change = socket.next("1").await["reviewChanged"].take();
    if change["kind"] == "DELETED" {
        // The subscription began before this event was delivered.
        change = socket.next("1").await["reviewChanged"].take();
    }
    assert_eq!(
        change,
        json!({ "kind": "ADDED", "reviewId": review["id"], "version": 3, "review": { "excerpt": "Second." } })
    );
    assert_eq!(fixture.database().texts(created).await, created_at);
    // An older state of a deleted review, and further changes.
    delete(&fixture, &review).await;
    let restored = restore(&fixture, &review, json!({ "version": 1 })).await;
    assert_eq!(restored["changed"], json!(["SCORE", "EXCERPT"]));
    assert_eq!(restored["review"]["version"], 4);
    update(&fixture, &review, json!({ "score": 70 })).await;
    let id = review["id"].as_str().unwrap();
    let query = format!(
        "{{ review(id: \"{id}\") {{ version score revisions {{ nodes {{ version end score }} }} }} }}"
    );
    assert_eq!(
        fixture.read(&query).await["review"],
        json!({
            "version": 5, "score": 70,
            "revisions": { "nodes": [
                { "version": 4, "end": "UPDATED", "score": 50 }, { "version": 3, "end": "DELETED", "score": 60 },
                { "version": 2, "end": "DELETED", "score": 60 }, { "version": 1, "end": "UPDATED", "score": 50 },
            ] },
        })
    );
}

#[tokio::test]
async fn what_can_not_be_restored_is_rejected_with_all_errors() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    let errors = async |input: Value| fixture.user_errors("restoreReview", input).await;
    assert_eq!(errors(json!({ "id": "nonsense" })).await, ["id NOT_FOUND"]);
    assert_eq!(
        errors(json!({ "id": fixture.film })).await,
        ["id NOT_FOUND"]
    );
    assert_eq!(
        errors(json!({ "id": "UmV2aWV3Ojk5" })).await,
        ["id NOT_FOUND"]
    );
    // There is no earlier state yet.
    assert_eq!(
        errors(json!({ "id": review["id"] })).await,
        ["version NOT_FOUND"]
    );
    for version in [-1, 0, 2] {
        let input = json!({ "id": review["id"], "version": version, "expectedVersion": 7 });
        assert_eq!(
            errors(input).await,
            ["expectedVersion STALE", "version NOT_FOUND"]
        );
    }
    // Another review by the critic has taken its place.
    delete(&fixture, &review).await;
    let other = fixture.add_review(json!({ "score": 60 })).await;
    assert_eq!(
        errors(json!({ "id": review["id"] })).await,
        [" ALREADY_REVIEWED"]
    );
    let moved = json!({ "id": other["id"], "critic": { "id": fixture.bob } });
    assert_eq!(fixture.user_errors("updateReview", moved).await, [""; 0]);
    assert_eq!(
        errors(json!({ "id": other["id"], "version": 1 })).await,
        [""; 0]
    );
    assert_eq!(
        errors(json!({ "id": review["id"] })).await,
        [" ALREADY_REVIEWED"]
    );
    // The film is gone, and with it all of its reviews.
    let film = json!({ "id": fixture.film, "withReviews": true });
    assert_eq!(fixture.user_errors("deleteFilm", film).await, [""; 0]);
    assert_eq!(
        errors(json!({ "id": other["id"] })).await,
        ["version NOT_FOUND"]
    );
}

#[tokio::test]
async fn a_deleted_critic_or_publication_stays_as_it_is() {
    let fixture = Fixture::new().await;
    let review = fixture
        .add_review(json!({ "score": 50, "byline": "A. N." }))
        .await;
    update(&fixture, &review, json!({ "critic": { "id": fixture.bob }, "publication": { "name": "Herald" }, "score": 60 })).await;
    for (mutation, id) in [
        ("deleteCritic", &fixture.ann),
        ("deletePublication", &fixture.post),
    ] {
        let input = json!({ "id": id, "detachReviews": true });
        assert_eq!(fixture.user_errors(mutation, input).await, [""; 0]);
    }
    let restored = restore(&fixture, &review, json!({ "version": 1 })).await;
    assert_eq!(restored["changed"], json!(["SCORE"]));
    assert_eq!(
        (
            &restored["review"]["critic"]["name"],
            &restored["review"]["publication"]["name"]
        ),
        (&json!("Bob"), &json!("Herald"))
    );
}

#[tokio::test]
async fn a_review_returns_to_the_film_that_it_was_moved_from() {
    let fixture = Fixture::new().await;
    let moth = fixture
        .write(
            "addFilm",
            "film { id }",
            json!({ "title": "Moth", "slug": "moth" }),
        )
        .await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    update(&fixture, &review, json!({ "film": moth["film"]["id"] })).await;
    let restored = restore(&fixture, &review, json!({ "version": 1 })).await;
    assert_eq!(restored["changed"], json!(["FILM"]));
    assert_eq!(restored["previousFilm"]["slug"], "moth");
    assert_eq!(restored["review"]["film"]["slug"], "lamp-1999");
    let tallies = "SELECT review_count::text FROM film_tally ORDER BY film_id";
    assert_eq!(fixture.database().texts(tallies).await, ["1", "0"]);
}

#[tokio::test]
async fn a_critic_restores_only_states_that_they_could_write() {
    let fixture = Fixture::new().await;
    let ann = fixture.ann_token().await;
    let own = fixture.add_review(json!({ "score": 50 })).await;
    let input = json!({ "id": own["id"], "score": 60 });
    fixture
        .write_as(&ann, "updateReview", "userErrors { code }", input)
        .await;
    let restored = fixture
        .write_as(
            &ann,
            "restoreReview",
            SELECTION,
            json!({ "id": own["id"], "version": 1 }),
        )
        .await;
    assert_eq!(
        (codes(&restored), &restored["changed"]),
        (Vec::new(), &json!(["SCORE"]))
    );
    // A state with another value of `topCritic`, or of another critic.
    update(&fixture, &own, json!({ "topCritic": true })).await;
    let forbidden = async |input: Value| fixture.error_code(&ann, "restoreReview", input).await;
    assert_eq!(
        forbidden(json!({ "id": own["id"], "version": 1 })).await,
        "FORBIDDEN"
    );
    update(
        &fixture,
        &own,
        json!({ "topCritic": false, "critic": { "id": fixture.bob } }),
    )
    .await;
    assert_eq!(
        forbidden(json!({ "id": own["id"], "version": 1 })).await,
        "FORBIDDEN"
    );
    update(&fixture, &own, json!({ "critic": { "id": fixture.ann } })).await;
    assert_eq!(
        forbidden(json!({ "id": own["id"], "version": 5 })).await,
        "FORBIDDEN"
    );
    // Their own deleted review, but not another's.
    let deleted = json!({ "id": own["id"] });
    fixture
        .write_as(&ann, "deleteReview", "userErrors { code }", deleted.clone())
        .await;
    let restored = fixture
        .write_as(&ann, "restoreReview", SELECTION, deleted)
        .await;
    assert_eq!(codes(&restored), [""; 0]);
    let other = fixture
        .add_review(json!({ "score": 50, "critic": { "id": fixture.bob } }))
        .await;
    delete(&fixture, &other).await;
    assert_eq!(forbidden(json!({ "id": other["id"] })).await, "FORBIDDEN");
}

#[tokio::test]
async fn an_imported_review_keeps_its_source_and_is_not_restored_beside_a_later_import() {
    let fixture = Fixture::new().await;
    let import = "INSERT INTO review (film_id, critic_id, score, score_rule, source, external_id)
        SELECT 1, 1, 50, 'given', 'rt', 'x1'";
    fixture.database().execute(import).await;
    let review = json!({ "id": "UmV2aWV3OjE" });
    delete(&fixture, &review).await;
    let restored = restore(&fixture, &review, json!({})).await;
    assert_eq!(codes(&restored), [""; 0]);
    let source = "SELECT concat_ws(' ', id, source, external_id, version) FROM review ORDER BY id";
    assert_eq!(fixture.database().texts(source).await, ["1 rt x1 2"]);
    delete(&fixture, &review).await;
    fixture.database().execute(import).await;
    let refused = restore(&fixture, &review, json!({})).await;
    assert_eq!(codes(&refused), [" ALREADY_EXISTS"]);
}

#[tokio::test]
async fn a_deleted_review_that_is_restored_several_times_at_once_exists_once() {
    let fixture = Fixture::new().await;
    let review = fixture.add_review(json!({ "score": 50 })).await;
    delete(&fixture, &review).await;
    let restored = futures_util::future::join_all(
        (0..8).map(|_| restore(&fixture, &review, json!({ "version": 1 }))),
    )
    .await;
    for payload in restored {
        assert_eq!(codes(&payload), [""; 0]);
        assert_eq!(payload["review"]["version"], 2);
    }
    assert_eq!(
        fixture
            .database()
            .texts("SELECT version::text FROM review")
            .await,
        ["2"]
    );
}
