//! The statements that find and insert owners by their names.

use super::Owner;

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
    pub(super) fn staged(self) -> &'static str {
        match self {
            Self::Exact => "name",
            Self::Folded => "name_folded",
        }
    }

    /// Returns the column of the table whose names are in the column `name`.
    pub(super) fn stored(self, name: &str) -> String {
        match self {
            Self::Exact => name.to_owned(),
            Self::Folded => format!("{name}_folded"),
        }
    }
}

/// Which years a title may mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Years {
    /// The year of the reference, or none.
    Same,
    /// Any year, if exactly one film has the title.
    Any,
    /// No year, if exactly one film has the title, and all references with the title have the same year.
    Unknown,
}

/// A step of the search for the owner of a reference.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) years: Years,
    pub(super) spelling: Spelling,
}

impl Step {
    /// Creates a step.
    pub(super) const fn new(years: Years, spelling: Spelling) -> Self {
        Self { years, spelling }
    }
}

/// Where the names of owners come from.
#[derive(Clone, Copy)]
pub(super) enum Names {
    /// The rows that describe owners. An owner may have another name in the database.
    Described,
    /// The database.
    Stored,
}

impl Owner {
    /// Returns the statements of a step, which resolve references by name if exactly one owner has it.
    pub(super) fn find_by_name(&self, step: Step, condition: &str) -> Vec<String> {
        if step.years == Years::Unknown {
            return vec![self.find_undated(step.spelling, condition)];
        }
        let names = [Names::Described, Names::Stored].into_iter();
        names
            .map(|names| self.find_by_name_of(names, step, condition))
            .collect()
    }

    fn find_by_name_of(&self, names: Names, step: Step, condition: &str) -> String {
        let Step { years, spelling } = step;
        let (table, name) = (self.table, spelling.staged());
        let (year, same_year) = if self.has_year && years == Years::Same {
            (", year", "AND owner.year IS NOT DISTINCT FROM staged.year")
        } else {
            ("", "")
        };
        let owners = match names {
            Names::Described => format!(
                "SELECT {name} AS name{year}, min(id) AS id, count(DISTINCT id) AS namesakes FROM import_{table}
                 WHERE declared AND id IS NOT NULL AND name IS NOT NULL
                 GROUP BY {name}{year}"
            ),
            Names::Stored => {
                let stored = spelling.stored(self.name);
                format!(
                    "SELECT {stored} AS name{year}, min(id) AS id, count(*) AS namesakes FROM {table}
                     WHERE {stored} IN (SELECT {name} FROM import_{table} WHERE id IS NULL AND slug IS NULL)
                     GROUP BY {stored}{year}"
                )
            }
        };
        // If several films without a year have the title, films with a year are further candidates.
        let is_open = match (names, spelling, years) {
            (Names::Stored, Spelling::Exact, Years::Any) => "true",
            _ => "staged.namesakes = 0",
        };
        format!(
            "UPDATE import_{table} AS staged
             SET id = CASE owner.namesakes WHEN 1 THEN owner.id END, namesakes = owner.namesakes
             FROM ({owners}) AS owner
             WHERE staged.id IS NULL AND {is_open} AND {condition} AND owner.name = staged.{name} {same_year}"
        )
    }

    /// Resolves references with a year to a film without one.
    fn find_undated(&self, spelling: Spelling, condition: &str) -> String {
        let (table, name, undated) = (self.table, spelling.staged(), self.undated(spelling));
        format!(
            "UPDATE import_{table} AS staged SET id = owner.id, namesakes = 1
             FROM ({undated}) AS owner
             WHERE staged.id IS NULL AND staged.namesakes = 0 AND {condition} AND owner.name = staged.{name}"
        )
    }

    /// Returns the query for the owners without a year that no other owner has the name of, if all references with this
    /// name have the same year. In which order the references are resolved does not matter to it.
    pub(super) fn undated(&self, spelling: Spelling) -> String {
        let (table, name) = (self.table, spelling.staged());
        let (stored, folded) = (
            spelling.stored(self.name),
            Spelling::Folded.stored(self.name),
        );
        format!(
            "SELECT {stored} AS name, min(id) AS id FROM {table}
             WHERE {stored} IN (SELECT {name} FROM import_{table} WHERE id IS NULL AND year IS NOT NULL)
                 AND {folded} IN (
                     SELECT name_folded FROM import_{table} WHERE year IS NOT NULL
                     GROUP BY name_folded HAVING count(DISTINCT year) = 1
                 )
             GROUP BY {stored} HAVING count(*) = 1 AND count(year) = 0"
        )
    }

    /// Inserts owners by name, with the first free one of the slugs "base", "base-2", "base-3" … If two names have the
    /// same free slug, one gets it, and the next round gives the other the next one.
    pub(super) fn add_by_name(&self, condition: &str) -> String {
        let table = self.table;
        let (columns, values) = (self.columns(), self.values());
        format!(
            "WITH missing AS (
                SELECT DISTINCT ON (identity) * FROM import_{table} AS staged
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
            WHERE staged.id IS NULL AND staged.namesakes = 0 AND staged.identity = candidate.identity"
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
