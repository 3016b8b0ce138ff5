//! Connections that break.

use std::time::Duration;

use marquee::database::{APPLICATION_NAME, pool::Pool, session::Session, sql};
use serde_json::json;

use crate::{
    support::TestDatabase,
    writing::{Fixture, killed_at_commit, request},
};

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

#[tokio::test]
async fn a_transaction_is_never_continued_or_committed_over_another_connection() {
    let database = TestDatabase::empty().await;
    let pool = Pool::single(&database.serving_options(), APPLICATION_NAME);
    let session = Session::new(pool);
    let add = "INSERT INTO film (slug, title) VALUES ('lost', 'Lost')";
    let transaction = session.begin(&[]).await.unwrap();
    sql::execute(&transaction, add, []).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.execute(end).await;
    // The first statement finds the connection dead. The others would be run outside of any transaction.
    for _ in 0..3 {
        assert!(sql::execute(&transaction, add, []).await.is_err());
    }
    assert!(transaction.commit().await.is_err());
    let films = "SELECT count(*)::text FROM film";
    assert_eq!(database.texts(films).await, ["0"]);
    let transaction = session.begin(&[]).await.unwrap();
    sql::execute(&transaction, add, []).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(database.texts(films).await, ["1"]);
}
