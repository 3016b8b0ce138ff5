//! The resolution of references by their external ids.
//!
//! References that share an id have the same `identity`, which [`Owner::join_references`] sets. Of the ids that a
//! description lists beside a name or a slug, only references with these ids are resolved: the description itself is
//! that of the name or slug, and an error if an id belongs to another owner.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::{
    GivenIds, IS_NAME, Owner, Stage,
    by_name::{Step, Years},
    execute, execute_query,
};

/// The key of an external id, of which the stager makes the identity of a reference.
const KEY: &str = "concat_ws(E'\\n', 'id', named.source, named.external_id)";

/// The condition that a description lists external ids.
const LISTS_IDS: &str = "staged.ref IN (SELECT ref FROM import_external_id)";

impl Owner {
    /// Returns which external ids the rows have.
    pub(super) async fn given_ids(
        &self,
        connection: &mut PgConnection,
    ) -> Result<GivenIds, sqlx::Error> {
        if !self.has_external_ids {
            return Ok(GivenIds {
                in_references: false,
                in_lists: false,
            });
        }
        let table = self.table;
        let sql = format!(
            "SELECT EXISTS (SELECT FROM import_{table} WHERE source IS NOT NULL),
                EXISTS (SELECT FROM import_external_id WHERE kind = '{table}')"
        );
        let (in_references, in_lists) = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_one(connection)
            .await?;
        Ok(GivenIds {
            in_references,
            in_lists,
        })
    }

    /// Gives the references that share an external id the same identity and, if any of them has a year, a year.
    pub(super) async fn join_references(
        &self,
        ids: &GivenIds,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        if ids.in_lists {
            let sql = self.join_identities();
            while execute(connection, &sql).await? > 0 {}
        }
        if self.has_year {
            execute(connection, &self.share_years()).await?;
        }
        Ok(())
    }

    /// Resolves references by external id, stored or given by the rows of resolved references.
    pub(super) async fn find_by_ids(
        &self,
        ids: &GivenIds,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        if ids.in_lists {
            execute(connection, &self.find_listed()).await?;
        }
        if ids.in_references {
            execute(connection, &self.find_by_external_id()).await?;
            self.analyze(connection).await?;
            execute(connection, &self.find_by_identity()).await?;
        }
        Ok(())
    }

    /// Resolves references with external ids, by id or by name, and inserts the owners of the others. It takes one source
    /// after the other, so that ids of several sources are those of one owner.
    pub(super) async fn find_or_add_by_ids(
        &self,
        stage: &Stage,
        ids: &GivenIds,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        self.find_by_ids(ids, connection).await?;
        if ids.in_lists {
            let condition = format!("{IS_NAME} AND {LISTS_IDS}");
            self.find_or_add_named(stage, &condition, connection)
                .await?;
            self.analyze(connection).await?;
            self.find_by_ids(ids, connection).await?;
        }
        if !ids.in_references {
            return Ok(());
        }
        let condition = format!("staged.source = $1 AND {}", stage.condition);
        for source in self.list_new_sources(stage, connection).await? {
            for step in stage.steps {
                let sql = self.find_by_new_external_id(*step, &condition);
                execute_for(&source, &sql, connection).await?;
            }
            let sql = self.add_by_name(&condition);
            while execute_for(&source, &sql, connection).await? > 0 {}
            self.analyze(connection).await?;
        }
        Ok(())
    }

    /// Returns the sources of unresolved references of a stage, in alphabetical order.
    async fn list_new_sources(
        &self,
        stage: &Stage,
        connection: &mut PgConnection,
    ) -> Result<Vec<String>, sqlx::Error> {
        let sql = format!(
            "SELECT DISTINCT source FROM import_{} AS staged
             WHERE source IS NOT NULL AND id IS NULL AND namesakes = 0 AND name IS NOT NULL AND {} ORDER BY source",
            self.table, stage.condition
        );
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(connection)
            .await
    }

    /// Returns the query for the external ids of references, each with the number and the identity of its reference.
    pub(super) fn ids_of_references(&self) -> String {
        let table = self.table;
        format!(
            "SELECT ref, identity, source, external_id FROM import_{table} WHERE source IS NOT NULL
             UNION ALL
             SELECT staged.ref, staged.identity, listed.source, listed.external_id
             FROM import_external_id AS listed JOIN import_{table} AS staged USING (ref)
             WHERE listed.kind = '{table}' AND staged.source IS NOT NULL"
        )
    }

