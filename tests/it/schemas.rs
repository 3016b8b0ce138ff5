//! The functions and constraints of a schema don't depend on the session: restored dumps, several schemas of a database,
//! and settings of the session that migrates.

use std::process::Command;

use marquee::database::{self, channels::Channels, schema::migrate_up};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection,
    sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};

use crate::support::{
    TestDatabase,
    postgres::can_dump,
    program::{marquee, run, run_over, url},
};

/// The tables whose rows a restore must copy. The rest are the counts by month, which `check` compares, and the list of
/// migrations.
const RESTORED: &str = "
SELECT tablename::text FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('review_month_count', 'seaql_migrations') ORDER BY 1";

/// Returns each table's rows as one text.
async fn rows(database: &TestDatabase, tables: &[String]) -> Vec<String> {
    let each = tables.iter().map(|table| {
        format!("SELECT concat('{table}: ', string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {table} AS t")
    });
    let sql = each.collect::<Vec<_>>().join(" UNION ALL ");
    database.texts(&sql).await
}

async fn check(database: &TestDatabase) -> String {
    let mut command = marquee(&["check"]);
    command.env("DATABASE_URL", url(&database.options()));
    let task = tokio::task::spawn_blocking(|| run(command).output());
    task.await.unwrap()
}

/// Dumps one database, and restores it into another.
async fn copy(from: &TestDatabase, to: &TestDatabase, arguments: &[&str]) {
    let mut dump = Command::new("pg_dump");
    dump.args(arguments).arg(url(&from.options()));
    let mut restore = Command::new("psql");
    restore.args([
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-1",
        &url(&to.options()),
    ]);
    let task = tokio::task::spawn_blocking(move || {
        let dump = run(dump).output();
        run_over(restore, dump.as_bytes()).output();
    });
    task.await.unwrap();
}

#[tokio::test]
async fn a_dump_of_data_is_restored_into_a_migrated_database() {
    if !can_dump() {
        return;
    }
    let from = TestDatabase::demo().await;
    // A second revision and an unusual weight are in the dump as well.
    from.execute(
        "UPDATE publication SET weight = 250 WHERE id = (SELECT min(id) FROM publication);
         UPDATE review SET score = 77, score_rule = 'given' WHERE id = (SELECT min(id) FROM review);
         DELETE FROM review WHERE id = (SELECT max(id) FROM review)",
    )
    .await;
    let tables = from.texts(RESTORED).await;
    assert!(tables.len() >= 13, "{tables:?}");
    for format in ["--format=plain", "--inserts"] {
        let to = TestDatabase::empty().await;
        copy(&from, &to, &["--data-only", format]).await;
        assert_eq!(check(&to).await, "every tally equals a recount\n");
        assert_eq!(rows(&to, &tables).await, rows(&from, &tables).await);
        // The identities continue after the restored ones.
        to.execute("INSERT INTO film (slug, title) VALUES ('later', 'Later')")
            .await;
    }
}

#[tokio::test]
async fn a_whole_dump_is_restored_into_a_new_database() {
    if !can_dump() {
        return;
    }
    let from = TestDatabase::demo().await;
    from.execute("UPDATE film SET title = 'Straße', genres = ARRAY['É ', 'x'] WHERE id = (SELECT min(id) FROM film)")
        .await;
    let to = TestDatabase::bare().await;
    copy(&from, &to, &["--no-owner", "--no-privileges"]).await;
    assert_eq!(check(&to).await, "every tally equals a recount\n");
    let tables = from.texts(RESTORED).await;
    assert_eq!(rows(&to, &tables).await, rows(&from, &tables).await);
    // Functions work in a session whose path has no schema of Marquee's, as that of a restore.
    to.execute(
        "SELECT pg_catalog.set_config('search_path', '', false);
         INSERT INTO public.film (slug, title, genres) VALUES ('later', 'Später', ARRAY['É ']);
         REINDEX TABLE public.film; REINDEX TABLE public.review; ANALYZE",
    )
    .await;
    let later = "SELECT title_folded FROM film WHERE slug = 'later'";
    assert_eq!(to.texts(later).await, ["später"]);
}

#[tokio::test]
async fn dumped_migrations_that_are_not_applied_are_restored() {
    let database = TestDatabase::empty().await;
    database
        .execute(
            "SELECT pg_catalog.set_config('search_path', '', false);
             INSERT INTO public.seaql_migrations SELECT * FROM public.seaql_migrations;
             INSERT INTO public.seaql_migrations (version, applied_at) VALUES ('m99999999_999999_later', 1)",
        )
        .await;
    let later = "SELECT version FROM seaql_migrations WHERE version LIKE '%later'";
    assert_eq!(database.texts(later).await, ["m99999999_999999_later"]);
}

/// A pool whose sessions find tables in one schema only.
fn connect_to(database: &TestDatabase, schema: &str) -> (PgConnectOptions, DatabaseConnection) {
    let options = database.options().options([("search_path", schema)]);
    let connection = database::connect_pool(&options, 1);
    (options, connection)
}

