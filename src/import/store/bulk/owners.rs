//! Films, critics and publications: finding those that rows name, adding those that aren't there, and mending what the file describes.
//!
//! What a row means is decided in this order: by the name that a source has for it, by its slug, by its own name (a film's is its title
//! and year). Nothing is guessed: a name that several have is refused.

mod rejected;
mod statements;

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use crate::import::{Changes, rows::Given};

/// A kind of what reviews belong to.
pub struct Owner {
    /// Its table.
    table: &'static str,
    /// The column of its name.
    name: &'static str,
    /// What tells namesakes apart, if anything does.
    has_year: bool,
    /// Whether sources have names of their own for it.
    has_external_ids: bool,
    /// Its other columns, each with what an empty one holds.
    attributes: &'static [(&'static str, &'static str)],
    /// How it is locked when rows only mention it: a review needs it to stay, and of a publication also its weight.
    mention_lock: &'static str,
    /// Which of its columns a file speaks of.
    given: fn(&Given) -> &[&'static str],
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
    given: |given| &given.film,
};

const CRITIC: Owner = Owner {
    table: "critic",
    name: "name",
    has_year: false,
    has_external_ids: true,
    attributes: &[("url", "NULL")],
    mention_lock: "KEY SHARE",
    given: |given| &given.critic,
};

const PUBLICATION: Owner = Owner {
    table: "publication",
    name: "name",
    has_year: false,
    has_external_ids: false,
    attributes: &[("url", "NULL"), ("weight", "100")],
    mention_lock: "SHARE",
    given: |given| &given.publication,
};

/// That a name at a source was stored by this very transaction, which has no savepoints.
const IS_OURS: &str = "known.xmin = pg_current_xact_id()::xid";

impl Owner {
    /// Finds or adds whatever rows name, and locks it. Rows that can't be told are rejected.
    pub async fn resolve(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        run(connection, &format!("ANALYZE import_{}", self.table)).await?;
        loop {
            self.find_or_add(connection).await?;
            for sql in self.lock() {
                run(connection, &sql).await?;
            }
            // Somebody may have deleted what was found before it was locked.
            if run(connection, &self.forget_deleted()).await? == 0 {
                break;
            }
        }
        run(connection, &self.reject_unknown()).await?;
        run(connection, &self.reject_twice()).await?;
        if self.has_external_ids {
            run(connection, &self.add_external_ids()).await?;
            run(connection, &self.reject_foreign_ids()).await?;
        }
        Ok(())
    }

    async fn find_or_add(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.has_external_ids {
            run(connection, &self.find_by_external_id()).await?;
        }
        run(connection, &self.find_by_slug()).await?;
        run(connection, &self.add_by_slug()).await?;
        run(connection, &self.find_by_described_name()).await?;
        run(connection, &self.find_by_name("staged.source IS NULL")).await?;
        if self.has_external_ids {
            run(connection, &self.adopt()).await?;
        }
        if self.has_year {
            let told_apart = "(year IS NOT NULL OR source IS NOT NULL)";
            self.add_named(told_apart, connection).await?;
            run(connection, &self.find_by_title_alone()).await?;
        }
        self.add_named("true", connection).await
    }

    /// Two names may want one slug: then one of them gets it, and the other its own in the next round.
    async fn add_named(
        &self,
        which: &str,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let sql = self.add_by_name(which);
        while run(connection, &sql).await? > 0 {}
        Ok(())
    }

    /// Makes what the file describes be as it says. Tells how many it changed.
    pub async fn mend(
        &self,
        given: &Given,
        connection: &mut PgConnection,
    ) -> Result<usize, sqlx::Error> {
        let columns = (self.given)(given);
        if columns.is_empty() && !self.has_external_ids {
            return Ok(0);
        }
        run(connection, &self.update(columns)).await
    }

    /// What became of everything that rows name, of which so many were changed.
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

    /// Locks the tallies of what rows name, and of what the reviews belong to that will change.
    pub fn lock_tallies(&self) -> String {
        let table = self.table;
        format!(
            "SELECT FROM {table}_tally
             WHERE {table}_id IN (
                 SELECT id FROM import_{table}
                 UNION ALL
                 SELECT {table}_id FROM review WHERE id IN (SELECT review_id FROM import_touched)
             )
             ORDER BY {table}_id FOR UPDATE"
        )
    }
}

/// Runs one statement and tells how many rows it touched.
pub async fn run(connection: &mut PgConnection, sql: &str) -> Result<usize, sqlx::Error> {
    let done = sqlx::query(AssertSqlSafe(sql.to_owned()))
        .persistent(false)
        .execute(connection)
        .await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
}

/// A count as the database tells it.
pub fn to_count(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}
