//! Tallies equal a recount after any history of changes, from any client, under concurrency.

use std::collections::HashMap;

use entity::{critic_tally, film_tally, publication, publication_tally, review};
use marquee::{
    review::store::tally::recount,
    score::{Points, Policy, ScoreInput, Sentiment, Tally, TallyParts, Weight},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, EntityTrait, Statement, TransactionTrait,
    sqlx::{self, Connection, PgConnection, error::DatabaseError},
};

use crate::support::TestDatabase;

/// One statement of a history. Ids wrap around to existing ones.
#[derive(Clone, Debug)]
enum Change {
    Insert {
        film: u8,
        critic: Option<u8>,
        publication: Option<u8>,
        rating: Rating,
        day: Option<u8>,
    },
    /// Inserts a hundred reviews over all films.
    InsertMany {
        rating: Rating,
    },
    Copy {
        film: u8,
        score: u8,
    },
    Upsert {
        id: u8,
        film: u8,
        rating: Rating,
    },
    Merge {
        film: u8,
        score: u8,
    },
    Score {
        review: u8,
        rating: Rating,
    },
    ScoreMany {
        modulus: u8,
        rating: Rating,
    },
    MoveToFilm {
        review: u8,
        film: u8,
    },
    MoveToCritic {
        review: u8,
        critic: Option<u8>,
    },
    MoveToPublication {
        review: u8,
        publication: Option<u8>,
    },
    MoveMany {
        modulus: u8,
        film: u8,
        publication: Option<u8>,
    },
    Redate {
        review: u8,
        day: Option<u8>,
    },
    Reword {
        modulus: u8,
    },
    /// A client writes columns that the triggers maintain.
    WriteMaintainedColumns {
        review: u8,
        weight: u8,
    },
    Delete {
        review: u8,
    },
    DeleteMany {
        modulus: u8,
    },
    Reweigh {
        publication: u8,
        weight: u8,
    },
    ReweighAll {
        weight: u8,
    },
    /// Changes a weight and adds a review for that publication in one statement.
    ReweighAndInsert {
        publication: u8,
        weight: u8,
        film: u8,
        score: u8,
    },
    /// Adds a film, a critic, a publication and a review of them in one statement.
    AddAllAtOnce {
        film: u8,
        score: u8,
    },
    DeleteFilm {
        film: u8,
    },
    DeleteCritic {
        critic: u8,
    },
    DeletePublication {
        publication: u8,
    },
    AddOwners,
    Truncate,
}

#[derive(Clone, Copy, Debug)]
struct Rating {
    score: Option<u8>,
    sentiment: Option<u8>,
    recommended: Option<bool>,
}

/// The transactions of one connection: the statements of each, and whether it commits or rolls back.
type History = Vec<(Vec<Change>, bool)>;

fn rating() -> impl Strategy<Value = Rating> {
    (
        prop::option::of(0..=100_u8),
        prop::option::of(0..3_u8),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(score, sentiment, recommended)| Rating {
            score,
            sentiment,
            recommended,
        })
}

