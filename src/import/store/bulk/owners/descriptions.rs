//! The rows that describe owners.
//!
//! Several files may describe an owner, and so may several rows of reviews. The first description counts, and the others
//! fill in what it lacks. A second description in one list is rejected, because the list contradicts itself.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::{
    super::{
        file_columns::{FileColumn, file_number},
        staging::reject_duplicates_sql,
    },
    IS_FROM_THIS_TRANSACTION, Owner, execute, to_count,
};
use crate::import::rows::RowPosition;

/// The condition that a row of `described` is not rejected.
const IS_VALID: &str = "NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = described.row_position)";

/// The year that a description gives its owner. A row that references its film only by slug has no year, and another year
/// beside a review is no new one.
const DESCRIBED_YEAR: &str = "CASE WHEN staged.is_beside_review THEN coalesce(owner.year, staged.year) ELSE coalesce(staged.year, owner.year) END";

/// Returns the value of an attribute that descriptions give their owner. A blank cell removes a value under a condition.
fn attribute(column: &str, default: &str, removes: &str) -> String {
    let given = match default {
        // The staged list of a row without one is empty.
        "'{}'" => format!("nullif(staged.{column}, '{{}}')"),
        _ => format!("staged.{column}"),
    };
    format!(
        "CASE WHEN {given} IS NOT NULL THEN {given} WHEN {removes} THEN {default} ELSE owner.{column} END"
    )
}

