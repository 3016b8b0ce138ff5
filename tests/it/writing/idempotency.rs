//! Idempotency keys: a retried mutation runs once.

use serde_json::{Value, json};

use super::{Fixture, codes, request};
use crate::support::TestServer;

const SELECTION: &str = "review { id version score } userErrors { field code message }";

fn review(fixture: &Fixture, key: &str) -> Value {
    json!({ "film": fixture.film, "critic": { "id": fixture.ann }, "score": 50, "idempotencyKey": key })
}

#[tokio::test]
async fn the_same_key_and_input_return_the_first_result_on_every_server() {
    let fixture = Fixture::new().await;
    let first = fixture
        .write("addReview", SELECTION, review(&fixture, "one"))
        .await;
    assert_eq!(codes(&first), [""; 0]);
    let again = fixture
        .write("addReview", SELECTION, review(&fixture, "one"))
        .await;
    assert_eq!(again, first);
    // The review has been changed since, but the first result is returned unchanged.
    let id = first["review"]["id"].clone();
    fixture
        .write(
            "updateReview",
            "userErrors { code }",
            json!({ "id": id, "score": 60 }),
        )
        .await;
    let again = fixture
        .write("addReview", SELECTION, review(&fixture, "one"))
        .await;
    assert_eq!(again, first);
    let request = request("addReview", SELECTION, &review(&fixture, "one"));
    let elsewhere = TestServer::sharing_database(&fixture.server);
    let mut response = elsewhere.send_as(&fixture.editor, request).await;
    assert_eq!(response.body["data"]["addReview"].take(), first);
    assert_eq!(
        fixture
            .database()
            .texts("SELECT count(*)::text FROM review")
            .await,
        ["1"]
    );
}

#[tokio::test]
async fn the_same_key_with_another_input_is_rejected() {
    let fixture = Fixture::new().await;
    fixture
        .write("addReview", SELECTION, review(&fixture, "one"))
        .await;
    let mut other = review(&fixture, "one");
    other["score"] = json!(51);
    assert_eq!(
        fixture.user_errors("addReview", other).await,
        ["idempotencyKey KEY_REUSED"]
    );
    // An invalid key doesn't hide other errors.
    let film = json!({ "title": " ", "year": 1, "idempotencyKey": "é" });
    assert_eq!(
        fixture.user_errors("addFilm", film).await,
        ["idempotencyKey INVALID", "title BLANK", "year OUT_OF_RANGE"]
    );
    let film = json!({ "title": "Two", "idempotencyKey": "one" });
    assert_eq!(
        fixture.user_errors("addFilm", film).await,
        ["idempotencyKey KEY_REUSED"]
    );
    // Keys of different callers are independent.
    let editor = fixture
        .database()
        .token(marquee::access::Role::Editor, None)
        .await;
    let payload = fixture
        .write_as(&editor, "addReview", SELECTION, review(&fixture, "one"))
        .await;
    assert_eq!(codes(&payload), [" ALREADY_REVIEWED"]);
    for (bad, code) in [
        ("", "INVALID"),
        ("é", "INVALID"),
        (&"k".repeat(256), "TOO_LONG"),
    ] {
        assert_eq!(
            fixture
                .user_errors("addReview", review(&fixture, bad))
                .await,
            [&format!("idempotencyKey {code}"), " ALREADY_REVIEWED"]
        );
    }
}

#[tokio::test]
async fn user_errors_are_stored_results_too() {
    let fixture = Fixture::new().await;
    let film = |key: &str| json!({ "title": "Lamp", "year": 1999, "idempotencyKey": key });
    let first = fixture
        .write(
            "addFilm",
            "film { id } userErrors { field code message }",
            film("one"),
        )
        .await;
    assert_eq!(codes(&first), ["title ALREADY_EXISTS"]);
    fixture.database().execute("DELETE FROM film").await;
    let again = fixture
        .write(
            "addFilm",
            "film { id } userErrors { field code message }",
            film("one"),
        )
        .await;
    assert_eq!(again, first);
    let anew = fixture
        .write(
            "addFilm",
            "film { slug } userErrors { field code message }",
            film("two"),
        )
        .await;
    assert_eq!(anew["film"]["slug"], "lamp-1999");
}

