//! Histories: random transactions on one connection.

use proptest::prelude::*;
use sea_orm::sqlx::{self, Connection, PgConnection, error::DatabaseError};

use super::{
    deletion::{Deletion, deletion},
    insertion::{Insertion, insertion},
    update::{Update, update},
};

/// One statement of a history. Ids wrap around to existing ones.
#[derive(Clone, Debug)]
pub enum Change {
    Insert(Insertion),
    Update(Update),
    Delete(Deletion),
    Reweigh { publication: u8, weight: u8 },
    ReweighAll { weight: u8 },
    AddOwners,
}

/// The transactions of one connection: the statements of each, and whether it commits or rolls back.
pub type History = Vec<(Vec<Change>, bool)>;

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        15 => insertion().prop_map(Change::Insert),
        16 => update().prop_map(Change::Update),
        8 => deletion().prop_map(Change::Delete),
        2 => (0..4_u8, 1..=200_u8).prop_map(|(publication, weight)| Change::Reweigh { publication, weight }),
        1 => (1..=200_u8).prop_map(|weight| Change::ReweighAll { weight }),
        2 => Just(Change::AddOwners),
    ]
}

pub fn history() -> impl Strategy<Value = History> {
    let transaction = (
        prop::collection::vec(change(), 1..4),
        prop::bool::weighted(0.85),
    );
    prop::collection::vec(transaction, 5..25)
}

impl Change {
    async fn apply(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let sql = match self {
            Self::Insert(insertion) => return insertion.apply(connection).await,
            Self::AddOwners => return add_owners(connection).await,
            Self::Update(update) => update.sql(),
            Self::Delete(deletion) => deletion.sql(),
            Self::Reweigh {
                publication,
                weight,
            } => format!(
                "UPDATE publication SET weight = {weight} WHERE slug LIKE 'x{publication}-%'"
            ),
            Self::ReweighAll { weight } => format!("UPDATE publication SET weight = {weight}"),
        };
        execute(sql, connection).await
    }
}

pub async fn execute(sql: String, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(drop)
}

/// Inserts missing owners. Deleted owners get a new id.
pub async fn add_owners(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
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
        execute(sql, connection).await?;
    }
    Ok(())
}

/// Returns whether an error is expected under concurrency. PostgreSQL rolls the transaction back in these cases.
fn is_expected(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    // Deadlock, serialization failure, and owners that are deleted between look-up and use.
    matches!(code.as_deref(), Some("40P01" | "40001" | "23503"))
        // MERGE under READ COMMITTED reports rows that other transactions changed meanwhile.
        || matches!(code.as_deref(), Some("23505" | "21000"))
}

/// Runs the transactions of a history and returns the number of those that were committed.
pub async fn run_history(history: History, isolation: &str, mut connection: PgConnection) -> usize {
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