    /// Gives each reference the smallest identity of those that share an id with it. The statement is repeated until
    /// nothing changes. An identity is the key of an id, so the references with this id are looked at as well: this
    /// doubles the reach of each round.
    fn join_identities(&self) -> String {
        let (table, ids) = (self.table, self.ids_of_references());
        format!(
            "UPDATE import_{table} AS staged SET identity = joined.identity
             FROM (
                 SELECT ref, min(smallest) AS identity
                 FROM (
                     SELECT ref, min(identity) OVER (PARTITION BY key) AS smallest
                     FROM (
                         SELECT ref, identity, {KEY} AS key FROM ({ids}) AS named
                         UNION ALL
                         SELECT ref, identity, identity FROM import_{table} WHERE source IS NOT NULL
                     ) AS keyed
                 ) AS reached
                 GROUP BY ref
             ) AS joined
             WHERE staged.ref = joined.ref AND joined.identity < staged.identity"
        )
    }

    /// Gives references without a year the year of another reference with the same identity, and the slug with this year.
    fn share_years(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE import_{table} AS staged SET year = dated.year, base_slug = dated.base_slug
             FROM (
                 SELECT DISTINCT ON (identity) identity, year, base_slug FROM import_{table}
                 WHERE source IS NOT NULL AND year IS NOT NULL AND name IS NOT NULL
                 ORDER BY identity, declared DESC, row_position
             ) AS dated
             WHERE staged.identity = dated.identity AND staged.source IS NOT NULL AND staged.slug IS NULL
                 AND staged.name IS NOT NULL AND staged.year IS NULL"
        )
    }

    /// Resolves descriptions by name of which a listed id is that of an owner with this name.
    fn find_listed(&self) -> String {
        let (table, name, known) = (self.table, self.name, self.known_ids());
        let same_year = if self.has_year {
            "AND (owner.year = staged.year OR owner.year IS NULL OR staged.year IS NULL)"
        } else {
            ""
        };
        format!(
            "UPDATE import_{table} AS staged SET id = found.id, namesakes = 1
             FROM (
                 SELECT staged.ref, min(owner.id) AS id
                 FROM import_external_id AS listed
                 JOIN import_{table} AS staged USING (ref)
                 JOIN ({known}) AS known
                     ON known.source = listed.source AND known.external_id = listed.external_id
                 JOIN {table} AS owner ON owner.id = known.id AND owner.{name}_folded = staged.name_folded {same_year}
                 WHERE listed.kind = '{table}' AND staged.id IS NULL AND staged.source IS NULL AND staged.slug IS NULL
                 GROUP BY staged.ref HAVING count(DISTINCT owner.id) = 1
             ) AS found
             WHERE staged.ref = found.ref"
        )
    }

    /// Resolves references by their own external ids. Ids of several owners make a reference ambiguous.
    fn find_by_external_id(&self) -> String {
        let (table, ids, known) = (self.table, self.ids_of_references(), self.known_ids());
        format!(
            "UPDATE import_{table} AS staged
             SET id = CASE found.owners WHEN 1 THEN found.id END, namesakes = found.owners
             FROM (
                 SELECT named.ref, min(known.id) AS id, count(DISTINCT known.id) AS owners
                 FROM ({ids}) AS named JOIN ({known}) AS known USING (source, external_id)
                 WHERE named.ref IN (SELECT ref FROM import_{table} WHERE id IS NULL AND namesakes = 0)
                 GROUP BY named.ref
             ) AS found
             WHERE staged.ref = found.ref"
        )
    }

    /// Resolves references by the external ids of references with the same identity.
    fn find_by_identity(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE import_{table} AS staged
             SET id = CASE found.owners WHEN 1 THEN found.id END, namesakes = found.owners
             FROM (
                 SELECT identity, min(id) AS id, count(DISTINCT id) AS owners FROM import_{table}
                 WHERE source IS NOT NULL AND id IS NOT NULL GROUP BY identity
             ) AS found
             WHERE staged.identity = found.identity AND staged.id IS NULL AND staged.namesakes = 0"
        )
    }

    /// Returns the query for all external ids that are known: the stored ones, and those of resolved references.
    fn known_ids(&self) -> String {
        let (table, given) = (self.table, self.external_ids());
        format!(
            "SELECT source, external_id, {table}_id AS id FROM {table}_external_id
             UNION ALL SELECT source, external_id, id FROM ({given}) AS given"
        )
    }

    /// Resolves references with a new external id to an existing owner with the same name. The owner must be the only one
    /// with that name that has no id of these sources, and the reference the only one of its source with that name.
    /// Without a year, the owner must be the only one with that name in any year.
    fn find_by_new_external_id(&self, step: Step, condition: &str) -> String {
        let Step { years, spelling } = step;
        let (table, ids) = (self.table, self.ids_of_references());
        let (name, stored) = (spelling.staged(), spelling.stored(self.name));
        let same_year = match years {
            Years::Same if self.has_year => {
                "AND owner.year IS NOT DISTINCT FROM staged.year".to_owned()
            }
            Years::Same | Years::Any => String::new(),
            Years::Unknown => {
                let undated = self.undated(spelling);
                format!("AND owner.id IN (SELECT id FROM ({undated}) AS undated)")
            }
        };
        let is_only_one = match years {
            Years::Same => "true",
            Years::Any | Years::Unknown => "owners = 1",
        };
        format!(
            "WITH pair AS MATERIALIZED (
                 SELECT identity, id, count(*) OVER (PARTITION BY identity) AS owners
                 FROM (
                     SELECT DISTINCT staged.identity, owner.id
                     FROM import_{table} AS staged JOIN {table} AS owner ON owner.{stored} = staged.{name} {same_year}
                     WHERE staged.id IS NULL AND staged.namesakes = 0 AND {condition}
                 ) AS alike
             ), taken AS (
                 SELECT {table}_id AS owner_id, source FROM {table}_external_id WHERE {table}_id IN (SELECT id FROM pair)
                 UNION
                 SELECT id, source FROM ({given}) AS given WHERE id IN (SELECT id FROM pair)
             ), free AS (
                 SELECT pair.identity, pair.id, count(*) OVER (PARTITION BY pair.id) AS claims
                 FROM pair
                 JOIN (SELECT DISTINCT identity, source FROM ({ids}) AS named) AS own USING (identity)
                 LEFT JOIN taken ON taken.owner_id = pair.id AND taken.source = own.source
                 WHERE {is_only_one}
                 GROUP BY pair.identity, pair.id HAVING count(taken.owner_id) = 0
             )
             UPDATE import_{table} AS staged SET id = adopted.id, namesakes = 1
             FROM (
                 SELECT identity, min(id) AS id FROM free
                 GROUP BY identity HAVING count(*) = 1 AND min(claims) = 1
             ) AS adopted
             WHERE staged.identity = adopted.identity AND staged.id IS NULL AND staged.namesakes = 0",
            given = self.external_ids()
        )
    }

    /// Inserts the external ids of resolved references.
    pub(super) fn add_external_ids(&self) -> String {
        let (table, given) = (self.table, self.external_ids());
        format!(
            "INSERT INTO {table}_external_id (source, external_id, {table}_id)
             SELECT source, external_id, min(id) FROM ({given}) AS given
             GROUP BY source, external_id ON CONFLICT (source, external_id) DO NOTHING"
        )
    }

    /// Rejects rows with an external id that belongs to another owner.
    pub(super) fn reject_conflicting_ids(&self) -> String {
        let (table, given) = (self.table, self.external_ids());
        format!(
            "INSERT INTO import_rejected (row_position, column_name, reason)
             SELECT given.row_position, 'external_ids', format('%s:%s is the id of another {table}, %s', given.source, given.external_id, owner.slug)
             FROM ({given}) AS given
             JOIN {table}_external_id AS known USING (source, external_id)
             JOIN {table} AS owner ON owner.id = known.{table}_id
             WHERE known.{table}_id <> given.id"
        )
    }

    /// Returns the query for the external ids of resolved references.
    fn external_ids(&self) -> String {
        let table = self.table;
        format!(
            "SELECT source, external_id, id, row_position FROM import_{table} WHERE source IS NOT NULL AND id IS NOT NULL
             UNION ALL
             SELECT listed.source, listed.external_id, staged.id, staged.row_position
             FROM import_external_id AS listed JOIN import_{table} AS staged USING (ref)
             WHERE listed.kind = '{table}' AND staged.id IS NOT NULL"
        )
    }
}

/// Executes a statement with a source as its parameter, and returns the number of affected rows.
async fn execute_for(
    source: &str,
    sql: &str,
    connection: &mut PgConnection,
) -> Result<usize, sqlx::Error> {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(source);
    execute_query(query.persistent(false), connection).await
}