fn change() -> impl Strategy<Value = Change> {
    let few = || 0..6_u8;
    let maybe = || prop::option::of(0..4_u8);
    let day = || prop::option::of(0..28_u8);
    prop_oneof![
        8 => (few(), maybe(), maybe(), rating(), day()).prop_map(|(film, critic, publication, rating, day)| {
            Change::Insert { film, critic, publication, rating, day }
        }),
        1 => rating().prop_map(|rating| Change::InsertMany { rating }),
        1 => (few(), 0..=100_u8).prop_map(|(film, score)| Change::Copy { film, score }),
        2 => (few(), few(), rating()).prop_map(|(id, film, rating)| Change::Upsert { id, film, rating }),
        1 => (few(), 0..=100_u8).prop_map(|(film, score)| Change::Merge { film, score }),
        4 => (any::<u8>(), rating()).prop_map(|(review, rating)| Change::Score { review, rating }),
        1 => (2..9_u8, rating()).prop_map(|(modulus, rating)| Change::ScoreMany { modulus, rating }),
        2 => (any::<u8>(), few()).prop_map(|(review, film)| Change::MoveToFilm { review, film }),
        2 => (any::<u8>(), maybe()).prop_map(|(review, critic)| Change::MoveToCritic { review, critic }),
        2 => (any::<u8>(), maybe()).prop_map(|(review, publication)| Change::MoveToPublication { review, publication }),
        1 => (2..9_u8, few(), maybe()).prop_map(|(modulus, film, publication)| {
            Change::MoveMany { modulus, film, publication }
        }),
        2 => (any::<u8>(), day()).prop_map(|(review, day)| Change::Redate { review, day }),
        1 => (2..9_u8).prop_map(|modulus| Change::Reword { modulus }),
        1 => (any::<u8>(), 1..=200_u8).prop_map(|(review, weight)| Change::WriteMaintainedColumns { review, weight }),
        3 => any::<u8>().prop_map(|review| Change::Delete { review }),
        1 => (2..9_u8).prop_map(|modulus| Change::DeleteMany { modulus }),
        2 => (0..4_u8, 1..=200_u8).prop_map(|(publication, weight)| Change::Reweigh { publication, weight }),
        1 => (1..=200_u8).prop_map(|weight| Change::ReweighAll { weight }),
        1 => (0..4_u8, 1..=200_u8, few(), 0..=100_u8).prop_map(|(publication, weight, film, score)| {
            Change::ReweighAndInsert { publication, weight, film, score }
        }),
        1 => (few(), 0..=100_u8).prop_map(|(film, score)| Change::AddAllAtOnce { film, score }),
        1 => few().prop_map(|film| Change::DeleteFilm { film }),
        1 => (0..4_u8).prop_map(|critic| Change::DeleteCritic { critic }),
        1 => (0..4_u8).prop_map(|publication| Change::DeletePublication { publication }),
        2 => Just(Change::AddOwners),
        1 => Just(Change::Truncate),
    ]
}

fn history() -> impl Strategy<Value = History> {
    let transaction = (
        prop::collection::vec(change(), 1..4),
        prop::bool::weighted(0.85),
    );
    prop::collection::vec(transaction, 5..25)
}

/// Returns SQL for the owner of a kind by number, or null if it doesn't exist. Owners may be deleted concurrently.
fn owner(table: &str, number: Option<u8>) -> String {
    number.map_or_else(
        || "NULL".to_owned(),
        |number| {
            format!("(SELECT id FROM {table} WHERE slug LIKE 'x{number}-%' ORDER BY id LIMIT 1)")
        },
    )
}

fn review(number: u8) -> String {
    format!(
        "(SELECT id FROM review ORDER BY id OFFSET {number} % greatest(1, (SELECT count(*) FROM review)) LIMIT 1)"
    )
}

fn literal<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| value.to_string())
}

impl Rating {
    /// `score, score_rule, sentiment, recommended`
    fn values(self) -> [String; 4] {
        [
            literal(self.score),
            self.score.map_or("NULL", |_| "'given'").to_owned(),
            self.sentiment.map_or_else(
                || "NULL".to_owned(),
                |number| {
                    format!(
                        "'{}'",
                        ["positive", "mixed", "negative"][usize::from(number)]
                    )
                },
            ),
            literal(self.recommended),
        ]
    }

    fn assignments(self) -> String {
        let [score, rule, sentiment, recommended] = self.values();
        format!(
            "score = {score}, score_rule = {rule}, sentiment = {sentiment}, recommended = {recommended}"
        )
    }
}

fn date(day: Option<u8>) -> String {
    day.map_or_else(
        || "NULL".to_owned(),
        |day| format!("'2020-02-{:02}'", day + 1),
    )
}

