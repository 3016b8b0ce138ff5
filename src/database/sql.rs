//! Statements in PostgreSQL's own words, where a builder's would be longer than these.

use std::{collections::HashSet, fmt::Write as _};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value,
    sea_query::{Expr, PostgresQueryBuilder, SelectStatement},
};

use crate::{filter::Substring, slug};

/// A statement with its values.
#[must_use]
pub fn statement(sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// A statement that a builder has made, of which so many rows are given, or all.
///
/// How many stands in its text, not among its values: PostgreSQL has to know it when it plans the statement, or it takes it for a tenth of
/// the table.
#[must_use]
pub fn built(select: &SelectStatement, rows: Option<u64>) -> Statement {
    let (mut sql, values) = select.build(PostgresQueryBuilder);
    if let Some(rows) = rows {
        let _ = write!(sql, " LIMIT {rows}");
    }
    statement(sql, values.0)
}

/// Whether a title or a name contains a text, in any case. The index holds titles and names in lower case, and the pattern is turned into it
/// once.
#[must_use]
pub fn contains(text: Expr, substring: &Substring) -> Expr {
    let pattern = Expr::val(substring.pattern());
    Expr::cust_with_exprs(
        r#"lower($1) LIKE (SELECT lower($2 COLLATE "und-x-icu"))"#,
        [text, pattern],
    )
}

/// Begins a transaction with settings that hold as long as it does. Their names are ours, their values anybody's.
#[must_use]
pub fn begin(settings: &[(&str, &str)]) -> String {
    settings
        .iter()
        .fold("BEGIN".to_owned(), |mut sql, (name, value)| {
            let _ = write!(sql, "; SET LOCAL {name} = {}", quoted(value));
            sql
        })
}

/// A text as PostgreSQL reads it whatever it is set to: a builder's escapes depend on `backslash_quote`.
fn quoted(text: &str) -> String {
    // No text of PostgreSQL's has a NUL, and a statement would end at one.
    let text = text.replace('\0', "");
    format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

/// The rows of a statement.
///
/// # Errors
///
/// When it fails, or its rows are of another form.
pub async fn all<R: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<R>, DbErr> {
    let rows = connection.query_all_raw(statement(sql, values)).await?;
    rows.iter()
        .map(|row| R::from_query_result(row, ""))
        .collect()
}

/// The first row of a statement, if it has any.
///
/// # Errors
///
/// When it fails, or its row is of another form.
pub async fn one<R: FromQueryResult>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<R>, DbErr> {
    let row = connection.query_one_raw(statement(sql, values)).await?;
    row.map(|row| R::from_query_result(&row, "")).transpose()
}

/// Runs a statement, and tells how many rows it changed.
///
/// # Errors
///
/// When it fails.
pub async fn execute(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let done = connection.execute_raw(statement(sql, values)).await?;
    Ok(done.rows_affected())
}

#[derive(FromQueryResult)]
struct Slug {
    slug: String,
}

/// The first of `base`, `base-2`, `base-3` … that no row of a table has.
///
/// # Errors
///
/// When the statement fails.
pub async fn free_slug(
    connection: &impl ConnectionTrait,
    table: &str,
    base: &str,
) -> Result<String, DbErr> {
    // A slug holds no character that means something to LIKE.
    let sql = format!("SELECT slug FROM {table} WHERE slug = $1 OR slug LIKE $1 || '-%'");
    let rows: Vec<Slug> = all(connection, &sql, [base.into()]).await?;
    let taken: HashSet<String> = rows.into_iter().map(|row| row.slug).collect();
    Ok(slug::free(base, |slug| taken.contains(slug)))
}

/// Whether a row of a table has this slug, other than the one with the key `but_by`.
///
/// # Errors
///
/// When the statement fails.
pub async fn is_slug_taken(
    connection: &impl ConnectionTrait,
    table: &str,
    slug: &str,
    but_by: Option<i64>,
) -> Result<bool, DbErr> {
    let sql = format!("SELECT slug FROM {table} WHERE slug = $1 AND id IS DISTINCT FROM $2");
    let found: Option<Slug> = one(connection, &sql, [slug.into(), but_by.into()]).await?;
    Ok(found.is_some())
}

/// Waits for its turn to add what is called so. Whoever had it before has ended then, and the next statement sees what they added.
/// A turn lasts until the transaction ends, and takes a lock that is nothing but this.
///
/// # Errors
///
/// When the statement fails, or others don't end in time.
pub async fn take_turns(
    transaction: &impl ConnectionTrait,
    mut names: Vec<String>,
) -> Result<(), DbErr> {
    // In one order, so that nobody waits in a circle.
    names.sort_unstable();
    let sql =
        "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) AS name";
    execute(transaction, sql, [names.into()]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_of_a_transaction_is_a_text_whatever_stands_in_it() {
        let settings = [
            ("marquee.actor", "O'Neil \\'; DROP\0"),
            ("lock_timeout", "10s"),
        ];
        assert_eq!(
            begin(&settings),
            r"BEGIN; SET LOCAL marquee.actor = E'O''Neil \\''; DROP'; SET LOCAL lock_timeout = E'10s'"
        );
        assert_eq!(begin(&[]), "BEGIN");
    }
}
