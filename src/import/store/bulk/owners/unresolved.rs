//! The rejection of references that could not be resolved.

use super::Owner;

/// The maximum number of slugs that a rejection lists.
const MAX_LISTED_SLUGS: usize = 5;

impl Owner {
    /// Rejects rows with unresolved references.
    pub(super) fn reject_unresolved(&self) -> String {
        let (table, name) = (self.table, self.name);
        let hint = if self.has_year {
            "film_year or film_slug"
        } else {
            "its slug"
        };
        let scores = if table == "film" {
            "UNION ALL SELECT row_position, film_ref FROM import_published_score"
        } else {
            ""
        };
        format!(
            "INSERT INTO import_rejected (row_position, column_name, reason)
             SELECT row.row_position, '{table}', CASE
                 WHEN slug IS NOT NULL THEN format('no {table} has the slug %L, and no row gives its {name}', slug)
                 WHEN namesakes > 1 THEN format('%s {table}s have the {name} %L: choose one by {hint}%s', namesakes, name, candidates)
                 ELSE format('no {table} has the id %L', external_id)
             END
             FROM ({unresolved}) AS staged
             JOIN (
                 SELECT row_position, ref FROM import_{table} WHERE declared
                 UNION ALL SELECT row_position, {table}_ref FROM import_review
                 {scores}
             ) AS row (row_position, ref) USING (ref)",
            unresolved = self.unresolved(),
        )
    }

    /// Returns the query for the unresolved references, with a list of the slugs of the owners that an ambiguous name may
    /// mean.
    fn unresolved(&self) -> String {
        let (table, name) = (self.table, self.name);
        let same_year = if self.has_year {
            "AND (import.year IS NULL OR owner.year = import.year)"
        } else {
            ""
        };
        format!(
            "SELECT ref, slug, name, external_id, namesakes, CASE WHEN namesakes > 1 THEN (
                 SELECT coalesce(format(' (%s)', string_agg(CASE number WHEN {MAX_LISTED_SLUGS} + 1 THEN '…' ELSE listed.slug END, ', ' ORDER BY number)), '')
                 FROM (
                     SELECT owner.slug, row_number() OVER (ORDER BY owner.{name} <> import.name, owner.id) AS number
                     FROM {table} AS owner WHERE owner.{name}_folded = import.name_folded {same_year}
                     ORDER BY number LIMIT {MAX_LISTED_SLUGS} + 1
                 ) AS listed
                 WHERE number <= namesakes
             ) END AS candidates
             FROM import_{table} AS import WHERE id IS NULL"
        )
    }
}
