//! Helpers for raw SQL, which is used where the query builder would be longer.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult,
    IsolationLevel, Statement, TransactionTrait, Value,
    sea_query::{Expr, PostgresQueryBuilder, SelectStatement},
};

use sha2::{Digest, Sha256};

use crate::{filter::Substring, slug::FreeSlugs};

/// Creates a statement with its values.
#[must_use]
pub fn statement(sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// Creates a statement from a query builder.
///
/// Limits become a part of the SQL instead of parameters: for a generic plan with an unknown limit, PostgreSQL assumes a
/// tenth of the rows.
#[must_use]
pub fn build(select: &SelectStatement) -> Statement {
    let (sql, values) = select.build(PostgresQueryBuilder);
    let (sql, values) = inline_limits(&sql, values.0);
    statement(sql, values)
}

/// Replaces the parameters of limits by their numbers. Only limits are unsigned, because no column is.
fn inline_limits(sql: &str, values: Vec<Value>) -> (String, Vec<Value>) {
    let mut parts = sql.split('$');
    let mut inlined = parts.next().unwrap_or_default().to_owned();
    let mut parameters = Vec::with_capacity(values.len());
    // The query builder numbers the parameters in the order of the SQL, each once, and writes `$` for nothing else.
    for (part, value) in parts.zip(values) {
        let rest = part.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let _ = match value {
            Value::BigUnsigned(Some(limit)) => write!(inlined, "{limit}{rest}"),
            value => {
                parameters.push(value);
                write!(inlined, "${}{rest}", parameters.len())
            }
        };
    }
    (inlined, parameters)
}

/// The maximum number of bytes of a statement in logs and traces.
const MAX_EXCERPT_BYTES: usize = 2_048;

/// Returns the part of a statement for logs and traces: the beginning of its SQL, without the settings of a
/// transaction, which contain values.
#[must_use]
pub fn excerpt(sql: &str) -> &str {
    let sql = match sql.split_once(';') {
        Some((BEGIN, _)) => BEGIN,
        _ => sql,
    };
    &sql[..sql.floor_char_boundary(MAX_EXCERPT_BYTES)]
}

/// Returns the condition that a folded title or name contains a string. The subquery hides the pattern from the planner,
/// so that all patterns have the same plan.
#[must_use]
pub fn contains(folded: Expr, substring: &Substring) -> Expr {
    let pattern = Expr::val(substring.pattern());
    Expr::cust_with_exprs("$1 LIKE (SELECT $2::text)", [folded, pattern])
}

/// The statement that begins a transaction. Transactions acquire locks and expect the next statement to see what their
/// previous holders have committed, which a site's stricter default isolation would prevent.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Returns the SQL that begins a transaction with transaction-local settings. The names must be constants; the values
/// may be any input.
#[must_use]
pub fn begin(settings: &[(&str, &str)]) -> String {
    settings
        .iter()
        .fold(BEGIN.to_owned(), |mut sql, (name, value)| {
            let _ = write!(sql, "; SET LOCAL {name} = {}", quoted(value));
            sql
        })
}

/// Begins a transaction of a command, at the isolation level of all transactions.
///
/// # Errors
///
/// Fails when the connection does.
pub async fn begin_read_committed(
    connection: &DatabaseConnection,
) -> Result<DatabaseTransaction, DbErr> {
    let isolation = Some(IsolationLevel::ReadCommitted);
    connection.begin_with_config(isolation, None).await
}

/// Quotes a string literal. It is valid with any server settings; the query builder's escapes depend on
/// `backslash_quote`.
fn quoted(text: &str) -> String {
    // Strings of PostgreSQL can't contain NUL, and it would terminate the statement.
    let text = text.replace('\0', "");
    format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

/// Runs a query and returns its rows.
///
/// # Errors
///
/// Fails when the statement fails, or when a row doesn't fit `R`.
pub async fn all<R: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<R>, DbErr> {
    rows(connection, statement(sql, values)).await
}

/// Runs a statement and returns its rows.
///
/// # Errors
///
/// Fails when the statement fails, or when a row doesn't fit `R`.
pub async fn rows<R: FromQueryResult>(
    connection: &impl ConnectionTrait,
    statement: Statement,
) -> Result<Vec<R>, DbErr> {
    let rows = connection.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| R::from_query_result(row, ""))
        .collect()
}

/// Runs a query and returns its first row, if there is one.
///
/// # Errors
///
/// Fails when the statement fails, or when the row doesn't fit `R`.
pub async fn one<R: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<R>, DbErr> {
    let row = connection.query_one_raw(statement(sql, values)).await?;
    row.map(|row| R::from_query_result(&row, "")).transpose()
}

/// Runs a statement and returns the number of rows that it changed.
///
/// # Errors
///
/// Fails when the statement fails.
pub async fn execute(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let result = connection.execute_raw(statement(sql, values)).await?;
    Ok(result.rows_affected())
}

#[derive(FromQueryResult)]
struct Slug {
    slug: String,
}

/// Returns the first of `base`, `base-2`, `base-3` … that no row of a table has.
///
/// # Errors
///
/// Fails when the statement fails.
pub async fn free_slug(
    connection: &impl ConnectionTrait,
    table: &str,
    base: &str,
) -> Result<String, DbErr> {
    let mut free = free_slugs(connection, table, vec![base.to_owned()]).await?;
    Ok(free.take(base))
}

/// Returns the free slugs for several bases, by one statement.
///
/// # Errors
///
/// Fails when the statement fails.
pub async fn free_slugs(
    connection: &impl ConnectionTrait,
    table: &str,
    bases: Vec<String>,
) -> Result<FreeSlugs, DbErr> {
    // Slugs sort bytewise, and `.` follows `-`. So the range in the index holds the slugs that continue with a hyphen.
    let sql = format!(
        "SELECT taken.slug FROM (SELECT DISTINCT base FROM unnest($1::text[]) AS base) AS given
         CROSS JOIN LATERAL (
            SELECT slug FROM {table} WHERE slug = base
            UNION ALL
            SELECT slug FROM {table} WHERE slug >= base || '-' AND slug < base || '.'
                AND substr(slug, length(base) + 2) ~ '^[0-9]+$'
         ) AS taken"
    );
    let rows: Vec<Slug> = all(connection, &sql, [bases.into()]).await?;
    let taken = rows.into_iter().map(|row| row.slug).collect();
    Ok(FreeSlugs::new(taken))
}

/// Returns whether a row of a table has this slug, other than the row with the id `except_id`.
///
/// # Errors
///
/// Fails when the statement fails.
pub async fn is_slug_taken(
    connection: &impl ConnectionTrait,
    table: &str,
    slug: &str,
    except_id: Option<i64>,
) -> Result<bool, DbErr> {
    let sql = format!("SELECT slug FROM {table} WHERE slug = $1 AND id IS DISTINCT FROM $2");
    let found: Option<Slug> = one(connection, &sql, [slug.into(), except_id.into()]).await?;
    Ok(found.is_some())
}

/// The columns of the names and titles that inputs refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameColumn {
    /// The table.
    pub table: &'static str,
    /// The column. The generated column of its folded values has the suffix `_folded`.
    pub column: &'static str,
}

