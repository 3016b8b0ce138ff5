//! The rejection of references that could not be resolved.

use super::Owner;

/// The maximum number of slugs that a rejection lists.
const MAX_LISTED_SLUGS: usize = 5;

impl Owner {
    /// Rejects rows with unresolved references.
    pub(super) fn reject_unresolved(&self) -> String {
        let (table, name) = (self.table, self.name);
        // Films of one year are not told apart by it.
        let hint = if self.has_year {
            "CASE WHEN years > 1 THEN 'film_year or film_slug' ELSE 'film_slug' END"
        } else {
            "'its slug'"
        };
        format!(
            "INSERT INTO import_rejected (row_position, column_name, reason)
             SELECT row.row_position, '{table}', CASE
                 WHEN owners_of_ids IS NOT NULL THEN format('the ids of this {table} are those of %s {table}s: %s', namesakes, owners_of_ids)
                 WHEN slug IS NOT NULL THEN format('no {table} has the slug %L, and no row gives its {name}', slug)
                 WHEN namesakes > 1 THEN format('%s {table}s have the {name} %L: choose one by %s%s', namesakes, name, {hint}, candidates)
                 ELSE format('no {table} has the id %L', external_id)
             END
             FROM ({unresolved}) AS staged
             JOIN ({rows}) AS row (row_position, ref) USING (ref)",
            rows = self.rows_of_references(),
            unresolved = self.unresolved(),
        )
    }

    /// Returns the query for the unresolved references, with a list of the slugs of the owners that an ambiguous name may
    /// mean, and one of the owners that ambiguous external ids belong to.
    fn unresolved(&self) -> String {
        let (table, name) = (self.table, self.name);
        let owners_of_ids = if self.has_external_ids {
            self.owners_of_ids()
        } else {
            "NULL::text".to_owned()
        };
        let same_year = if self.has_year {
            "AND (import.year IS NULL OR owner.year = import.year)"
        } else {
            ""
        };
        let years = if self.has_year {
            format!(
                "SELECT count(DISTINCT coalesce(owner.year, 0)) FROM {table} AS owner
                 WHERE owner.{name}_folded = import.name_folded {same_year}"
            )
        } else {
            "NULL".to_owned()
        };
        format!(
            "SELECT ref, slug, name, external_id, namesakes, CASE WHEN namesakes > 1 THEN ({years}) END AS years,
             CASE WHEN namesakes > 1 THEN (
                 SELECT coalesce(format(' (%s)', string_agg(CASE number WHEN {MAX_LISTED_SLUGS} + 1 THEN '…' ELSE listed.slug END, ', ' ORDER BY number)), '')
                 FROM (
                     SELECT owner.slug, row_number() OVER (ORDER BY owner.{name} <> import.name, owner.id) AS number
                     FROM {table} AS owner WHERE owner.{name}_folded = import.name_folded {same_year}
                     ORDER BY number LIMIT {MAX_LISTED_SLUGS} + 1
                 ) AS listed
                 WHERE number <= namesakes
             ) END AS candidates,
             CASE WHEN namesakes > 1 AND source IS NOT NULL THEN ({owners_of_ids}) END AS owners_of_ids
             FROM import_{table} AS import WHERE id IS NULL"
        )
    }

    /// Returns the query for the owners of the external ids of a reference in `import`, or of those of the references that
    /// share an id with it.
    fn owners_of_ids(&self) -> String {
        let (table, ids) = (self.table, self.ids_of_references());
        format!(
            "SELECT string_agg(DISTINCT format('%s:%s of %s', source, external_id, owner.slug), ', ')
             FROM ({ids}) AS named
             JOIN {table}_external_id AS known USING (source, external_id)
             JOIN {table} AS owner ON owner.id = known.{table}_id
             WHERE named.identity = import.identity"
        )
    }
}