impl Owner {
    /// Rejects all but the first of the rows of a list that describe the same owner. A row with a review is no row of a
    /// list.
    pub(super) fn reject_duplicates(&self) -> String {
        let table = self.table;
        let lines_of_a_file = RowPosition::LINES_PER_FILE;
        let rows = format!(
            "SELECT row_position, first FROM (
                 SELECT row_position, min(row_position) OVER (PARTITION BY id, row_position / {lines_of_a_file}) AS first
                 FROM import_{table} WHERE declared AND id IS NOT NULL
             ) AS described
             WHERE row_position > first
                 AND NOT EXISTS (SELECT FROM import_review AS review WHERE review.row_position = described.row_position)"
        );
        reject_duplicates_sql(&rows, table, &format!("this {table} is already described"))
    }

    /// Fills in what descriptions lack with the first value of other valid descriptions of the same owner.
    pub(super) async fn complete_descriptions(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let sql = format!("SELECT EXISTS ({})", self.repeatedly_described());
        let has_any: bool = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await?;
        if !has_any {
            return Ok(());
        }
        let year = self.has_year.then_some(("year", "NULL"));
        for (column, default) in self.attributes.iter().copied().chain(year) {
            execute(connection, &self.complete_column(column, default)).await?;
        }
        Ok(())
    }

    fn repeatedly_described(&self) -> String {
        format!(
            "SELECT id FROM import_{} WHERE declared AND id IS NOT NULL GROUP BY id HAVING count(*) > 1",
            self.table
        )
    }

    fn complete_column(&self, column: &str, default: &str) -> String {
        let (table, repeated) = (self.table, self.repeatedly_described());
        let is_blank = |row: &str| match default {
            // The staged list of a row without one is empty.
            "'{}'" => format!("coalesce({row}.{column} = '{{}}', true)"),
            _ => format!("({row}.{column} IS NULL)"),
        };
        format!(
            "UPDATE import_{table} AS staged SET {column} = other.{column}
             FROM (
                 SELECT DISTINCT ON (id) id, {column} FROM import_{table} AS described
                 WHERE declared AND id IN ({repeated}) AND NOT {described_is_blank} AND {IS_VALID}
                 ORDER BY id, row_position
             ) AS other
             WHERE staged.declared AND staged.id = other.id AND {staged_is_blank}",
            described_is_blank = is_blank("described"),
            staged_is_blank = is_blank("staged"),
        )
    }

    /// Updates the described owners that differ. A blank cell of a list removes the value of a column that its file has.
    pub(super) fn update(&self, columns: &[FileColumn]) -> String {
        let attributes = self.attributes.iter().filter_map(|(name, default)| {
            let column = columns.iter().find(|column| column.name == *name)?;
            let removes = column.is_in_any("staged.lists");
            Some((*name, attribute(name, default, &removes)))
        });
        self.update_from_first(attributes, "NOT is_new")
    }

    /// Gives films without a year that of the valid rows about them, if they have one year. Returns the number of films that
    /// this import hasn't changed otherwise.
    pub(super) async fn date(&self, connection: &mut PgConnection) -> Result<usize, sqlx::Error> {
        let (table, rows) = (self.table, self.rows_of_references());
        let is_dated = format!(
            "FROM {table} AS owner JOIN import_{table} AS staged ON staged.id = owner.id
             WHERE owner.year IS NULL AND staged.year IS NOT NULL"
        );
        let has_any: bool =
            sqlx::query_scalar(AssertSqlSafe(format!("SELECT EXISTS (SELECT {is_dated})")))
                .fetch_one(&mut *connection)
                .await?;
        if !has_any {
            return Ok(0);
        }
        let sql = format!(
            "WITH dated AS MATERIALIZED (
                 SELECT owner.id, min(staged.year) AS year, owner.xmin <> pg_current_xact_id()::xid AS is_unchanged
                 {is_dated} AND staged.ref IN (
                     SELECT ref FROM ({rows}) AS described (row_position, ref) WHERE {IS_VALID}
                 )
                 GROUP BY owner.id HAVING count(DISTINCT staged.year) = 1
             ), changed AS (
                 UPDATE {table} AS owner SET year = dated.year, updated_at = now()
                 FROM dated WHERE dated.id = owner.id RETURNING owner.id
             )
             SELECT count(*) FROM changed JOIN dated USING (id) WHERE is_unchanged"
        );
        let changed: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(connection)
            .await?;
        Ok(to_count(changed))
    }

    /// Updates all columns of inserted owners whose first valid description isn't the row that they were inserted from.
    pub(super) fn update_new(&self) -> String {
        let attributes = self.attributes.iter();
        let attributes = attributes
            .map(|(name, default)| (*name, attribute(name, default, "staged.lists IS NOT NULL")));
        self.update_from_first(attributes, "is_new")
    }

    /// Returns the statement that sets the name, the year and these attributes from the first valid description. `lists` has
    /// the numbers of the files that describe an owner otherwise than beside a review, null if there are none.
    fn update_from_first(
        &self,
        attributes: impl Iterator<Item = (&'static str, String)>,
        condition: &str,
    ) -> String {
        let table = self.table;
        let name = (self.name, self.described_name());
        let year = self.has_year.then(|| ("year", DESCRIBED_YEAR.to_owned()));
        let pairs: Vec<_> = [name].into_iter().chain(year).chain(attributes).collect();
        let list = |item: &dyn Fn(&str, &str) -> String| -> String {
            let items = pairs.iter().map(|(column, value)| item(column, value));
            items.collect::<Vec<_>>().join(", ")
        };
        let set = list(&|column, value| format!("{column} = {value}"));
        let old = list(&|column, _| format!("owner.{column}"));
        let new = list(&|_, value| value.to_owned());
        let file = file_number("described.row_position");
        format!(
            "UPDATE {table} AS owner SET {set}, updated_at = now()
             FROM (
                 SELECT import_{table}.*, first.lists, beside.row_position IS NOT NULL AS is_beside_review
                 FROM import_{table} JOIN (
                     SELECT
                         described.id, min(described.row_position) AS row_position,
                         array_agg(DISTINCT {file}) FILTER (WHERE review.row_position IS NULL) AS lists
                     FROM import_{table} AS described LEFT JOIN import_review AS review USING (row_position)
                     WHERE declared AND {condition} AND id IS NOT NULL AND {IS_VALID}
                     GROUP BY described.id
                 ) AS first USING (id, row_position)
                 LEFT JOIN import_review AS beside ON beside.row_position = import_{table}.row_position
                 WHERE declared
             ) AS staged
             WHERE staged.id = owner.id AND ROW({old}) IS DISTINCT FROM ROW({new})"
        )
    }

    /// Returns the name that a description gives its owner. A row that was found by its name may differ in case, and doesn't
    /// rename the owner. Neither does a row of a review.
    fn described_name(&self) -> String {
        let name = self.name;
        format!(
            "CASE WHEN staged.is_beside_review OR staged.slug IS NULL AND staged.source IS NULL
             THEN owner.{name} ELSE coalesce(staged.name, owner.{name}) END"
        )
    }

    /// Increments the versions of owners that get new external ids, which are in a table of their own, if this import
    /// hasn't changed them otherwise.
    pub(super) fn count_versions(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE {table} AS owner SET version = owner.version + 1, updated_at = now()
             WHERE owner.xmin <> pg_current_xact_id()::xid
                 AND id IN (SELECT id FROM import_{table} WHERE NOT is_new)
                 AND id IN (SELECT {table}_id FROM {table}_external_id AS known WHERE {IS_FROM_THIS_TRANSACTION})"
        )
    }
}