impl Change {
    fn sql(&self) -> String {
        const COLUMNS: &str = "film_id, critic_id, publication_id, score, score_rule, sentiment, recommended, reviewed_on, source, external_id";
        match *self {
            Self::Insert { film, critic, publication, rating, day } => format!(
                "INSERT INTO review ({COLUMNS}) SELECT id, {}, {}, {}, {}, 'test', gen_random_uuid()::text FROM film WHERE slug LIKE 'x{film}-%'",
                owner("critic", critic), owner("publication", publication), rating.values().join(", "), date(day)
            ),
            Self::InsertMany { rating } => format!(
                "INSERT INTO review ({COLUMNS}) SELECT film.id, critic.id, publication.id, {}, date '2020-03-01' + film.id::int % 50, 'test', gen_random_uuid()::text
                 FROM film, critic, publication, generate_series(1, 3)", rating.values().join(", ")
            ),
            Self::Upsert { id, film, rating } => format!(
                "INSERT INTO review ({COLUMNS}) SELECT id, NULL, NULL, {}, NULL, 'fixed', '{id}' FROM film WHERE slug LIKE 'x{film}-%'
                 ON CONFLICT (source, external_id) WHERE source IS NOT NULL DO UPDATE SET film_id = excluded.film_id, {}",
                rating.values().join(", "), rating.assignments()
            ),
            Self::Merge { film, score } => format!(
                "MERGE INTO review USING (SELECT id FROM film WHERE slug LIKE 'x{film}-%') AS f ON review.film_id = f.id
                 WHEN MATCHED AND review.score > 50 THEN DELETE
                 WHEN MATCHED THEN UPDATE SET score = {score}, score_rule = 'given'
                 WHEN NOT MATCHED THEN INSERT (film_id, recommended) VALUES (f.id, true)"
            ),
            Self::Copy { .. } | Self::AddOwners => unreachable!("not a single statement"),
            Self::Score { review: number, rating } => {
                format!("UPDATE review SET {} WHERE id = {}", rating.assignments(), review(number))
            }
            Self::ScoreMany { modulus, rating } => {
                format!("UPDATE review SET {} WHERE id % {modulus} = 0", rating.assignments())
            }
            Self::MoveToFilm { review: number, film } => {
                format!("UPDATE review SET film_id = coalesce({}, film_id) WHERE id = {}", owner("film", Some(film)), review(number))
            }
            Self::MoveToCritic { review: number, critic } => {
                format!("UPDATE review SET critic_id = {} WHERE id = {}", owner("critic", critic), review(number))
            }
            Self::MoveToPublication { review: number, publication } => format!(
                "UPDATE review SET publication_id = {} WHERE id = {}", owner("publication", publication), review(number)
            ),
            Self::MoveMany { modulus, film, publication } => format!(
                "UPDATE review SET film_id = coalesce({}, film_id), publication_id = {} WHERE id % {modulus} = 1",
                owner("film", Some(film)), owner("publication", publication)
            ),
            Self::Redate { review: number, day } => {
                format!("UPDATE review SET reviewed_on = {} WHERE id = {}", date(day), review(number))
            }
            Self::Reword { modulus } => format!("UPDATE review SET excerpt = 'Again.' WHERE id % {modulus} = 0"),
            Self::WriteMaintainedColumns { review: number, weight } => {
                format!("UPDATE review SET weight = {weight} WHERE id = {}", review(number))
            }
            Self::Delete { review: number } => format!("DELETE FROM review WHERE id = {}", review(number)),
            Self::DeleteMany { modulus } => format!("DELETE FROM review WHERE id % {modulus} = 0"),
            Self::Reweigh { publication, weight } => {
                format!("UPDATE publication SET weight = {weight} WHERE slug LIKE 'x{publication}-%'")
            }
            Self::ReweighAll { weight } => format!("UPDATE publication SET weight = {weight}"),
            Self::ReweighAndInsert { publication, weight, film, score } => format!(
                "WITH changed AS (UPDATE publication SET weight = {weight} WHERE slug LIKE 'x{publication}-%' RETURNING id)
                 INSERT INTO review (film_id, publication_id, score, score_rule)
                 SELECT film.id, changed.id, {score}, 'given' FROM film, changed WHERE film.slug LIKE 'x{film}-%'"
            ),
            Self::AddAllAtOnce { film, score } => format!(
                "WITH f AS (INSERT INTO film (slug, title) VALUES ('x{film}-' || left(md5(random()::text), 12), 'X') RETURNING id),
                      c AS (INSERT INTO critic (slug, name) VALUES ('x1-' || left(md5(random()::text), 12), 'X') RETURNING id),
                      p AS (INSERT INTO publication (slug, name, weight) VALUES ('x1-' || left(md5(random()::text), 12), 'X', 77) RETURNING id)
                 INSERT INTO review (film_id, critic_id, publication_id, score, score_rule)
                 SELECT f.id, c.id, p.id, {score}, 'given' FROM f, c, p LIMIT 1"
            ),
            Self::DeleteFilm { film } => format!("DELETE FROM film WHERE slug LIKE 'x{film}-%'"),
            Self::DeleteCritic { critic } => format!("DELETE FROM critic WHERE slug LIKE 'x{critic}-%'"),
            Self::DeletePublication { publication } => {
                format!("DELETE FROM publication WHERE slug LIKE 'x{publication}-%'")
            }
            Self::Truncate => "TRUNCATE review".to_owned(),
        }
    }

