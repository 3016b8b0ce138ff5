//! The database role of servers has no privileges beyond its grants. Every other test shows that the grants suffice,
//! since its servers use this role.

use std::process::Command;

use marquee::database::{self, schema};
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr};

use crate::support::{
    GRANTS, TestDatabase,
    program::{Program, marquee, run, url},
};

/// `insufficient_privilege`.
const FORBIDDEN: &str = "42501";

/// Returns the SQLSTATE of an error.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) =
        error
    else {
        return None;
    };
    Some(cause.as_database_error()?.code()?.into_owned())
}

#[tokio::test]
async fn privileges_that_are_not_granted_are_missing() {
    let database = TestDatabase::demo().await;
    // Grants on the database itself aren't copied from a template.
    database.execute(GRANTS).await;
    database.token(marquee::access::Role::Admin, None).await;
    let connection = database::connect_pool(&database.serving_options(), 1);
    for statement in [
        "SELECT secret_hash FROM api_token",
        "SELECT * FROM api_token",
        "SELECT 1 FROM api_token WHERE secret_hash > '\\x00'",
        "SELECT to_jsonb(api_token) FROM api_token",
        "COPY api_token TO STDOUT",
        "UPDATE api_token SET name = 'x' RETURNING secret_hash",
        "UPDATE api_token SET secret_hash = decode(repeat('00', 32), 'hex')",
        "UPDATE api_token SET role = 'admin'",
        "UPDATE api_token SET expires_at = NULL",
        "DELETE FROM api_token",
        "UPDATE review_revision SET score = 100",
        "DELETE FROM review_revision",
        "TRUNCATE review",
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('x', 1)",
        "DELETE FROM seaql_migrations",
        "CREATE TABLE other (id int)",
        "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA other",
        "CREATE ROLE other",
        "CREATE DATABASE other",
        "ALTER TABLE review DISABLE TRIGGER ALL",
        "ALTER TABLE api_token ADD COLUMN other int",
        "ALTER FUNCTION api_token_of(text, bytea) SECURITY INVOKER",
        "DROP TABLE film",
        "CREATE INDEX other ON film (title)",
        "SET session_replication_role = replica",
        "SET ROLE marquee",
        "COPY film TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
    ] {
        let refused = connection.execute_unprepared(statement).await;
        let code = refused.as_ref().err().and_then(code);
        assert_eq!(code.as_deref(), Some(FORBIDDEN), "{statement}: {refused:?}");
    }
    // The mutation `importFile` stages its rows.
    connection
        .execute_unprepared("CREATE TEMPORARY TABLE other (id int)")
        .await
        .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_revoked_token_stays_revoked() {
    let database = TestDatabase::empty().await;
    database.token(marquee::access::Role::Admin, None).await;
    let connection = database::connect_pool(&database.serving_options(), 1);
    let revoke = "UPDATE api_token SET revoked_at = now()";
    connection.execute_unprepared(revoke).await.unwrap();
    for again in ["NULL", "now() + interval '1 day'"] {
        let statement = format!("UPDATE api_token SET revoked_at = {again}");
        let refused = connection.execute_unprepared(&statement).await;
        let code = refused.as_ref().err().and_then(code);
        assert_eq!(code.as_deref(), Some("23000"), "{again}: {refused:?}");
    }
    // Writing the same value is allowed.
    let same = "UPDATE api_token SET revoked_at = coalesce(revoked_at, now())";
    connection.execute_unprepared(same).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn the_owner_needs_no_createrole_if_the_role_exists() {
    let database = TestDatabase::bare().await;
    // Creating the templates creates the role.
    drop(TestDatabase::empty().await);
    let name = database.options().get_database().unwrap().to_owned();
    let owner = format!("owner_of_{name}");
    database
        .execute(&format!(
            "CREATE ROLE {owner} LOGIN NOSUPERUSER NOCREATEROLE; ALTER DATABASE {name} OWNER TO {owner}; CREATE EXTENSION pg_trgm"
        ))
        .await;
    let connection = database::connect_pool(&database.options().username(&owner), 1);
    schema::migrate_up(&connection).await.unwrap();
    for _ in 0..2 {
        connection.execute_unprepared(GRANTS).await.unwrap();
    }
    connection.close().await.unwrap();
    let serving = database::connect_pool(&database.serving_options(), 1);
    serving
        .execute_unprepared("SELECT FROM film")
        .await
        .unwrap();
    serving.close().await.unwrap();
    database
        .execute(&format!("DROP OWNED BY {owner} CASCADE; ALTER DATABASE {name} OWNER TO CURRENT_USER; DROP ROLE {owner}"))
        .await;
}

#[tokio::test]
async fn finding_a_token_requires_its_hash() {
    let database = TestDatabase::demo().await;
    let token = database.token(marquee::access::Role::Admin, None).await;
    let public_id = &token[8..20];
    let connection = database::connect_pool(&database.serving_options(), 1);
    let found = async |public_id: &str, hash: &str| {
        let sql = format!("SELECT 1 FROM api_token_of({public_id}, {hash})");
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        connection.query_all_raw(statement).await.unwrap().len()
    };
    let hash = database
        .texts("SELECT quote_literal(secret_hash) || '::bytea' FROM api_token")
        .await;
    let quoted = format!("'{public_id}'");
    assert_eq!(found(&quoted, &hash[0]).await, 1);
    for (public_id, hash) in [
        (quoted.as_str(), "decode(repeat('00', 32), 'hex')"),
        ("'000000000000'", "decode(repeat('00', 32), 'hex')"),
        ("'000000000000'", hash[0].as_str()),
        (&quoted, "''"),
        (&quoted, "NULL"),
        ("NULL", hash[0].as_str()),
        ("'%'", hash[0].as_str()),
    ] {
        assert_eq!(found(public_id, hash).await, 0, "{public_id} {hash}");
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn every_table_and_column_is_granted() {
    let database = TestDatabase::empty().await;
    let hidden = "SELECT format('%s.%s', attrelid::regclass, attname)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND attnum > 0 AND NOT attisdropped
            AND NOT has_column_privilege('marquee_serving', attrelid, attname, 'SELECT')";
    assert_eq!(database.texts(hidden).await, ["api_token.secret_hash"]);
    let callable_by_all = "SELECT proname::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef AND has_function_privilege('pg_monitor', oid, 'EXECUTE')";
    assert_eq!(database.texts(callable_by_all).await, Vec::<String>::new());
}

/// Returns a command that connects as the role.
fn by_the_role(database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = marquee(arguments);
    command.args(["--database-url", &url(&database.serving_options())]);
    command
}

#[test]
fn the_role_can_serve_check_and_create_tokens_but_not_migrate() {
    let runtime = actix_web::rt::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::demo());
    runtime.block_on(database.execute(GRANTS));
    let output = |arguments: &[&str]| run(by_the_role(&database, arguments)).output();

    assert!(output(&["migrate", "status"]).contains("applied m20261120_000011"));
    output(&["check"]);
    assert!(output(&["export", "jsonl"]).lines().count() > 10);
    let token = output(&["token", "create", "--role=editor"]);
    assert!(output(&["token", "list"]).contains(&token[8..20]));
    output(&["token", "revoke", &token[8..20]]);
    output(&["import", "csv", "docs/example.csv"]);
    let result = run(by_the_role(&database, &["migrate", "down", "--yes"]));
    assert!(
        result.error().contains("permission denied") || result.error().contains("owner"),
        "{result:?}"
    );

    let serve = [
        "serve",
        "--listen=127.0.0.1:0",
        "--workers=1",
        "--migrate=false",
    ];
    let server = Program::ready(by_the_role(&database, &serve));
    assert_eq!(server.stop().status.code(), Some(0));

    runtime
        .block_on(database.execute("DELETE FROM seaql_migrations WHERE version LIKE '%_000011_%'"));
    let result = run(by_the_role(&database, &serve));
    let error = result.error();
    assert!(
        error.contains("run `marquee migrate up` first")
            && error.contains("m20261120_000011_guard_tokens"),
        "{error}"
    );
}
