//! The new names that are similar to others.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::{Owner, kind_of};
use crate::{
    import::{MAX_SIMILAR_NAMES, SimilarName},
    user_error::Candidate,
};

/// The maximum number of new owners of each kind that are compared, so that a first import of a large catalogue doesn't
/// take longer.
const MAX_COMPARED: usize = 10_000;

impl Owner {
    /// Returns the new names that differ from an earlier one in accents, punctuation and blanks.
    pub async fn similar_names(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Vec<SimilarName>, sqlx::Error> {
        let sql = self.list_similar_names();
        let rows: Vec<(String, i64, String, String)> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(connection)
            .await?;
        let kind = kind_of(self.table);
        let names = rows.into_iter().map(|(name, id, slug, other)| SimilarName {
            kind: self.table.to_owned(),
            name,
            similar: Candidate::of_row(kind, id, slug, other),
        });
        Ok(names.collect())
    }

    fn list_similar_names(&self) -> String {
        let (table, name) = (self.table, self.name);
        let same_year = if self.has_year {
            "AND other.year IS NOT DISTINCT FROM owner.year"
        } else {
            ""
        };
        format!(
            "SELECT owner.{name}::text COLLATE \"C\", alike.id, alike.slug, alike.name
            FROM (
                SELECT DISTINCT id FROM import_{table} WHERE is_new ORDER BY id LIMIT {MAX_COMPARED}
            ) AS new
            JOIN {table} AS owner USING (id)
            CROSS JOIN LATERAL (
                SELECT id, slug, {name}::text COLLATE \"C\" AS name FROM {table} AS other
                WHERE similarity_key(other.{name}_folded) = similarity_key(owner.{name}_folded)
                    AND other.{name}_folded <> owner.{name}_folded AND other.id < owner.id {same_year}
                ORDER BY id LIMIT 1
            ) AS alike
            ORDER BY owner.id LIMIT {MAX_SIMILAR_NAMES}"
        )
    }
}