    async fn apply(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        match *self {
            Self::AddOwners => add_owners(connection).await,
            Self::Copy { film, score } => copy(film, score, connection).await,
            _ => sqlx::raw_sql(sqlx::AssertSqlSafe(self.sql()))
                .execute(connection)
                .await
                .map(drop),
        }
    }
}

/// Inserts missing owners. Deleted owners get a new id.
async fn add_owners(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    for (table, name, count) in [
        ("film", "title", 6),
        ("critic", "name", 4),
        ("publication", "name", 4),
    ] {
        let sql = format!(
            "INSERT INTO {table} (slug, {name})
             SELECT 'x' || n || '-' || left(md5(random()::text), 8), 'X' FROM generate_series(0, {count} - 1) AS n
             WHERE NOT EXISTS (SELECT FROM {table} WHERE slug LIKE 'x' || n || '-%')"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Copies rows as `\copy` of `psql` does.
async fn copy(film: u8, score: u8, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let id: Option<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "SELECT {}",
        owner("film", Some(film))
    )))
    .fetch_one(&mut *connection)
    .await?;
    let Some(id) = id else { return Ok(()) };
    let mut rows = connection
        .copy_in_raw("COPY review (film_id, score, score_rule) FROM STDIN")
        .await?;
    rows.send(format!("{id}\t{score}\tgiven\n").repeat(5).as_bytes())
        .await?;
    rows.finish().await.map(drop)
}

/// Returns whether an error is expected under concurrency. PostgreSQL rolls the transaction back in these cases.
fn is_expected(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // Deadlock, serialization failure, and owners that are deleted between look-up and use.
    matches!(code.as_deref(), Some("40P01" | "40001" | "23503"))
        // MERGE under READ COMMITTED reports rows that other transactions changed meanwhile.
        || matches!(code.as_deref(), Some("23505" | "21000"))
}

async fn run_history(history: History, isolation: &str, mut connection: PgConnection) -> usize {
    // Deadlocks are expected, and must not take the default second to be detected.
    sqlx::raw_sql("SET deadlock_timeout = '10ms'")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut committed = 0;
    for (changes, commit) in history {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "BEGIN ISOLATION LEVEL {isolation}"
        )))
        .execute(&mut connection)
        .await
        .unwrap();
        let mut failed = false;
        for change in &changes {
            if let Err(error) = change.apply(&mut connection).await {
                assert!(is_expected(&error), "{error} in {change:?}");
                failed = true;
                break;
            }
        }
        let end = if commit && !failed {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        match sqlx::raw_sql(end).execute(&mut connection).await {
            Ok(_) => committed += usize::from(end == "COMMIT"),
            Err(error) => assert!(is_expected(&error), "{error}"),
        }
    }
    connection.close().await.unwrap();
    committed
}

/// Returns the stored tally of a row of any of the three tables.
macro_rules! stored_tally {
    ($row:expr) => {
        Tally::from_parts(&TallyParts {
            counts: &$row.score_counts,
            unscored_positive: $row.unscored_positive,
            unscored_positive_weight: $row.unscored_positive_weight,
            unscored_mixed: $row.unscored_mixed,
            unscored_mixed_weight: $row.unscored_mixed_weight,
            unscored_negative: $row.unscored_negative,
            unscored_negative_weight: $row.unscored_negative_weight,
            unrated: $row.unrated,
            recommended: $row.recommended,
            not_recommended: $row.not_recommended,
            weighted_sum: $row.weighted_sum,
            weight: $row.weight,
        })
    };
}