/// Adds a film with a review by a critic, of a publication.
const CATALOGUE: &str = "
INSERT INTO film (slug, title) VALUES ('lamp', 'Lamp');
INSERT INTO critic (slug, name) VALUES ('ann', 'Ann');
INSERT INTO publication (slug, name) VALUES ('post', 'Post');
INSERT INTO review (film_id, critic_id, publication_id, score, score_rule) VALUES (1, 1, 1, 60, 'given')";

/// Every kind of change that a trigger follows.
const CHANGES: [&str; 5] = [
    "UPDATE {s}.review SET score = 90",
    "UPDATE {s}.publication SET weight = 300",
    "INSERT INTO {s}.review (film_id, byline, score, score_rule) VALUES (1, 'x', 10, 'given'), (1, 'y', 20, 'given')",
    "DELETE FROM {s}.review WHERE byline = 'x'",
    "TRUNCATE {s}.review",
];

/// Returns the rows of a schema that triggers write, as text.
async fn computed_rows(connection: &DatabaseConnection) -> Vec<String> {
    let tables = [
        "film_tally",
        "critic_tally",
        "publication_tally",
        "review",
        "review_revision",
        "review_month_count",
    ];
    let mut rows = Vec::new();
    for table in tables {
        let sql = format!("SELECT '{table}' || t::text FROM {table} AS t ORDER BY 1");
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        let found = connection.query_all_raw(statement).await.unwrap();
        rows.extend(
            found
                .iter()
                .map(|row| row.try_get_by_index::<String>(0).unwrap()),
        );
    }
    rows
}

async fn is_consistent(connection: &DatabaseConnection) -> bool {
    let differences = marquee::review::store::tally::recount(connection).await;
    differences.unwrap().is_empty()
}

/// Receives the channels of all notifications until that of the test.
async fn received_channels(
    listener: &mut PgListener,
    connection: &DatabaseConnection,
) -> Vec<String> {
    connection
        .execute_unprepared("SELECT pg_notify('end', '')")
        .await
        .unwrap();
    let mut channels = Vec::new();
    loop {
        let received = tokio::time::timeout(std::time::Duration::from_secs(20), listener.recv());
        let channel = received.await.unwrap().unwrap().channel().to_owned();
        if channel == "end" {
            channels.sort();
            channels.dedup();
            return channels;
        }
        channels.push(channel);
    }
}

#[tokio::test]
async fn a_write_to_one_schema_changes_and_notifies_nothing_of_another() {
    let database = TestDatabase::bare().await;
    database.execute("CREATE SCHEMA \"House\"").await;
    let (_, public) = connect_to(&database, "public");
    let (options, house) = connect_to(&database, "\"House\"");
    for connection in [&public, &house] {
        assert!(migrate_up(connection).await.unwrap().len() > 18);
        connection.execute_unprepared(CATALOGUE).await.unwrap();
    }
    let of_public = Channels::read(&public).await.unwrap();
    let of_house = Channels::read(&house).await.unwrap();
    let pool = PgPoolOptions::new().connect_lazy_with(options);
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    let all = [&of_public, &of_house].map(|channels| [&*channels.changes, &*channels.invalidation]);
    let all = all.as_flattened().iter().copied().chain(["end"]);
    listener.listen_all(all).await.unwrap();

    for (schema, owner, other, channels) in [
        ("public", &public, &house, &of_public),
        ("\"House\"", &house, &public, &of_house),
    ] {
        let untouched = computed_rows(other).await;
        for change in CHANGES {
            // The search path of the session that writes names the other schema.
            let sql = change.replace("{s}", schema);
            let before = computed_rows(owner).await;
            other.execute_unprepared(&sql).await.unwrap();
            assert_ne!(computed_rows(owner).await, before, "{sql}");
            assert!(is_consistent(owner).await, "{sql}");
            assert_eq!(computed_rows(other).await, untouched, "{sql}");
            let expected = [channels.changes.clone(), channels.invalidation.clone()];
            let received = received_channels(&mut listener, owner).await;
            assert_eq!(received, expected, "{sql}");
        }
    }
    public.close().await.unwrap();
    house.close().await.unwrap();
}

#[tokio::test]
async fn the_channels_of_public_keep_their_names_and_others_have_a_hash_of_the_schema() {
    let database = TestDatabase::empty().await;
    let (_, connection) = connect_to(&database, "public");
    let channels = Channels::read(&connection).await.unwrap();
    assert_eq!(channels.changes, "marquee_changes");
    assert_eq!(channels.invalidation, "marquee_stale");
    connection.close().await.unwrap();
    // The schema is that of the tables, which needn't be the first of the path.
    database
        .execute("ALTER SCHEMA public RENAME TO other; CREATE SCHEMA empty")
        .await;
    for path in ["other", "empty,other"] {
        let (_, connection) = connect_to(&database, path);
        let channels = Channels::read(&connection).await.unwrap();
        // printf other | md5sum
        assert_eq!(channels.changes, "marquee_changes_795f3202b17cb6bc");
        assert_eq!(channels.invalidation, "marquee_stale_795f3202b17cb6bc");
        connection.close().await.unwrap();
    }
    let (_, connection) = connect_to(&database, "empty");
    assert!(Channels::read(&connection).await.is_err());
    connection.close().await.unwrap();
}

