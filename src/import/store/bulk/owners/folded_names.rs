//! The names that were resolved to owners whose names differ in case.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::{Owner, to_count};
use crate::import::FoldedName;

/// The maximum number of listed names of each kind.
const MAX_NAMES: usize = 10;

impl Owner {
    /// Returns the names of the file that differ in case from those of their owners, the most used first, and the number
    /// of all of them.
    pub async fn folded_names(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(Vec<FoldedName>, usize), sqlx::Error> {
        let condition = self.is_folded();
        let any = format!("SELECT EXISTS (SELECT {condition})");
        let has_any: bool = sqlx::query_scalar(AssertSqlSafe(any))
            .fetch_one(&mut *connection)
            .await?;
        if !has_any {
            // Counting would read all reviews.
            return Ok((Vec::new(), 0));
        }
        let sql = self.list_folded_names();
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(connection)
            .await?;
        let total = rows.first().map_or(0, |(_, _, _, total)| to_count(*total));
        let names = rows.into_iter().map(|(written, name, rows, _)| FoldedName {
            kind: self.table,
            written,
            name,
            rows: to_count(rows),
        });
        Ok((names.collect(), total))
    }

    /// Returns the rest of a query for the references whose names differ in case from those of their owners.
    fn is_folded(&self) -> String {
        let (table, name) = (self.table, self.name);
        format!(
            "FROM import_{table} AS staged JOIN {table} AS owner ON owner.id = staged.id
            WHERE staged.slug IS NULL AND staged.name <> owner.{name} AND staged.name_folded = owner.{name}_folded"
        )
    }

    fn list_folded_names(&self) -> String {
        let (table, name, is_folded) = (self.table, self.name, self.is_folded());
        format!(
            "WITH folded AS MATERIALIZED (
                SELECT staged.ref, staged.name::text COLLATE \"C\" AS written, owner.{name}::text COLLATE \"C\" AS name
                {is_folded}
            ), counted AS (
                SELECT {table}_ref AS ref, count(*) AS reviews FROM import_review
                WHERE {table}_ref IN (SELECT ref FROM folded) GROUP BY {table}_ref
            )
            SELECT written, name, coalesce(sum(reviews), 0)::bigint, count(*) OVER ()
            FROM folded LEFT JOIN counted USING (ref)
            GROUP BY written, name ORDER BY 3 DESC, written, name LIMIT {MAX_NAMES}"
        )
    }
}
