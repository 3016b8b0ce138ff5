//! The owners of reviews: films, critics and publications. The import finds the owners that rows reference, inserts
//! those that don't exist, and updates those that the file describes.
//!
//! A reference is resolved in this order: by its external id, by its slug, by its name (of a film, by its title and
//! year), by a name that differs only in case. An ambiguous name is rejected.

mod folded_names;
mod rejected;
mod similar_names;
mod statements;
mod unresolved;

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use self::statements::Spelling::{Exact, Folded};
use crate::import::{Changes, rows::TableColumns};

/// A kind of owner.
pub struct Owner {
    /// The table.
    table: &'static str,
    /// The column with the name.
    name: &'static str,
    /// Whether a column `year` distinguishes owners with the same name.
    has_year: bool,
    /// Whether owners have external ids.
    has_external_ids: bool,
    /// The other columns, each with its default as SQL.
    attributes: &'static [(&'static str, &'static str)],
    /// The strength of the lock of an owner that rows only mention. It prevents the deletion of the owner, and for a
    /// publication also a change of its weight.
    mention_lock: &'static str,
    /// Returns the columns of the table for which a file has values.
    provided_columns: fn(&TableColumns) -> &[&'static str],
}

/// Films, critics and publications, in the order in which they are merged.
pub const OWNERS: [Owner; 3] = [FILM, CRITIC, PUBLICATION];

const FILM: Owner = Owner {
    table: "film",
    name: "title",
    has_year: true,
    has_external_ids: true,
    attributes: &[
        ("release_date", "NULL"),
        ("runtime_minutes", "NULL"),
        ("directors", "'{}'"),
        ("genres", "'{}'"),
        ("synopsis", "NULL"),
        ("url", "NULL"),
    ],
    mention_lock: "KEY SHARE",
    provided_columns: |columns| &columns.film,
};

const CRITIC: Owner = Owner {
    table: "critic",
    name: "name",
    has_year: false,
    has_external_ids: true,
    attributes: &[("url", "NULL")],
    mention_lock: "KEY SHARE",
    provided_columns: |columns| &columns.critic,
};

const PUBLICATION: Owner = Owner {
    table: "publication",
    name: "name",
    has_year: false,
    has_external_ids: false,
    attributes: &[("url", "NULL"), ("weight", "100")],
    mention_lock: "SHARE",
    provided_columns: |columns| &columns.publication,
};

/// The condition that a reference has no external id.
const IS_NAME: &str = "staged.source IS NULL";

/// The condition that this transaction inserted an external id. It holds because the transaction has no savepoints.
const IS_FROM_THIS_TRANSACTION: &str = "known.xmin = pg_current_xact_id()::xid";

impl Owner {
    /// Finds or inserts the owners that rows reference, and locks them. Rejects rows with unresolved references.
    pub async fn resolve(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        execute(connection, &format!("ANALYZE import_{}", self.table)).await?;
        loop {
            self.find_or_add(connection).await?;
            for sql in self.lock() {
                execute(connection, &sql).await?;
            }
            // Another transaction may have deleted an owner before it was locked.
            if execute(connection, &self.reset_deleted()).await? == 0 {
                break;
            }
        }
        execute(connection, &self.reject_unresolved()).await?;
        execute(connection, &self.reject_duplicates()).await?;
        if self.has_external_ids {
            execute(connection, &self.add_external_ids()).await?;
            execute(connection, &self.reject_conflicting_ids()).await?;
        }
        Ok(())
    }

    async fn find_or_add(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.has_external_ids {
            execute(connection, &self.find_by_external_id()).await?;
        }
        execute(connection, &self.find_by_slug()).await?;
        execute(connection, &self.add_by_slug()).await?;
        self.find_named(connection).await?;
        if self.has_external_ids {
            for spelling in [Exact, Folded] {
                execute(connection, &self.find_by_new_external_id(spelling)).await?;
            }
        }
        if self.has_year {
            let is_specific = "(year IS NOT NULL OR source IS NOT NULL)";
            self.add_named(is_specific, connection).await?;
            execute(connection, &self.find_by_title_alone(Exact)).await?;
            execute(connection, &self.find_by_name(Folded, IS_NAME)).await?;
            execute(connection, &self.find_by_title_alone(Folded)).await?;
        }
        self.add_named("true", connection).await
    }

    /// Resolves references by name: by exactly this name, or else by one that differs only in case. A title without a year
    /// may be that of a film with a year, which has to be looked for first.
    async fn find_named(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let is_complete = if self.has_year {
            "staged.source IS NULL AND staged.year IS NOT NULL"
        } else {
            IS_NAME
        };
        for (spelling, condition) in [(Exact, IS_NAME), (Folded, is_complete)] {
            execute(connection, &self.find_by_described_name(spelling)).await?;
            execute(connection, &self.find_by_name(spelling, condition)).await?;
        }
        Ok(())
    }

    /// Inserts owners by their names. If two names have the same slug, one gets it, and the next round gives the other
    /// a slug with a number.
    async fn add_named(
        &self,
        condition: &str,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let sql = self.add_by_name(condition);
        while execute(connection, &sql).await? > 0 {}
        Ok(())
    }

    /// Updates the owners that the file describes. Returns the number of changed owners.
    pub async fn update_described(
        &self,
        columns: &TableColumns,
        connection: &mut PgConnection,
    ) -> Result<usize, sqlx::Error> {
        let columns = (self.provided_columns)(columns);
        if columns.is_empty() && !self.has_external_ids {
            return Ok(0);
        }
        execute(connection, &self.update(columns)).await
    }

    /// Counts the referenced owners by their result. `changed` is the number of changed ones.
    pub async fn count(
        &self,
        changed: usize,
        connection: &mut PgConnection,
    ) -> Result<Changes, sqlx::Error> {
        let sql = format!(
            "SELECT count(DISTINCT id) FILTER (WHERE is_new), count(DISTINCT id) FROM import_{}",
            self.table
        );
        let (new, all): (i64, i64) = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_one(connection)
            .await?;
        let (new, all) = (to_count(new), to_count(all));
        Ok(Changes {
            new,
            changed,
            same: all.saturating_sub(new + changed),
        })
    }

    /// Returns the statement that locks the tallies of the referenced owners, and those of the owners of reviews that
    /// will change.
    pub fn lock_tallies(&self) -> String {
        let table = self.table;
        format!(
            "SELECT FROM {table}_tally
             WHERE {table}_id IN (
                 SELECT id FROM import_{table}
                 UNION ALL
                 SELECT {table}_id FROM review WHERE id IN (SELECT review_id FROM import_changed_review)
             )
             ORDER BY {table}_id FOR UPDATE"
        )
    }
}

/// Executes a statement, and returns the number of affected rows.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<usize, sqlx::Error> {
    let result = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .persistent(false)
        .execute(connection)
        .await?;
    Ok(usize::try_from(result.rows_affected()).unwrap_or(usize::MAX))
}

/// Converts a count of the database.
pub fn to_count(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}