/// Functions of triggers that fire for each row have no path, which would make them slow. They name no table, or name
/// its schema.
#[tokio::test]
async fn each_function_that_uses_tables_has_a_path_of_its_schema_alone() {
    let database = TestDatabase::empty().await;
    let sql = "
        SELECT proname::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
            AND prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('plpgsql', 'sql'))
            AND prosqlbody IS NULL
            AND NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false)
        ORDER BY 1";
    let others = database.texts(sql).await;
    let expected = [
        "add_scores",
        "add_to_counts",
        "api_token_of",
        "api_token_stays_revoked",
        "count_version",
        "film_tally_score",
        "fold_unicode",
        "normalize_texts",
        "review_class",
        "review_rating",
        "review_weigh",
        "search_decompose",
        "search_letters",
        "search_words",
        "similarity_key",
        "site_rules_count",
        "site_rules_stay",
        "skip_restored",
    ];
    assert_eq!(others, expected);
}

/// The definitions of all constraints and indexes, the defaults of all columns, and the sources of all functions.
const DEFINITIONS: &str = "
SELECT concat(conrelid::regclass, '.', conname, ' ', pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text NOT LIKE 'pg\\_%'
UNION ALL SELECT concat(adrelid::regclass, adnum, pg_get_expr(adbin, adrelid)) FROM pg_attrdef
UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prolang <> 13 AND prokind = 'f'
UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1";

#[tokio::test]
async fn a_schema_does_not_depend_on_the_settings_of_the_session_that_migrates() {
    let usual = TestDatabase::bare().await;
    let (_, connection) = connect_to(&usual, "public");
    migrate_up(&connection).await.unwrap();
    connection.close().await.unwrap();
    let unusual = TestDatabase::bare().await;
    let options = unusual.options().options([
        ("standard_conforming_strings", "off"),
        ("backslash_quote", "off"),
        ("array_nulls", "off"),
        ("quote_all_identifiers", "on"),
        ("transform_null_equals", "on"),
        ("IntervalStyle", "sql_standard"),
        ("DateStyle", "German"),
        ("TimeZone", "Asia/Tokyo"),
        ("bytea_output", "escape"),
        ("extra_float_digits", "-15"),
        ("xmlbinary", "hex"),
        ("check_function_bodies", "off"),
        ("default_transaction_isolation", "serializable"),
    ]);
    let connection = database::connect_pool(&options, 1);
    migrate_up(&connection).await.unwrap();
    connection.close().await.unwrap();
    let (usual, unusual) = (
        usual.texts(DEFINITIONS).await,
        unusual.texts(DEFINITIONS).await,
    );
    assert!(usual.len() > 200);
    let differences: Vec<_> = usual
        .iter()
        .zip(&unusual)
        .filter(|(one, other)| one != other)
        .collect();
    assert_eq!(differences, []);
    assert_eq!(usual.len(), unusual.len());
}

/// Servers of earlier versions migrated with the settings of the session.
#[tokio::test]
async fn constraints_that_an_earlier_version_created_wrong_are_replaced() {
    let database = TestDatabase::bare().await;
    let options = database
        .options()
        .options([("standard_conforming_strings", "off")]);
    let connection = database::connect_pool(&options, 1);
    Migrator::up(&connection, Some(18)).await.unwrap();
    let blank = "INSERT INTO film (slug, title) VALUES ('small', 'small')";
    assert!(connection.execute_unprepared(blank).await.is_err());
    Migrator::up(&connection, None).await.unwrap();
    connection.execute_unprepared(blank).await.unwrap();
    connection.close().await.unwrap();
    let constraints = "SELECT conrelid::regclass || '.' || conname FROM pg_constraint
        WHERE conname LIKE '%not_blank' AND pg_get_constraintdef(oid) LIKE '%~ ''[^[:space:]]''%'";
    // Those that are replaced, and the one of original values, which is later.
    assert_eq!(database.texts(constraints).await.len(), 13 + 1);
    let connection = database.connect(1);
    for blank in [
        "UPDATE film SET title = E' \t\n'",
        "INSERT INTO critic (slug, name) VALUES ('x', '')",
        "INSERT INTO review (film_id, source, external_id) VALUES (1, 'x', ' ')",
    ] {
        let error = connection.execute_unprepared(blank).await.unwrap_err();
        let constraint = database::violation::violated_constraint(&error).unwrap();
        assert!(constraint.ends_with("_not_blank"), "{constraint}");
    }
    connection.close().await.unwrap();
}
