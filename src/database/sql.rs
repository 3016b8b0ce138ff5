//! Statements in PostgreSQL's own words, where a builder's would be longer than these.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value,
    sea_query::{Expr, PostgresQueryBuilder, SelectStatement},
};

use sha2::{Digest, Sha256};

use crate::{filter::Substring, slug::FreeSlugs};

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

/// The most bytes of a statement in logs and traces.
const EXCERPT: usize = 2_048;

/// As much of a statement as logs and traces have: the beginning of its text, without the settings of a transaction, which hold values.
#[must_use]
pub fn excerpt(sql: &str) -> &str {
    let sql = match sql.split_once(';') {
        Some(("BEGIN", _)) => "BEGIN",
        _ => sql,
    };
    &sql[..sql.floor_char_boundary(EXCERPT)]
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

/// Runs a statement, and returns how many rows it changed.
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
    let mut free = free_slugs(connection, table, vec![base.to_owned()]).await?;
    Ok(free.take(base))
}

/// The slugs that are free for some bases, in one statement however many there are.
///
/// # Errors
///
/// When the statement fails.
pub async fn free_slugs(
    connection: &impl ConnectionTrait,
    table: &str,
    bases: Vec<String>,
) -> Result<FreeSlugs, DbErr> {
    // Slugs sort by bytes, and the period follows the hyphen: so the index finds those that go on with a hyphen.
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

/// A name that is to be added if it isn't there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewName {
    /// What is called so: the name of its table.
    pub table: &'static str,
    /// By what it is looked for.
    pub name: String,
}

/// How many names of a table are locked one by one. PostgreSQL has room for some thousands of locks, of all transactions together.
const LOCKED_NAMES: usize = 256;

/// Takes the advisory locks for adding names, in one statement. Their previous holders have ended by then, so the next statement sees what
/// they have added. They last until the transaction ends, and a transaction takes them once.
///
/// Each name has a lock. A transaction that adds very many takes the table's lock instead, which the others share.
///
/// # Errors
///
/// When the statement fails, or others don't end in time.
pub async fn lock_new_names(
    transaction: &impl ConnectionTrait,
    names: Vec<NewName>,
) -> Result<(), DbErr> {
    let (exclusive, keys): (Vec<bool>, Vec<i64>) = locks(&names).into_iter().unzip();
    // They are taken in the order of the arrays, which is the same for everybody: so nobody waits in a circle.
    let sql = "SELECT CASE WHEN exclusive THEN pg_advisory_xact_lock(key) ELSE pg_advisory_xact_lock_shared(key) END
        FROM unnest($1::boolean[], $2::bigint[]) AS locks (exclusive, key)";
    execute(transaction, sql, [exclusive.into(), keys.into()])
        .await
        .map(drop)
}

/// The locks for some names, each exclusive or shared: the tables' before the names', both in the order of their keys.
fn locks(names: &[NewName]) -> Vec<(bool, i64)> {
    let mut tables: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for NewName { table, name } in names {
        tables.entry(table).or_default().insert(name);
    }
    let is_many = |names: &BTreeSet<&str>| names.len() > LOCKED_NAMES;
    let of_tables = tables
        .iter()
        .map(|(table, names)| (lock_key(table, ""), is_many(names)));
    let of_names = tables.iter().filter(|(_, names)| !is_many(names));
    let of_names = of_names.flat_map(|(table, names)| {
        let keys = names.iter().map(|name| lock_key(table, name));
        keys.map(|key| (key, true))
    });
    let (of_tables, of_names): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (of_tables.collect(), of_names.collect());
    let in_order = of_tables.into_iter().chain(of_names);
    in_order.map(|(key, exclusive)| (exclusive, key)).collect()
}

/// The key of the lock of a name, or of the table if that is empty.
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

    #[test]
    fn a_long_statement_is_cut_at_two_kilobytes_between_characters_and_tells_no_setting() {
        assert_eq!(excerpt("SELECT 1"), "SELECT 1");
        let long = format!("{}{}", "x".repeat(EXCERPT - 1), "é".repeat(EXCERPT));
        assert_eq!(excerpt(&long), "x".repeat(EXCERPT - 1));
        assert_eq!(excerpt(&begin(&[("marquee.actor", "a person")])), "BEGIN");
    }

    #[test]
    fn names_are_locked_after_their_tables_in_one_order_and_very_many_by_their_table_alone() {
        let critic = |name: &str| NewName {
            table: "critic",
            name: name.to_owned(),
        };
        let film = NewName {
            table: "film",
            name: "Ann".to_owned(),
        };
        let some = locks(&[critic("Ann"), film.clone(), critic("Bob"), critic("Ann")]);
        assert_eq!(some.len(), 5);
        assert_eq!(some, locks(&[film, critic("Bob"), critic("Ann")]));
        let is_exclusive = some.iter().map(|(exclusive, _)| *exclusive);
        assert!(is_exclusive.eq([false, false, true, true, true]));
        let many: Vec<_> = (0..=LOCKED_NAMES)
            .map(|name| critic(&name.to_string()))
            .collect();
        assert_eq!(locks(&many), [(true, lock_key("critic", ""))]);
    }
}
