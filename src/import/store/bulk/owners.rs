//! The owners of reviews: films, critics and publications. The import finds the owners that rows reference, inserts
//! those that don't exist, and updates those that the files describe.
//!
//! A reference is resolved by its external ids, by its slug, or by its name in the steps of [`FILM_STAGES`] or
//! [`NAMED_STAGES`]. An ambiguous name is rejected. The result doesn't depend on the order of the rows: owners with ids
//! are inserted before names without an id are looked up, and films with a year before titles without one.

mod by_id;
mod by_name;
mod descriptions;
mod folded_names;
mod rejected;
mod similar_names;
mod statements;
mod unresolved;

use sea_orm::sqlx::{
    self, AssertSqlSafe, PgConnection, Postgres, postgres::PgArguments, query::Query,
};

use self::by_name::{Spelling, Step, Years};
use super::file_columns::FileColumns;
use crate::{
    global_id::Kind,
    import::{Changes, rows::TableColumns},
};

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
        ("countries", "'{}'"),
        ("cast_members", "'{}'"),
        ("alternative_titles", "'{}'"),
        ("poster_url", "NULL"),
        ("poster_width", "NULL"),
        ("poster_height", "NULL"),
        ("poster_alt", "NULL"),
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

/// The condition that a reference has neither an external id nor a slug.
const IS_NAME: &str = "staged.source IS NULL AND staged.slug IS NULL";

/// The condition that this transaction inserted an external id. It holds because the transaction has no savepoints.
const IS_FROM_THIS_TRANSACTION: &str = "known.xmin = pg_current_xact_id()::xid";

/// References that are resolved together.
struct Stage {
    /// The condition for them.
    condition: &'static str,
    /// The steps that find their owners by name. A reference without an owner after them is that of a new one.
    steps: &'static [Step],
}

/// The stages of films. A title without a year may be that of a film with a year, which has to exist before. A film
/// without a year may be the one of a title with a year, which it gets then.
const FILM_STAGES: [Stage; 2] = [
    Stage {
        condition: "staged.year IS NOT NULL",
        steps: &[
            Step::new(Years::Same, Spelling::Exact),
            Step::new(Years::Same, Spelling::Folded),
            Step::new(Years::Unknown, Spelling::Exact),
            Step::new(Years::Unknown, Spelling::Folded),
        ],
    },
    Stage {
        condition: "staged.year IS NULL",
        steps: &[
            Step::new(Years::Same, Spelling::Exact),
            Step::new(Years::Any, Spelling::Exact),
            Step::new(Years::Same, Spelling::Folded),
            Step::new(Years::Any, Spelling::Folded),
        ],
    },
];

/// The only stage of critics and publications.
const NAMED_STAGES: [Stage; 1] = [Stage {
    condition: "true",
    steps: &[
        Step::new(Years::Same, Spelling::Exact),
        Step::new(Years::Same, Spelling::Folded),
    ],
}];

/// The external ids that the rows of an import have.
struct GivenIds {
    /// Whether references have any.
    in_references: bool,
    /// Whether descriptions list any.
    in_lists: bool,
}

impl Owner {
    /// Finds or inserts the owners that rows reference, and locks them. Rejects rows with unresolved references.
    pub async fn resolve(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.analyze(connection).await?;
        let ids = self.given_ids(connection).await?;
        if ids.in_references {
            self.join_references(&ids, connection).await?;
        }
        loop {
            self.find_or_add(&ids, connection).await?;
            for sql in self.lock() {
                execute(connection, &sql).await?;
            }
            // Another transaction may have deleted an owner before it was locked.
            if execute(connection, &self.reset_deleted()).await? == 0 {
                break;
            }
        }
        if self.has_external_ids {
            execute(connection, &self.add_external_ids()).await?;
        }
        execute(connection, &self.reject_unresolved()).await?;
        execute(connection, &self.reject_duplicates()).await?;
        if self.has_external_ids {
            execute(connection, &self.reject_conflicting_ids()).await?;
        }
        Ok(())
    }

    async fn find_or_add(
        &self,
        ids: &GivenIds,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        self.find_by_ids(ids, connection).await?;
        execute(connection, &self.find_by_slug()).await?;
        execute(connection, &self.add_by_slug()).await?;
        self.analyze(connection).await?;
        for stage in self.stages() {
            self.find_or_add_by_ids(stage, ids, connection).await?;
            self.find_or_add_named(stage, IS_NAME, connection).await?;
        }
        self.analyze(connection).await?;
        execute(connection, &self.mark_new()).await.map(drop)
    }

    /// Updates the planner's statistics of the staging table. With those from before the references were resolved, it
    /// would expect no row with an id, and compare each row with all others.
    async fn analyze(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        execute(connection, &format!("ANALYZE import_{}", self.table))
            .await
            .map(drop)
    }

    const fn stages(&self) -> &'static [Stage] {
        if self.has_year {
            &FILM_STAGES
        } else {
            &NAMED_STAGES
        }
    }

    /// Resolves references by name, and inserts the owners of the others.
    async fn find_or_add_named(
        &self,
        stage: &Stage,
        condition: &str,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        let condition = format!("{condition} AND {}", stage.condition);
        if !self.has_unresolved(&condition, connection).await? {
            return Ok(());
        }
        for step in stage.steps {
            for sql in self.find_by_name(*step, &condition) {
                execute(connection, &sql).await?;
            }
        }
        // If two names have the same slug, one gets it, and the next round gives the other a slug with a number.
        let sql = self.add_by_name(&condition);
        while execute(connection, &sql).await? > 0 {}
        Ok(())
    }

    /// Returns whether references of a condition are unresolved, so that statements for large tables can be spared.
    async fn has_unresolved(
        &self,
        condition: &str,
        connection: &mut PgConnection,
    ) -> Result<bool, sqlx::Error> {
        let sql = format!(
            "SELECT EXISTS (SELECT FROM import_{} AS staged WHERE id IS NULL AND {condition})",
            self.table
        );
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(connection)
            .await
    }

    /// Updates the owners that the files describe, or give external ids to. Returns the number of changed owners.
    pub async fn update_described(
        &self,
        columns: &FileColumns<'_>,
        connection: &mut PgConnection,
    ) -> Result<usize, sqlx::Error> {
        self.complete_descriptions(connection).await?;
        execute(connection, &self.update_new()).await?;
        let columns = columns.of(self.provided_columns);
        let mut changed = 0;
        if !columns.is_empty() {
            changed += execute(connection, &self.update(&columns)).await?;
        }
        if self.has_year {
            changed += self.date(connection).await?;
        }
        if self.has_external_ids {
            changed += execute(connection, &self.count_versions()).await?;
        }
        Ok(changed)
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

/// Returns the kind of the owners in a table.
pub fn kind_of(table: &str) -> Kind {
    match table {
        "film" => Kind::Film,
        "critic" => Kind::Critic,
        _ => Kind::Publication,
    }
}

/// Executes a statement, and returns the number of affected rows.
pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<usize, sqlx::Error> {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    execute_query(query.persistent(false), connection).await
}

/// Executes a statement with its parameters, and returns the number of affected rows.
pub async fn execute_query(
    query: Query<'_, Postgres, PgArguments>,
    connection: &mut PgConnection,
) -> Result<usize, sqlx::Error> {
    let result = query.execute(connection).await?;
    Ok(usize::try_from(result.rows_affected()).unwrap_or(usize::MAX))
}

/// Converts a count of the database.
pub fn to_count(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}
