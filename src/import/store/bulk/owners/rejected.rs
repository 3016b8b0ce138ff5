//! The cleanup of data that only rejected rows have added.

use sea_orm::sqlx::{self, PgConnection};

use super::{IS_FROM_THIS_TRANSACTION, Owner, execute};

impl Owner {
    /// Removes the data of rejected rows: their external ids, and the descriptions of new owners that no other row
    /// describes.
    pub async fn remove_rejected_data(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        if self.has_external_ids {
            execute(connection, &self.delete_rejected_external_ids()).await?;
        }
        execute(connection, &self.reset_rejected_descriptions())
            .await
            .map(drop)
    }

    /// Returns the statement that deletes the inserted external ids that only rejected rows give.
    fn delete_rejected_external_ids(&self) -> String {
        let (table, rows) = (self.table, self.rows_of_references());
        format!(
            "DELETE FROM {table}_external_id AS known
             WHERE {IS_FROM_THIS_TRANSACTION} AND NOT EXISTS (
                 SELECT FROM (
                     SELECT listed.row_position, listed.source, listed.external_id FROM import_external_id AS listed
                     WHERE listed.kind = '{table}'
                     UNION ALL
                     SELECT row.row_position, staged.source, staged.external_id
                     FROM import_{table} AS staged JOIN ({rows}) AS row (row_position, ref) USING (ref)
                     WHERE staged.source IS NOT NULL AND staged.id IS NOT NULL
                 ) AS given
                 WHERE given.source = known.source AND given.external_id = known.external_id
                     AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = given.row_position)
             )"
        )
    }

    /// Returns the query for the positions of the rows that describe or mention an owner, each with the number of its
    /// reference.
    pub(super) fn rows_of_references(&self) -> String {
        let table = self.table;
        let scores = if table == "film" {
            "UNION ALL SELECT row_position, film_ref FROM import_published_score"
        } else {
            ""
        };
        format!(
            "SELECT row_position, ref FROM import_{table} WHERE declared
             UNION ALL SELECT row_position, {table}_ref FROM import_review
             {scores}"
        )
    }

    /// Returns the statement that resets the columns of new owners that only rejected rows describe. Other rows may
    /// still mention them.
    fn reset_rejected_descriptions(&self) -> String {
        let table = self.table;
        let set: Vec<String> = self
            .attributes
            .iter()
            .map(|(column, default)| format!("{column} = {default}"))
            .collect();
        format!(
            "UPDATE {table} SET {} WHERE id IN (
                SELECT described.id
                FROM import_{table} AS described
                LEFT JOIN (SELECT DISTINCT row_position FROM import_rejected) AS rejected USING (row_position)
                WHERE is_new AND declared
                GROUP BY described.id HAVING count(*) = count(rejected.row_position)
            )",
            set.join(", ")
        )
    }

    /// Deletes the new owners that only rejected rows reference.
    pub async fn delete_unreferenced(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let table = self.table;
        let published = if table == "film" {
            "AND NOT EXISTS (SELECT FROM published_score WHERE film_id = film.id)"
        } else {
            ""
        };
        let sql = format!(
            "DELETE FROM {table}
             WHERE id IN (SELECT id FROM import_{table} WHERE is_new)
                 AND NOT EXISTS (
                     SELECT FROM import_{table} AS staged
                     WHERE staged.id = {table}.id AND declared
                         AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)
                 )
                 AND NOT EXISTS (SELECT FROM review WHERE {table}_id = {table}.id) {published}"
        );
        execute(connection, &sql).await?;
        let sql = format!(
            "UPDATE import_{table} SET id = NULL, is_new = false
             WHERE is_new AND NOT EXISTS (SELECT FROM {table} WHERE {table}.id = import_{table}.id)"
        );
        execute(connection, &sql).await.map(drop)
    }
}