impl NameColumn {
    /// Returns the query for `columns` of the rows with the name `value`, or if there are none, of the rows whose folded
    /// name is `folded`. The conditions restrict the first and the second; `value`, `folded` and the conditions may refer
    /// to an outer query. It returns at most `limit` rows, the first inserted ones. PostgreSQL skips the second scan if
    /// the first finds rows.
    #[must_use]
    pub fn matching_rows(self, columns: &str, [exact, folded]: [&str; 2], limit: usize) -> String {
        let Self { table, column } = self;
        format!(
            "(SELECT {columns} FROM {table} WHERE {table}.{column} = value AND {exact} ORDER BY {table}.id LIMIT {limit})
            UNION ALL
            (SELECT {columns} FROM {table} WHERE {table}.{column}_folded = folded AND {folded}
                AND NOT EXISTS (SELECT FROM {table} WHERE {table}.{column} = value AND {exact})
            ORDER BY {table}.id LIMIT {limit})"
        )
    }
}

impl NameColumn {
    /// Returns the query for `columns` of the rows whose name differs at most in case, accents, punctuation and blanks from
    /// the name whose folding is `folded`, which is a column of an outer query. `condition` restricts them. It returns at
    /// most `limit` rows, the first inserted ones.
    #[must_use]
    pub fn similar_rows(self, columns: &str, condition: &str, limit: usize) -> String {
        let Self { table, column } = self;
        format!(
            "SELECT {columns} FROM {table}
            WHERE similarity_key({table}.{column}_folded) = similarity_key(folded) AND {condition}
            ORDER BY {table}.id LIMIT {limit}"
        )
    }
}

