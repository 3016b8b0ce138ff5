//! What reverting migrations deletes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display, Formatter},
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult};

use super::{applied, prepare};
use crate::database::sql;

/// The migrations that are to be reverted, and what that deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reversal {
    /// The names of the migrations, newest first.
    pub migrations: Vec<String>,
    /// What is deleted.
    pub losses: Vec<Loss>,
}

/// A part of the database that a reversal deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A table with its rows.
    Table {
        /// The name of the table.
        table: String,
        /// The number of its rows.
        rows: i64,
    },
    /// A column of a table that remains. Computed columns are not counted.
    Column {
        /// The name of the table.
        table: String,
        /// The name of the column.
        column: String,
        /// The number of its values.
        values: i64,
    },
    /// Rows of a table that remains.
    Rows {
        /// The name of the table.
        table: String,
        /// The number of the rows.
        rows: i64,
    },
}

impl Display for Loss {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table { table, rows } => write!(formatter, "table {table}: {rows} rows"),
            Self::Column {
                table,
                column,
                values,
            } => write!(formatter, "column {table}.{column}: {values} values"),
            Self::Rows { table, rows } => write!(formatter, "rows of table {table}: {rows}"),
        }
    }
}

/// The tables of the schema, each with its columns. Computed columns and the list of migrations are left out.
const COLUMNS: &str = "
SELECT relname::text AS table_name, attname::text AS column_name
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname <> 'seaql_migrations'
    AND attnum > 0 AND NOT attisdropped AND attgenerated = ''";

#[derive(FromQueryResult)]
struct Column {
    table_name: String,
    column_name: String,
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

/// The tables with their columns and the number of their rows.
struct Contents {
    columns: BTreeMap<String, BTreeSet<String>>,
    rows: BTreeMap<String, i64>,
}

impl Contents {
    async fn read(connection: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let all: Vec<Column> = sql::all(connection, COLUMNS, []).await?;
        let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for column in all {
            let names = columns.entry(column.table_name).or_default();
            names.insert(column.column_name);
        }
        let mut rows = BTreeMap::new();
        for table in columns.keys() {
            rows.insert(table.clone(), count("*", table, connection).await?);
        }
        Ok(Self { columns, rows })
    }

    fn rows(&self, table: &str) -> i64 {
        self.rows.get(table).copied().unwrap_or_default()
    }
}

/// Counts the rows of a table, or the values of a column.
///
/// # Errors
///
/// Fails when the statement fails.
pub async fn count(
    what: &str,
    table: &str,
    connection: &impl ConnectionTrait,
) -> Result<i64, DbErr> {
    let table = quote(table);
    let statement = format!("SELECT count({what}) AS count FROM {table}");
    let row: Option<Count> = sql::one(connection, &statement, []).await?;
    Ok(row.map(|row| row.count).unwrap_or_default())
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Finds out which migrations [`super::migrate_down`] would revert, and what that would delete: reverts them in a
/// transaction that is rolled back. Its locks block writers and readers meanwhile, as those of the reversal do.
///
/// # Errors
///
/// Fails when a statement fails.
pub async fn preview(connection: &DatabaseConnection, steps: u32) -> Result<Reversal, DbErr> {
    let transaction = sql::begin_read_committed(connection).await?;
    prepare(&transaction).await?;
    let migrations = applied(&transaction, steps).await?;
    if migrations.is_empty() {
        return Ok(Reversal::default());
    }
    let before = Contents::read(&transaction).await?;
    Migrator::down(&transaction, Some(steps)).await?;
    let after = Contents::read(&transaction).await?;
    transaction.rollback().await?;
    let losses = compare(&before, &after, connection).await?;
    Ok(Reversal { migrations, losses })
}

async fn compare(
    before: &Contents,
    after: &Contents,
    connection: &DatabaseConnection,
) -> Result<Vec<Loss>, DbErr> {
    let mut losses = Vec::new();
    for (table, columns) in &before.columns {
        let rows = before.rows(table);
        let Some(remaining) = after.columns.get(table) else {
            let table = table.clone();
            losses.push(Loss::Table { table, rows });
            continue;
        };
        for column in columns.difference(remaining) {
            let values = count(&quote(column), table, connection).await?;
            let (table, column) = (table.clone(), column.clone());
            losses.push(Loss::Column {
                table,
                column,
                values,
            });
        }
        let rows = rows - after.rows(table);
        if rows > 0 {
            let table = table.clone();
            losses.push(Loss::Rows { table, rows });
        }
    }
    Ok(losses)
}