#[tokio::test]
async fn updates_and_deletions_run_once_too() {
    let fixture = Fixture::new().await;
    let added = fixture.add_review(json!({ "score": 50 })).await;
    let update =
        json!({ "id": added["id"], "expectedVersion": 1, "score": 60, "idempotencyKey": "up" });
    let first = fixture
        .write("updateReview", SELECTION, update.clone())
        .await;
    assert_eq!(first["review"]["version"], 2);
    // Without the key, the expected version would be stale.
    assert_eq!(
        fixture.write("updateReview", SELECTION, update).await,
        first
    );
    let delete = json!({ "id": added["id"], "expectedVersion": 2, "idempotencyKey": "down" });
    let selection =
        "deletedReviewId review { id } film { title } userErrors { field code message }";
    let first = fixture
        .write("deleteReview", selection, delete.clone())
        .await;
    assert_eq!(first["deletedReviewId"], added["id"]);
    assert_eq!(
        fixture.write("deleteReview", selection, delete).await,
        first
    );
    // The review is deleted, but the result of its addition is still returned.
    let revisions = "SELECT count(*)::text FROM review_revision";
    assert_eq!(fixture.database().texts(revisions).await, ["2"]);
}

#[tokio::test]
async fn the_header_provides_a_key_for_each_mutation_of_a_request() {
    let fixture = Fixture::new().await;
    let document = r#"mutation {
        one: addFilm(input: {title: "One"}) { film { slug } userErrors { code } }
        two: addFilm(input: {title: "Two"}) { film { slug } userErrors { code } } }"#;
    let bearer = format!("Bearer {}", fixture.editor);
    let send = async |key: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        fixture
            .server
            .send_with(&headers, json!({ "query": document }))
            .await
    };
    let first = send("morning").await.body;
    assert_eq!(first["data"]["two"]["film"]["slug"], "two");
    assert_eq!(send("morning").await.body, first);
    let anew = send("evening").await.body;
    assert_eq!(
        anew["data"]["one"]["userErrors"],
        json!([{ "code": "ALREADY_EXISTS" }])
    );
    // The key covers the whole request, so another document counts as another input.
    let other = document.replace("two:", "\n  second:");
    let headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", "morning"),
    ];
    let response = fixture
        .server
        .send_with(&headers, json!({ "query": other }))
        .await;
    for field in ["one", "second"] {
        let errors = &response.body["data"][field]["userErrors"];
        assert_eq!(
            *errors,
            json!([{ "code": "KEY_REUSED" }]),
            "{}",
            response.body
        );
    }
    let bad = send("a\tb").await;
    assert_eq!(
        (bad.status, &bad.body["errors"][0]["extensions"]["code"]),
        (400, &json!("BAD_REQUEST"))
    );
}

#[tokio::test]
async fn concurrent_mutations_with_one_key_run_once() {
    let fixture = Fixture::new().await;
    let sending = (0..12).map(|_| fixture.write("addReview", SELECTION, review(&fixture, "one")));
    let responses = futures_util::future::join_all(sending).await;
    assert_eq!(codes(&responses[0]), [""; 0]);
    assert!(
        responses.iter().all(|response| *response == responses[0]),
        "{responses:?}"
    );
    assert_eq!(
        fixture
            .database()
            .texts("SELECT count(*)::text FROM review")
            .await,
        ["1"]
    );
}

#[tokio::test]
async fn keys_expire_after_a_day() {
    let fixture = Fixture::new().await;
    for key in ["a", "b", "c"] {
        let input = json!({ "title": key, "idempotencyKey": key });
        assert_eq!(fixture.user_errors("addFilm", input).await, [""; 0]);
    }
    let age = "UPDATE idempotency_key SET created_at = now() - interval '23 hours 59 minutes' WHERE key = 'a';
        UPDATE idempotency_key SET created_at = now() - interval '24 hours 1 minute' WHERE key <> 'a'";
    fixture.database().execute(age).await;
    let young = json!({ "title": "a", "idempotencyKey": "a" });
    assert_eq!(fixture.user_errors("addFilm", young).await, [""; 0]);
    // After a day the mutation runs again. Claiming a key deletes expired ones.
    let old = json!({ "title": "b", "idempotencyKey": "b" });
    assert_eq!(
        fixture.user_errors("addFilm", old).await,
        ["title ALREADY_EXISTS"]
    );
    let keys = "SELECT key FROM idempotency_key ORDER BY key";
    assert_eq!(fixture.database().texts(keys).await, ["a", "b"]);
}