/// Counts the rows of the tables in Rust, and compares the result with the stored tallies.
async fn assert_recounted(connection: &DatabaseConnection) {
    assert_eq!(recount(connection).await.unwrap(), []);

    let weights: HashMap<i64, i32> = publication::Entity::find()
        .all(connection)
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.id, row.weight))
        .collect();
    let mut films: HashMap<i64, Tally> = HashMap::new();
    let mut critics: HashMap<i64, Tally> = HashMap::new();
    let mut publications: HashMap<i64, Tally> = HashMap::new();
    for row in review::Entity::find().all(connection).await.unwrap() {
        let weight = row.publication_id.map_or(100, |id| weights[&id]);
        let rated = ScoreInput {
            points: row.score.and_then(Points::new),
            declared: row.sentiment.map(Sentiment::from),
            recommended: row.recommended,
            weight: Weight::from_hundredths(weight).unwrap(),
        };
        films.entry(row.film_id).or_default().add(rated);
        if let Some(id) = row.critic_id {
            critics.entry(id).or_default().add(rated);
        }
        if let Some(id) = row.publication_id {
            publications.entry(id).or_default().add(rated);
        }
    }
    macro_rules! compare {
        ($tallies:ident, $id:ident, $counted:ident) => {
            for row in $tallies::Entity::find().all(connection).await.unwrap() {
                let counted = $counted.remove(&row.$id).unwrap_or_default();
                let stored = stored_tally!(row);
                assert_eq!(
                    stored,
                    Ok(counted.clone()),
                    "{} {}",
                    stringify!($tallies),
                    row.$id
                );
                assert_eq!(
                    i64::from(row.review_count),
                    i64::from(counted.review_count())
                );
                assert_eq!(
                    i64::from(row.scored_count),
                    i64::from(counted.scored_count())
                );
            }
            assert!($counted.is_empty(), "no tally for {:?}", $counted.keys());
        };
    }
    compare!(film_tally, film_id, films);
    compare!(critic_tally, critic_id, critics);
    compare!(publication_tally, publication_id, publications);
}

/// The number of cases: each has one history alone, and then three concurrent ones. `TALLY_CASES` overrides it.
fn cases() -> u32 {
    std::env::var("TALLY_CASES").map_or(24, |cases| cases.parse().unwrap())
}

