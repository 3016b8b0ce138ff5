//! Connections that break.

use std::time::Duration;

use serde_json::json;

use crate::writing::{Fixture, killed_at_commit, request};

#[tokio::test]
async fn a_broken_pooled_connection_fails_no_mutation() {
    let fixture = Fixture::new().await;
    for round in 0..4 {
        // All other connections to the database.
        fixture.database()
            .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .await;
        let input = json!({ "title": format!("Round {round}") });
        let response = fixture
            .server
            .send_as(
                &fixture.editor,
                request("addFilm", "film { title } userErrors { code }", &input),
            )
            .await;
        assert_eq!(
            response.body["data"]["addFilm"]["film"]["title"],
            format!("Round {round}"),
            "{}",
            response.body
        );
    }
}

#[tokio::test]
async fn an_unconfirmed_commit_is_unknown_or_retried_with_the_key() {
    let fixture = Fixture::new().await;
    fixture
        .database()
        .execute(&killed_at_commit("film", ""))
        .await;
    let bare = fixture
        .error_code(&fixture.editor, "addFilm", json!({ "title": "Bare" }))
        .await;
    assert_eq!(bare, "OUTCOME_UNKNOWN");
    // After an unconfirmed commit, no later error may state that nothing was changed.
    let keyed = json!({ "title": "Keyed", "idempotencyKey": "k" });
    let hopeless = fixture
        .error_code(&fixture.editor, "addFilm", keyed.clone())
        .await;
    assert_eq!(hopeless, "OUTCOME_UNKNOWN");
    let (mended, payload) = futures_util::future::join(
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            fixture
                .database()
                .execute("DROP TRIGGER killed_at_commit ON film")
                .await;
        },
        fixture.write("addFilm", "film { title } userErrors { code }", keyed),
    )
    .await;
    let () = mended;
    assert_eq!(payload["film"]["title"], "Keyed");
    let films = "SELECT string_agg(title, ' ' ORDER BY title) FROM film";
    assert_eq!(fixture.database().texts(films).await, ["Keyed Lamp"]);
}
