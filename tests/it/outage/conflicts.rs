//! Statements that PostgreSQL rolls back because of others.

use serde_json::json;

use super::{FILMS, send};
use crate::support::{TestDatabase, TestServer};

/// Makes the reads of films fail with a code, the first `times`.
async fn failing_reads(code: &str, times: u32) -> TestServer {
    let database = TestDatabase::demo().await;
    database
        .execute(&format!(
            "CREATE SEQUENCE attempts;
             GRANT USAGE ON SEQUENCE attempts TO marquee_serving;
             CREATE FUNCTION may_read() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('attempts') <= {times} THEN RAISE EXCEPTION 'failed' USING ERRCODE = '{code}'; END IF;
                RETURN true;
             END $$;
             ALTER TABLE film ENABLE ROW LEVEL SECURITY;
             CREATE POLICY read ON film USING (may_read())"
        ))
        .await;
    TestServer::with_arguments(database, &["--answer-cache=0", "--film-index=false"])
}

#[tokio::test]
async fn a_read_that_conflicts_with_others_is_retried() {
    for code in ["40001", "40P01"] {
        let server = failing_reads(code, 2).await;
        let response = send(&server, FILMS).await;
        assert_eq!(
            (response.status, response.code),
            (200, json!(null)),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_read_that_can_succeed_later_is_unavailable_and_not_an_internal_error() {
    for code in [
        "40001", "40P01", "53100", "53200", "57P05", "42P01", "25006",
    ] {
        let server = failing_reads(code, 1_000_000).await;
        let response = send(&server, FILMS).await;
        assert_eq!(
            response.status_and_code(),
            (503, json!("UNAVAILABLE")),
            "{code}"
        );
        assert!(response.retry_after.is_some(), "{code}");
    }
}

#[tokio::test]
async fn the_default_isolation_of_a_site_does_not_apply() {
    let database = TestDatabase::demo().await;
    let name = database.options().get_database().unwrap().to_owned();
    database
        .execute(&format!(
            "ALTER DATABASE {name} SET default_transaction_isolation = 'serializable';
             CREATE TABLE isolation (level text);
             GRANT INSERT ON isolation TO marquee_serving;
             CREATE FUNCTION record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO isolation VALUES (current_setting('transaction_isolation')); RETURN NEW; END $$;
             CREATE TRIGGER record BEFORE INSERT ON film FOR EACH ROW EXECUTE FUNCTION record()"
        ))
        .await;
    let token = database.token(marquee::access::Role::Editor, None).await;
    let server = TestServer::with_database(database);
    let add = json!({"query": "mutation { addFilm(input: {title: \"New\"}) { film { title } } }"});
    let response = server.send_as(&token, add).await;
    assert_eq!(
        response.body["data"]["addFilm"]["film"]["title"], "New",
        "{}",
        response.body
    );
    let levels = "SELECT DISTINCT level FROM isolation";
    assert_eq!(server.database.texts(levels).await, ["read committed"]);
}