#[tokio::test]
async fn after_any_history_each_tally_equals_a_recount() {
    let database = TestDatabase::empty().await;
    let pool = database.connect(2);
    let mut runner = TestRunner::new(Config::default());
    let mut committed = 0;
    for case in 0..cases() {
        let histories: Vec<History> = prop::collection::vec(history(), 4)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let mut connection = PgConnection::connect_with(&database.options())
            .await
            .unwrap();
        add_owners(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        // One history alone first, then concurrent ones; the isolation level alternates.
        let isolation = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"][case as usize % 3];
        let (alone, together) = histories.split_first().unwrap();
        let connect = async || {
            PgConnection::connect_with(&database.options())
                .await
                .unwrap()
        };
        committed += run_history(alone.clone(), "READ COMMITTED", connect().await).await;
        assert_recounted(&pool).await;
        let mut lives = Vec::new();
        for history in together {
            lives.push(tokio::spawn(run_history(
                history.clone(),
                isolation,
                connect().await,
            )));
        }
        for life in lives {
            committed += life.await.unwrap();
        }
        assert_recounted(&pool).await;
    }
    assert!(
        committed > 500,
        "only {committed} transactions were committed"
    );
}

#[tokio::test]
async fn concurrent_writers_of_one_film_neither_deadlock_nor_lose_a_review() {
    let database = TestDatabase::demo().await;
    let sql = "INSERT INTO review (film_id, critic_id, publication_id, score, score_rule, source, external_id)
        SELECT film.id, critic.id, publication.id, 70, 'given', 'race', gen_random_uuid()::text
        FROM film, critic, publication
        WHERE film.slug = 'the-lighthouse-tax-2019'
        ORDER BY random() LIMIT 3";
    let mut writers = Vec::new();
    for _ in 0..8 {
        let mut connection = PgConnection::connect_with(&database.options())
            .await
            .unwrap();
        writers.push(tokio::spawn(async move {
            for _ in 0..20 {
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let pool = database.connect(1);
    assert_recounted(&pool).await;
    let tally = film_tally::Entity::find().all(&pool).await.unwrap();
    assert_eq!(
        tally.iter().map(|row| row.review_count).max(),
        Some(21 + 8 * 20 * 3)
    );
}

/// A transaction that deletes the earliest review must see an earlier one that another transaction added while it
/// waited.
#[tokio::test]
async fn a_date_added_while_the_first_one_is_deleted_is_seen() {
    let database = TestDatabase::empty().await;
    let connect = async || {
        PgConnection::connect_with(&database.options())
            .await
            .unwrap()
    };
    let (mut adding, mut taking, mut watching) =
        (connect().await, connect().await, connect().await);
    let run = async |sql: &'static str, connection: &mut PgConnection| {
        sqlx::raw_sql(sql).execute(connection).await.unwrap();
    };
    run(
        "INSERT INTO film (slug, title) VALUES ('f', 'F');
         INSERT INTO review (film_id, reviewed_on) SELECT id, d FROM film, unnest(ARRAY['2020-01-01', '2020-06-01']::date[]) AS d",
        &mut adding,
    )
    .await;
    run(
        "BEGIN; INSERT INTO review (film_id, reviewed_on) SELECT id, '2020-03-01' FROM film",
        &mut adding,
    )
    .await;
    let taken = tokio::spawn(async move {
        let sql = "DELETE FROM review WHERE reviewed_on = '2020-01-01'";
        sqlx::raw_sql(sql).execute(&mut taking).await.unwrap();
    });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let waiting: i64 = sqlx::query_scalar(waits)
            .fetch_one(&mut watching)
            .await
            .unwrap();
        if waiting > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    run("COMMIT", &mut adding).await;
    taken.await.unwrap();
    assert_recounted(&database.connect(1)).await;
}

/// A transaction whose snapshot is older than some reviews can't see them, so it must not change their weight.
#[tokio::test]
async fn a_transaction_with_an_old_snapshot_cannot_change_a_weight() {
    let database = TestDatabase::empty().await;
    let connect = async || {
        PgConnection::connect_with(&database.options())
            .await
            .unwrap()
    };
    let (mut blind, mut adding) = (connect().await, connect().await);
    let run = async |sql: &'static str, connection: &mut PgConnection| {
        sqlx::raw_sql(sql).execute(connection).await.map(drop)
    };
    let owners = "INSERT INTO film (slug, title) VALUES ('f', 'F'); INSERT INTO publication (slug, name) VALUES ('p', 'P')";
    run(owners, &mut adding).await.unwrap();
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM review";
    run(begin, &mut blind).await.unwrap();
    let add = "INSERT INTO review (film_id, publication_id, score, score_rule) SELECT film.id, publication.id, 50, 'given' FROM film, publication";
    run(add, &mut adding).await.unwrap();
    let refused = run("UPDATE publication SET weight = 300", &mut blind)
        .await
        .unwrap_err();
    let code = refused.as_database_error().and_then(DatabaseError::code);
    assert_eq!(code.as_deref(), Some("40001"), "{refused}");
    run("ROLLBACK", &mut blind).await.unwrap();
    assert_recounted(&database.connect(1)).await;
}

/// With an old snapshot, the tallies of newer reviews would remain.
#[tokio::test]
async fn a_transaction_with_an_old_snapshot_cannot_truncate_reviews() {
    let database = TestDatabase::demo().await;
    let mut connection = PgConnection::connect_with(&database.options())
        .await
        .unwrap();
    let truncate = "BEGIN ISOLATION LEVEL REPEATABLE READ; TRUNCATE review; COMMIT";
    let refused = sqlx::raw_sql(truncate)
        .execute(&mut connection)
        .await
        .unwrap_err();
    let code = refused.as_database_error().and_then(DatabaseError::code);
    assert_eq!(code.as_deref(), Some("40001"), "{refused}");
    assert_recounted(&database.connect(1)).await;
}

#[tokio::test]
async fn a_falsified_tally_is_reported() {
    let database = TestDatabase::demo().await;
    let pool = database.connect(1);
    assert_eq!(recount(&pool).await.unwrap(), []);
    pool.execute_unprepared("UPDATE film_tally SET score_counts[81] = 99 WHERE film_id = (SELECT id FROM film WHERE slug = 'the-lighthouse-tax-2019')")
        .await
        .unwrap();
    pool.execute_unprepared(
        "DELETE FROM critic_tally WHERE critic_id = (SELECT min(id) FROM critic)",
    )
    .await
    .unwrap();
    let differences = recount(&pool).await.unwrap();
    let found: Vec<_> = differences
        .iter()
        .map(|difference| (difference.kind.as_str(), difference.kept.is_some()))
        .collect();
    assert_eq!(found, [("film", true), ("critic", false)]);
    assert_eq!(differences[0].slug, "the-lighthouse-tax-2019");
}

/// The database orders by a score that it computes itself. It must equal that of the scoring policy.
#[tokio::test]
async fn the_database_computes_the_score_that_the_policy_computes() {
    let database = TestDatabase::empty().await;
    let pool = database.connect(1);
    pool.execute_unprepared(
        "INSERT INTO film (slug, title) SELECT 'f' || n, 'F' FROM generate_series(1, 300) AS n;
         INSERT INTO publication (slug, name, weight) SELECT 'p' || n, 'P', 1 + (n * 37) % 300 FROM generate_series(1, 40) AS n;
         SELECT setseed(0.5);
         INSERT INTO review (film_id, publication_id, score, score_rule, sentiment, recommended)
         SELECT film.id, (SELECT id FROM publication ORDER BY random() + film.id LIMIT 1), score, CASE WHEN score IS NOT NULL THEN 'given' END,
             CASE WHEN random() < 0.6 THEN (ARRAY['positive', 'mixed', 'negative'])[1 + floor(random() * 3)] END,
             CASE WHEN random() < 0.3 THEN random() < 0.5 END
         FROM film, generate_series(1, 9) AS n,
             LATERAL (SELECT CASE WHEN random() < 0.4 THEN floor(random() * 101) END AS score WHERE n <= film.id % 10) AS rating",
    )
    .await
    .unwrap();
    let rows = film_tally::Entity::find().all(&pool).await.unwrap();
    let (mut scored, mut estimated, mut none) = (0, 0, 0);
    for row in &rows {
        let tally = stored_tally!(row).unwrap();
        let summary = Policy::default().score(&tally, marquee::score::Basis::Critics);
        assert_eq!(row.score, summary.value.map(i16::from), "{row:?}");
        match (summary.value, summary.estimated) {
            (None, _) => none += 1,
            (Some(_), true) => estimated += 1,
            (Some(_), false) => scored += 1,
        }
    }
    assert!(
        scored > 20 && estimated > 20 && none > 20,
        "{scored} {estimated} {none}"
    );
}

/// Both the table and the domain rules define the sentiment that an unscored review implies.
#[tokio::test]
async fn the_database_and_the_domain_rules_imply_the_same_sentiment() {
    let database = TestDatabase::demo().await;
    let pool = database.connect(1);
    let transaction = pool.begin().await.unwrap();
    transaction
        .execute_raw(Statement::from_string(
            sea_orm::DbBackend::Postgres,
            "INSERT INTO review (film_id, score, score_rule, sentiment, recommended)
             SELECT (SELECT min(id) FROM film), score, CASE WHEN score IS NOT NULL THEN 'given' END, sentiment, recommended
             FROM unnest(ARRAY[NULL, 50]) AS score,
                 unnest(ARRAY[NULL, 'positive', 'mixed', 'negative']) AS sentiment,
                 unnest(ARRAY[NULL, true, false]) AS recommended",
        ))
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    for row in review::Entity::find().all(&pool).await.unwrap() {
        let expected = match row.score {
            Some(_) => None,
            None => Sentiment::of_unscored(row.sentiment.map(Sentiment::from), row.recommended),
        };
        assert_eq!(
            row.implied_sentiment.map(Sentiment::from),
            expected,
            "{row:?}"
        );
    }
}
