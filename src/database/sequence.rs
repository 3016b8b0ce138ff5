//! The sequences that generate the keys of the tables.
//!
//! A logical replication copies rows, but not the states of sequences. After a cut-over, or after rows were restored
//! with their keys, a sequence may be behind its table. Then insertions fail, or reuse the keys of deleted rows.

use std::fmt::{self, Display, Formatter};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult};

use super::{sql, violation::is_missing_privilege};

/// The tables whose `id` is generated, each with an expression for the highest key that is in use.
const TABLES: [(&str, &str); 8] = [
    ("api_token", "(SELECT max(id) FROM api_token)"),
    ("critic", "(SELECT max(id) FROM critic)"),
    ("erasure", "(SELECT max(id) FROM erasure)"),
    ("film", "(SELECT max(id) FROM film)"),
    ("publication", "(SELECT max(id) FROM publication)"),
    ("published_score", "(SELECT max(id) FROM published_score)"),
    // Deleted reviews have revisions. A new review must not have the key of a deleted one.
    (
        "review",
        "greatest((SELECT max(id) FROM review), (SELECT max(review_id) FROM review_revision))",
    ),
    ("review_revision", "(SELECT max(id) FROM review_revision)"),
];

/// A sequence that is behind its table: the next key that it generates is not higher than all keys in use.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct LaggingSequence {
    /// The name of the table.
    pub table_name: String,
    /// The next key that the sequence generates.
    pub next_key: i64,
    /// The highest key that is in use.
    pub highest_key: i64,
}

impl Display for LaggingSequence {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            table_name,
            next_key,
            highest_key,
        } = self;
        write!(
            formatter,
            "table {table_name}: the next key of its sequence is {next_key}, but its highest key is {highest_key}"
        )
    }
}

/// The sequences can't be compared with their tables.
#[derive(Debug, thiserror::Error)]
pub enum SequenceError {
    /// The role may not read the sequences.
    #[error(
        "the role may not read the sequences of the tables: run serving-role.sql of this version as the owner of the tables ({0})"
    )]
    MissingPrivilege(#[source] DbErr),
    /// A statement failed.
    #[error(transparent)]
    Database(DbErr),
}

impl From<DbErr> for SequenceError {
    fn from(error: DbErr) -> Self {
        if is_missing_privilege(&error) {
            Self::MissingPrivilege(error)
        } else {
            Self::Database(error)
        }
    }
}

/// Returns the sequences that are behind their tables, with one statement.
///
/// # Errors
///
/// Returns a [`SequenceError`] when the role may not read the sequences, or the statement fails.
pub async fn find_lagging(
    connection: &impl ConnectionTrait,
) -> Result<Vec<LaggingSequence>, SequenceError> {
    let tables: Vec<String> = TABLES.into_iter().map(select).collect();
    Ok(sql::all(connection, &tables.join(" UNION ALL "), []).await?)
}

/// Selects the sequence of a table if it is behind. A sequence that is new or was restarted generates `last_value` next.
fn select((table, highest): (&str, &str)) -> String {
    format!(
        "SELECT '{table}'::text AS table_name, next_key, highest_key
        FROM (
            SELECT last_value + CASE WHEN is_called THEN 1 ELSE 0 END AS next_key, {highest} AS highest_key
            FROM {table}_id_seq
        ) AS {table}_sequence
        WHERE next_key <= highest_key"
    )
}

/// Advances the sequences that are behind their tables. Returns their earlier states.
///
/// # Errors
///
/// Returns a [`SequenceError`] when a statement fails. Sequences that are advanced already remain so.
pub async fn advance_lagging(
    connection: &DatabaseConnection,
) -> Result<Vec<LaggingSequence>, SequenceError> {
    let mut advanced = Vec::new();
    for lagging in find_lagging(connection).await? {
        let table = TABLES
            .into_iter()
            .find(|(name, _)| *name == lagging.table_name);
        let Some((name, highest)) = table else {
            continue;
        };
        // One transaction for each table, so that writers, which lock several tables, can't deadlock with it.
        let transaction = sql::begin_read_committed(connection).await?;
        // A writer generates keys after it has locked the table. So no key is generated between the comparison and
        // the change, which could otherwise move the sequence backwards.
        transaction
            .execute_unprepared(&format!("LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))
            .await?;
        let statement = format!(
            "SELECT table_name, next_key, setval('{name}_id_seq', highest_key) AS highest_key FROM ({}) AS lagging",
            select((name, highest))
        );
        advanced.extend(sql::one(&transaction, &statement, []).await?);
        transaction.commit().await?;
    }
    Ok(advanced)
}
