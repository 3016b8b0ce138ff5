//! The statements that find, insert, update and reject owners.

use super::{super::staging::reject_duplicates_sql, IS_FROM_THIS_TRANSACTION, Owner};

/// How names are compared.
#[derive(Clone, Copy)]
pub(super) enum Spelling {
    /// As they are.
    Exact,
    /// With their case folded.
    Folded,
}

impl Spelling {
    /// Returns the column of the staging table.
    fn staged(self) -> &'static str {
        match self {
            Self::Exact => "name",
            Self::Folded => "name_folded",
        }
    }

    /// Returns the column of the table whose names are in the column `name`.
    fn stored(self, name: &str) -> String {
        match self {
            Self::Exact => name.to_owned(),
            Self::Folded => format!("{name}_folded"),
        }
    }
}

impl Owner {
    /// Resolves references by external id.
    pub(super) fn find_by_external_id(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE import_{table} AS staged SET id = known.{table}_id FROM {table}_external_id AS known
             WHERE known.source = staged.source AND known.external_id = staged.external_id"
        )
    }

    /// Resolves references by slug.
    pub(super) fn find_by_slug(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE import_{table} AS staged SET id = owner.id FROM {table} AS owner
             WHERE staged.id IS NULL AND owner.slug = staged.slug"
        )
    }

    /// Inserts owners with a slug and a name. Of several rows for the same slug, one that describes the owner takes
    /// precedence.
    pub(super) fn add_by_slug(&self) -> String {
        let table = self.table;
        let (columns, values) = (self.columns(), self.values());
        format!(
            "WITH added AS (
                INSERT INTO {table} (slug, {columns})
                SELECT slug, {values} FROM (
                    SELECT DISTINCT ON (slug) * FROM import_{table}
                    WHERE id IS NULL AND slug IS NOT NULL AND name IS NOT NULL
                    ORDER BY slug, declared DESC, row_position
                ) AS missing
                ORDER BY row_position, ref
                RETURNING id, slug
            )
            UPDATE import_{table} AS staged SET id = added.id, is_new = true
            FROM added WHERE staged.id IS NULL AND staged.slug = added.slug"
        )
    }

    /// Resolves references by the name that the file gives a described owner, even if the database has another name for
    /// it.
    pub(super) fn find_by_described_name(&self, spelling: Spelling) -> String {
        let (table, name) = (self.table, spelling.staged());
        let (year, same_year) = if self.has_year {
            (
                ", year",
                "AND described.year IS NOT DISTINCT FROM staged.year",
            )
        } else {
            ("", "")
        };
        format!(
            "UPDATE import_{table} AS staged
             SET id = CASE described.namesakes WHEN 1 THEN described.id END, namesakes = described.namesakes
             FROM (
                 SELECT {name}{year}, min(id) AS id, count(DISTINCT id) AS namesakes FROM import_{table}
                 WHERE declared AND id IS NOT NULL AND name IS NOT NULL
                 GROUP BY {name}{year}
             ) AS described
             WHERE staged.id IS NULL AND staged.slug IS NULL AND staged.source IS NULL AND staged.namesakes = 0
                 AND described.{name} = staged.{name} {same_year}"
        )
    }

    /// Locks described owners against changes, and mentioned ones against deletion.
    pub(super) fn lock(&self) -> [String; 2] {
        let (table, mention_lock) = (self.table, self.mention_lock);
        let lock = |declared: &str, strength: &str| {
            format!(
                "SELECT FROM {table} WHERE id IN (SELECT id FROM import_{table} WHERE {declared} AND NOT is_new)
                 ORDER BY id FOR {strength}"
            )
        };
        [
            lock("declared", "NO KEY UPDATE"),
            lock("NOT declared", mention_lock),
        ]
    }

    /// Resets references to owners that were deleted meanwhile.
    pub(super) fn reset_deleted(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE import_{table} AS staged SET id = NULL, namesakes = 0
             WHERE id IS NOT NULL AND NOT EXISTS (SELECT FROM {table} WHERE {table}.id = staged.id)"
        )
    }

    /// Resolves references by name, if exactly one owner has it.
    pub(super) fn find_by_name(&self, spelling: Spelling, condition: &str) -> String {
        let table = self.table;
        let (name, stored) = (spelling.staged(), spelling.stored(self.name));
        let (year, same_year) = if self.has_year {
            (", year", "AND owner.year IS NOT DISTINCT FROM staged.year")
        } else {
            ("", "")
        };
        format!(
            "UPDATE import_{table} AS staged
             SET id = CASE owner.namesakes WHEN 1 THEN owner.id END, namesakes = owner.namesakes
             FROM (
                 SELECT {stored}{year}, min(id) AS id, count(*) AS namesakes FROM {table}
                 WHERE {stored} IN (SELECT {name} FROM import_{table} WHERE id IS NULL AND slug IS NULL AND namesakes = 0)
                 GROUP BY {stored}{year}
             ) AS owner
             WHERE staged.id IS NULL AND staged.slug IS NULL AND staged.namesakes = 0 AND {condition}
                 AND owner.{stored} = staged.{name} {same_year}"
        )
    }

    /// Resolves references without a year by title, if exactly one film has it.
    pub(super) fn find_by_title_alone(&self, spelling: Spelling) -> String {
        let table = self.table;
        let (name, stored) = (spelling.staged(), spelling.stored(self.name));
        // Several films without a year have the title as well, so that the exact title stays ambiguous.
        let condition = match spelling {
            Spelling::Exact => "true",
            Spelling::Folded => "staged.namesakes = 0",
        };
        format!(
            "UPDATE import_{table} AS staged
             SET id = CASE owner.namesakes WHEN 1 THEN owner.id END, namesakes = owner.namesakes
             FROM (
                 SELECT {stored}, min(id) AS id, count(*) AS namesakes FROM {table}
                 WHERE {stored} IN (SELECT {name} FROM import_{table} WHERE id IS NULL AND slug IS NULL)
                 GROUP BY {stored}
             ) AS owner
             WHERE staged.id IS NULL AND staged.slug IS NULL AND staged.year IS NULL AND staged.source IS NULL AND {condition}
                 AND owner.{stored} = staged.{name}"
        )
    }

    /// Resolves references with a new external id to an existing owner with the same name. The owner must be the only
    /// one with that name that has no id of this source, and the reference the only one with that name in the file.
    pub(super) fn find_by_new_external_id(&self, spelling: Spelling) -> String {
        let table = self.table;
        let (name, stored) = (spelling.staged(), spelling.stored(self.name));
        let (year, same_year) = if self.has_year {
            (", year", "AND owner.year IS NOT DISTINCT FROM missing.year")
        } else {
            ("", "")
        };
        format!(
            "UPDATE import_{table} AS staged SET id = adopted.id
             FROM (
                 SELECT missing.identity, min(owner.id) AS id
                 FROM (
                     SELECT source, {name}{year}, min(identity) AS identity FROM import_{table}
                     WHERE source IS NOT NULL
                     GROUP BY source, {name}{year}
                     HAVING count(DISTINCT identity) = 1 AND bool_and(id IS NULL)
                 ) AS missing
                 JOIN {table} AS owner ON owner.{stored} = missing.{name} {same_year}
                 WHERE NOT EXISTS (
                     SELECT FROM {table}_external_id AS known
                     WHERE known.{table}_id = owner.id AND known.source = missing.source
                 )
                 GROUP BY missing.identity HAVING count(*) = 1
             ) AS adopted
             WHERE staged.identity = adopted.identity AND staged.id IS NULL"
        )
    }

    /// Inserts owners by name, with the first free one of the slugs "base", "base-2", "base-3" … If two names have the
    /// same free slug, one gets it, and the next round gives the other the next one.
    pub(super) fn add_by_name(&self, condition: &str) -> String {
        let table = self.table;
        let (columns, values) = (self.columns(), self.values());
        format!(
            "WITH missing AS (
                SELECT DISTINCT ON (identity) * FROM import_{table}
                WHERE id IS NULL AND slug IS NULL AND name IS NOT NULL AND namesakes = 0 AND {condition}
                ORDER BY identity, declared DESC, row_position
            ), numbered AS (
                SELECT *, row_number() OVER (PARTITION BY base_slug ORDER BY row_position, ref) AS number FROM missing
            ), base AS (
                SELECT base_slug, count(*) AS names FROM missing GROUP BY base_slug
            ), free AS (
                SELECT base_slug, candidate_slug.slug AS free_slug, row_number() OVER (PARTITION BY base_slug ORDER BY suffix) AS number
                FROM base
                CROSS JOIN LATERAL generate_series(1, base.names + (
                    SELECT count(*) FROM {table}
                    WHERE slug = base_slug OR (slug >= base_slug || '-' AND slug < base_slug || '.')
                )) AS suffix
                CROSS JOIN LATERAL (
                    SELECT base_slug || CASE suffix WHEN 1 THEN '' ELSE '-' || suffix END AS slug
                ) AS candidate_slug
                WHERE NOT EXISTS (SELECT FROM {table} WHERE {table}.slug = candidate_slug.slug)
            ), candidate AS MATERIALIZED (
                SELECT DISTINCT ON (free_slug) *
                FROM numbered JOIN free USING (base_slug, number)
                ORDER BY free_slug, row_position
            ), added AS (
                INSERT INTO {table} (slug, {columns})
                SELECT free_slug, {values} FROM candidate ORDER BY row_position, ref
                RETURNING id, slug
            )
            UPDATE import_{table} AS staged SET id = added.id, is_new = true
            FROM added JOIN candidate ON candidate.free_slug = added.slug
            WHERE staged.id IS NULL AND staged.identity = candidate.identity"
        )
    }

    /// Rejects all but the first of the rows that describe the same owner.
    pub(super) fn reject_duplicates(&self) -> String {
        let table = self.table;
        let rows = format!(
            "SELECT row_position, min(row_position) OVER (PARTITION BY id) AS first FROM import_{table} WHERE declared AND id IS NOT NULL"
        );
        reject_duplicates_sql(&rows, table, &format!("this {table} is already described"))
    }

    /// Inserts the external ids of the file.
    pub(super) fn add_external_ids(&self) -> String {
        let table = self.table;
        format!(
            "INSERT INTO {table}_external_id (source, external_id, {table}_id)
             SELECT source, external_id, min(id) FROM ({}) AS named
             GROUP BY source, external_id ON CONFLICT (source, external_id) DO NOTHING",
            self.external_ids()
        )
    }

    /// Rejects rows with an external id that belongs to another owner.
    pub(super) fn reject_conflicting_ids(&self) -> String {
        let table = self.table;
        format!(
            "INSERT INTO import_rejected (row_position, column_name, reason)
             SELECT named.row_position, 'external_ids', format('%s:%s is the id of another {table}, %s', named.source, named.external_id, owner.slug)
             FROM ({}) AS named
             JOIN {table}_external_id AS known USING (source, external_id)
             JOIN {table} AS owner ON owner.id = known.{table}_id
             WHERE known.{table}_id <> named.id",
            self.external_ids()
        )
    }

    /// Returns the query for the external ids of resolved references.
    pub(super) fn external_ids(&self) -> String {
        let table = self.table;
        format!(
            "SELECT source, external_id, id, row_position FROM import_{table} WHERE source IS NOT NULL AND id IS NOT NULL
             UNION ALL
             SELECT listed.source, listed.external_id, staged.id, staged.row_position
             FROM import_external_id AS listed JOIN import_{table} AS staged USING (ref)
             WHERE listed.kind = '{table}' AND staged.id IS NOT NULL"
        )
    }

    /// Updates the given columns of described owners, if they differ or an external id is new.
    pub(super) fn update(&self, columns: &[&'static str]) -> String {
        let table = self.table;
        let mut pairs = Vec::new();
        for column in columns {
            let value = match self.attributes.iter().find(|(name, _)| name == column) {
                Some((_, default)) => format!("coalesce(staged.{column}, {default})"),
                // A row that was found by its name may differ in case, and doesn't rename the owner.
                None if *column == self.name => format!(
                    "CASE WHEN staged.slug IS NULL AND staged.source IS NULL THEN owner.{column} ELSE coalesce(staged.name, owner.{column}) END"
                ),
                // A row that references its film only by slug has no year.
                None => format!("coalesce(staged.{column}, owner.{column})"),
            };
            pairs.push((column, value));
        }
        let list = |item: &dyn Fn(&str, &str) -> String| -> String {
            let items = pairs.iter().map(|(column, value)| item(column, value));
            items.collect::<Vec<_>>().concat()
        };
        let mut set = list(&|column, value| format!("{column} = {value}, "));
        if self.has_external_ids {
            // They have a table of their own. Writing the version makes the trigger increment it.
            set.push_str("version = owner.version + 1, ");
        }
        // PostgreSQL can't compare default rows, so both start with a constant.
        let old = list(&|column, _| format!(", owner.{column}"));
        let new = list(&|_, value| format!(", {value}"));
        let has_new_external_id = if self.has_external_ids {
            format!(
                "OR EXISTS (SELECT FROM {table}_external_id AS known WHERE known.{table}_id = owner.id AND {IS_FROM_THIS_TRANSACTION})"
            )
        } else {
            String::new()
        };
        format!(
            "UPDATE {table} AS owner SET {set}updated_at = now()
             FROM import_{table} AS staged
             WHERE staged.declared AND NOT staged.is_new AND staged.id = owner.id
                 AND ((true{old}) IS DISTINCT FROM (true{new}) {has_new_external_id})
                 AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)"
        )
    }

    /// Returns the columns of an inserted owner, without its slug.
    pub(super) fn columns(&self) -> String {
        let mut columns = vec![self.name];
        if self.has_year {
            columns.push("year");
        }
        columns.extend(self.attributes.iter().map(|(column, _)| column));
        columns.join(", ")
    }

    /// Returns the values of [`Self::columns`] from the staging table.
    pub(super) fn values(&self) -> String {
        let mut values = vec!["name".to_owned()];
        if self.has_year {
            values.push("year".to_owned());
        }
        values.extend(
            self.attributes
                .iter()
                .map(|(column, default)| format!("coalesce({column}, {default})")),
        );
        values.join(", ")
    }
}
