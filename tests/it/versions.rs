//! Versions and revisions, which triggers maintain for any client.

use marquee::database::schema::{migrate_down, migrate_up, status};
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};

use crate::support::TestDatabase;

/// Returns the rows of a statement that selects one text, in order.
async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    #[derive(FromQueryResult)]
    struct Row {
        text: String,
    }
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = Row::find_by_statement(statement).all(connection).await;
    rows.unwrap().into_iter().map(|row| row.text).collect()
}

const REVISIONS: &str = "
    SELECT concat_ws(' ', version, operation, coalesce(score::text, '-'), array_to_string(changed, ',')) AS text
    FROM review_revision ORDER BY id";

async fn with_a_review() -> (TestDatabase, DatabaseConnection) {
    let database = TestDatabase::empty().await;
    let connection = database.connect(1);
    connection
        .execute_unprepared(
            "INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp');
             INSERT INTO critic (slug, name) VALUES ('ann', 'Ann');
             INSERT INTO publication (slug, name) VALUES ('post', 'Post');
             INSERT INTO review (film_id, critic_id, publication_id, score, score_rule)
                SELECT film.id, critic.id, publication.id, 60, 'given' FROM film, critic, publication",
        )
        .await
        .unwrap();
    (database, connection)
}

#[tokio::test]
async fn only_changes_increment_versions() {
    let (_database, connection) = with_a_review().await;
    connection
        .execute_unprepared(
            "UPDATE film SET year = 1999; UPDATE film SET year = 1999; UPDATE film SET version = 1;
             UPDATE critic SET name = 'Anne';
             UPDATE publication SET weight = 200;
             UPDATE review SET score = 70, excerpt = 'Bright.'; UPDATE review SET score = 70;
             UPDATE review SET score = NULL, score_rule = NULL",
        )
        .await
        .unwrap();
    let versions = "SELECT concat_ws(' ', film.version, critic.version, publication.version, review.version) AS text
        FROM film, critic, publication, review";
    // A version that a client sets is replaced by the next one.
    assert_eq!(texts(&connection, versions).await, ["3 2 2 3"]);
    // A new weight changes the publication, but not its reviews.
    assert_eq!(
        texts(&connection, REVISIONS).await,
        [
            "1 updated 60 score,excerpt",
            "2 updated 70 score,score_rule"
        ]
    );
}

#[tokio::test]
async fn the_default_timestamp_of_a_change_is_that_of_the_transaction() {
    let (_database, connection) = with_a_review().await;
    connection
        .execute_unprepared(
            "UPDATE film SET year = 1999, updated_at = '2001-02-03'; UPDATE critic SET name = 'Anne'",
        )
        .await
        .unwrap();
    let timestamps = "SELECT (film.updated_at = '2001-02-03')::text || (critic.updated_at > critic.created_at)::text AS text
        FROM film, critic";
    assert_eq!(texts(&connection, timestamps).await, ["truetrue"]);
}

#[tokio::test]
async fn deleted_reviews_have_revisions_even_if_their_film_is_deleted() {
    let (_database, connection) = with_a_review().await;
    connection
        .execute_unprepared("DELETE FROM publication; SET marquee.actor = 'desk'; DELETE FROM film")
        .await
        .unwrap();
    assert_eq!(
        texts(&connection, REVISIONS).await,
        ["1 updated 60 publication_id", "2 deleted 60 "]
    );
    let actors = "SELECT (replaced_by = session_user)::text || replaced_by AS text FROM review_revision ORDER BY id";
    let actors = texts(&connection, actors).await;
    assert!(actors[0].starts_with("true"), "{actors:?}");
    assert_eq!(actors[1], "falsedesk");
}

#[tokio::test]
async fn the_migration_numbers_existing_revisions() {
    let (_database, connection) = with_a_review().await;
    let steps = status(&connection).await.unwrap();
    let before = steps
        .iter()
        .position(|step| step.name.ends_with("create_versions"))
        .unwrap();
    let later = u32::try_from(steps.len() - before).unwrap();
    migrate_down(&connection, later).await.unwrap();
    connection
        .execute_unprepared(
            "INSERT INTO review (film_id, score, score_rule) SELECT id, 10, 'given' FROM film;
             UPDATE review SET score = score + 1 WHERE score = 60;
             UPDATE review SET byline = 'Staff';
             UPDATE review SET byline = NULL, score = 12 WHERE score = 10;
             DELETE FROM review WHERE score = 12",
        )
        .await
        .unwrap();
    migrate_up(&connection).await.unwrap();
    assert_eq!(
        texts(&connection, REVISIONS).await,
        [
            "1 updated 60 score",
            "2 updated 61 byline",
            "1 updated 10 byline",
            // The changed columns of the last revision of a deleted review are unknown.
            "2 updated 10 "
        ]
    );
    let versions = "SELECT version::text AS text FROM review";
    assert_eq!(texts(&connection, versions).await, ["3"]);
}

/// Connections cache the plan of a trigger's statement, so the plan for one row must also work for thousands. The rules of
/// the site are always one row.
#[tokio::test]
async fn triggers_never_use_nested_loops_to_join_old_and_new_rows() {
    let database = TestDatabase::empty().await;
    let joining = "FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosrc ~ 'JOIN (new|old)_rows USING' AND proname NOT LIKE 'site_rules%'";
    let all = database
        .texts(&format!("SELECT count(*)::text {joining}"))
        .await;
    assert_eq!(all, ["5"]);
    let others = format!(
        "SELECT proname::text {joining} AND 'enable_nestloop=off' <> ALL (coalesce(proconfig, '{{}}'))"
    );
    assert_eq!(database.texts(&others).await, [""; 0]);
}
