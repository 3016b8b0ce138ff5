//! Migrations: up, down, and by two servers at the same time.

use marquee::database::schema::{migrate_down, migrate_up, status};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::support::TestDatabase;

/// Returns every object of the schema `public` by name, and functions with their source, from PostgreSQL's catalogue.
async fn objects(connection: &impl ConnectionTrait) -> Vec<String> {
    #[derive(FromQueryResult)]
    struct Name {
        name: String,
    }
    let sql = "
        SELECT c.relkind::text || ' ' || c.relname AS name FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat('f ', p.proname, ' ', md5(p.prosrc), ' ', p.prosecdef, ' ', p.proconfig) FROM pg_proc p LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
            WHERE p.pronamespace = 'public'::regnamespace AND d.objid IS NULL
        UNION ALL
        SELECT 't ' || tgname FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let names = Name::find_by_statement(statement)
        .all(connection)
        .await
        .unwrap();
    names.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn each_migration_can_be_reverted_and_applied_again() {
    let database = TestDatabase::bare().await;
    let connection = database.connect(2);
    let applied = migrate_up(&connection).await.unwrap();
    assert!(applied.len() >= 4);
    let whole = objects(&connection).await;

    for back in 1..=u32::try_from(applied.len()).unwrap() {
        let reverted = migrate_down(&connection, back).await.unwrap();
        assert_eq!(reverted.len(), back as usize);
        let pending = status(&connection)
            .await
            .unwrap()
            .iter()
            .filter(|step| !step.is_applied)
            .count();
        assert_eq!(pending, back as usize);
        assert_eq!(migrate_up(&connection).await.unwrap().len(), back as usize);
        assert_eq!(objects(&connection).await, whole);
    }

    migrate_down(&connection, u32::MAX).await.unwrap();
    let left = objects(&connection).await;
    assert!(
        left.iter().all(|name| name.contains("seaql_migrations")),
        "{left:?}"
    );
}

/// A migration may replace a function; reverting it must restore the previous function.
#[tokio::test]
async fn reverting_a_migration_restores_the_previous_objects() {
    let database = TestDatabase::bare().await;
    let connection = database.connect(1);
    let mut states = Vec::new();
    let steps = Migrator::migrations().len();
    for _ in 0..steps {
        Migrator::up(&connection, Some(1)).await.unwrap();
        states.push(objects(&connection).await);
    }
    while states.pop().is_some() {
        Migrator::down(&connection, Some(1)).await.unwrap();
        if let Some(before) = states.last() {
            assert_eq!(&objects(&connection).await, before);
        }
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn tallies_created_after_reviews_count_them() {
    let database = TestDatabase::demo().await;
    let connection = database.connect(2);
    // Reverts the tallies and every later migration.
    let steps = status(&connection).await.unwrap();
    let before = steps
        .iter()
        .position(|step| step.name.ends_with("create_tallies"))
        .unwrap();
    let later = u32::try_from(steps.len() - before).unwrap();
    migrate_down(&connection, later).await.unwrap();
    migrate_up(&connection).await.unwrap();
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn migrations_of_two_starting_servers_run_one_after_the_other() {
    let database = TestDatabase::bare().await;
    let (one, other) = (database.connect(2), database.connect(2));
    let (first, second) = tokio::join!(migrate_up(&one), migrate_up(&other));
    let mut applied = [first.unwrap().len(), second.unwrap().len()];
    applied.sort_unstable();
    assert_eq!(applied[0], 0);
    assert!(applied[1] >= 4);
}

#[tokio::test]
async fn years_and_bylines_that_older_versions_left_out_are_filled_in() {
    let database = TestDatabase::bare().await;
    let connection = database.connect(2);
    migrate_up(&connection).await.unwrap();
    let steps = status(&connection).await.unwrap();
    let before = steps
        .iter()
        .position(|step| step.name.ends_with("fill_years_and_bylines"))
        .unwrap();
    let later = u32::try_from(steps.len() - before).unwrap();
    migrate_down(&connection, later).await.unwrap();
    database
        .execute(
            "INSERT INTO film (slug, title, year, release_date) VALUES
                ('a', 'A', NULL, '2001-02-03'), ('b', 'B', 2000, '2001-02-03'), ('c', 'C', NULL, '1600-01-01'), ('d', 'D', NULL, NULL);
             INSERT INTO critic (slug, name) VALUES ('ann', 'Ann');
             INSERT INTO review (film_id, critic_id, byline, source, external_id)
                SELECT film.id, critic.id, given.byline, 'wire', film.slug || number
                FROM film, critic, (VALUES (1, NULL), (2, 'A. N.')) AS given (number, byline)",
        )
        .await;
    let triggers = "SELECT string_agg(tgname || tgenabled::text, ',' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'review'::regclass";
    let triggers_before = database.texts(triggers).await;
    migrate_up(&connection).await.unwrap();
    assert_eq!(
        database
            .texts("SELECT concat_ws(' ', slug, year, version) FROM film ORDER BY slug")
            .await,
        ["a 2001 2", "b 2000 1", "c 1", "d 1"]
    );
    assert_eq!(
        database
            .texts("SELECT DISTINCT concat_ws(' ', byline, version) FROM review ORDER BY 1")
            .await,
        ["A. N. 1", "Ann 1"]
    );
    let revisions = "SELECT count(*)::text FROM review_revision";
    assert_eq!(database.texts(revisions).await, ["0"]);
    assert_eq!(database.texts(triggers).await, triggers_before);
    assert_eq!(
        marquee::review::store::tally::recount(&connection)
            .await
            .unwrap(),
        []
    );
}