/// A name to add to a table unless it exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewName {
    /// The table of the name.
    pub table: &'static str,
    /// The name.
    pub name: String,
}

/// The maximum number of names of a table that are locked one by one. PostgreSQL's lock table holds some thousands of
/// locks of all transactions together.
const MAX_LOCKED_NAMES: usize = 256;

/// Acquires the advisory locks for adding names, in one statement. The previous holders have ended by then, so the next
/// statement sees the names that they added. The locks are held until the transaction ends. A transaction must acquire
/// all its locks by one call.
///
/// Each name has a lock. A transaction that adds very many names to a table acquires the lock of the table instead,
/// which other transactions share.
///
/// # Errors
///
/// Fails when the statement fails, or when other transactions hold a lock for longer than `lock_timeout`.
pub async fn lock_new_names(
    transaction: &impl ConnectionTrait,
    names: Vec<NewName>,
) -> Result<(), DbErr> {
    let (exclusive, keys): (Vec<bool>, Vec<i64>) = locks(&names).into_iter().unzip();
    // All transactions acquire the locks in the same order, that of the arrays, so that they can't deadlock.
    let sql = "SELECT CASE WHEN exclusive THEN pg_advisory_xact_lock(key) ELSE pg_advisory_xact_lock_shared(key) END
        FROM unnest($1::boolean[], $2::bigint[]) AS locks (exclusive, key)";
    execute(transaction, sql, [exclusive.into(), keys.into()])
        .await
        .map(drop)
}

/// Returns the locks for some names, with whether each is exclusive. The tables' locks come before the names', both in
/// the order of their keys.
fn locks(names: &[NewName]) -> Vec<(bool, i64)> {
    let mut tables: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for NewName { table, name } in names {
        tables.entry(table).or_default().insert(name);
    }
    let exceeds_limit = |names: &BTreeSet<&str>| names.len() > MAX_LOCKED_NAMES;
    let table_locks = tables
        .iter()
        .map(|(table, names)| (lock_key(table, ""), exceeds_limit(names)));
    let name_locks = tables.iter().filter(|(_, names)| !exceeds_limit(names));
    let name_locks = name_locks.flat_map(|(table, names)| {
        let keys = names.iter().map(|name| lock_key(table, name));
        keys.map(|key| (key, true))
    });
    let (table_locks, name_locks): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (table_locks.collect(), name_locks.collect());
    let locks = table_locks.into_iter().chain(name_locks);
    locks.map(|(key, exclusive)| (exclusive, key)).collect()
}

/// Returns the key of the advisory lock of a name, or of the table if the name is empty.
fn lock_key(table: &str, name: &str) -> i64 {
    let mut hash = Sha256::new();
    hash.update(table);
    hash.update(" ");
    hash.update(name);
    let hash = hash.finalize();
    hash.iter()
        .take(8)
        .fold(0, |key, byte| key << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests;
