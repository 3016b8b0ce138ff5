//! The rejection of references that could not be resolved.

use super::{IS_FROM_THIS_TRANSACTION, Owner};
use crate::user_error::MAX_CANDIDATES;

/// The maximum number of slugs or ids that a rejection lists.
const MAX_LISTED: usize = 5;

impl Owner {
    /// Rejects rows with unresolved references.
    pub(super) fn reject_unresolved(&self) -> String {
        let (table, name) = (self.table, self.name);
        // Films of one year are not told apart by it.
        let hint = if self.has_year {
            "CASE WHEN by_name.years > 1 THEN 'film_year or film_slug' ELSE 'film_slug' END"
        } else {
            "'its slug'"
        };
        let owners_of_ids = if self.has_external_ids {
            self.owners_of_ids()
        } else {
            "SELECT NULL::text AS identity, NULL::text AS owners WHERE false".to_owned()
        };
        format!(
            "WITH unresolved AS MATERIALIZED (
                 SELECT * FROM import_{table} WHERE id IS NULL
             ), by_name AS MATERIALIZED (
                 {candidates}
             ), by_id AS MATERIALIZED (
                 {owners_of_ids}
             )
             INSERT INTO import_rejected (row_position, column_name, reason, candidate_ids, candidate_slugs, candidate_names)
             SELECT row.row_position, '{table}', CASE
                 WHEN by_id.owners IS NOT NULL THEN format('the ids of this {table} are those of %s {table}s: %s', namesakes, by_id.owners)
                 WHEN slug IS NOT NULL THEN format('no {table} has the slug %L, and no row gives its {name}', slug)
                 WHEN namesakes > 1 THEN format('%s {table}s have the {name} %L: choose one by %s%s', namesakes, name, {hint}, by_name.candidates)
                 ELSE format('no {table} has the id %L', external_id)
             END,
             coalesce(by_name.ids, '{{}}'), coalesce(by_name.slugs, '{{}}'), coalesce(by_name.names, '{{}}')
             FROM unresolved AS staged
             JOIN ({rows}) AS row (row_position, ref) USING (ref)
             LEFT JOIN by_name ON by_name.ref = staged.ref AND staged.slug IS NULL
             LEFT JOIN by_id ON by_id.identity = staged.identity AND staged.source IS NOT NULL AND staged.namesakes > 1",
            candidates = self.candidates(),
            rows = self.rows_of_references(),
        )
    }

    /// Returns the query for the slugs of the owners that each ambiguous name may mean, the number of their years, and those
    /// that were stored before.
    fn candidates(&self) -> String {
        let (table, name) = (self.table, self.name);
        let (years, year, same_year, join_year) = if self.has_year {
            (
                "count(DISTINCT coalesce(owner.year, 0))",
                ", year",
                "AND (named.year IS NULL OR owner.year = named.year)",
                "AND staged.year IS NOT DISTINCT FROM listed.year",
            )
        } else {
            ("max(NULL::bigint)", "", "", "")
        };
        let known_year = same_year.replace("owner.", "known.");
        format!(
            "SELECT staged.ref, listed.candidates, listed.years, listed.ids, listed.slugs, listed.names
             FROM unresolved AS staged JOIN (
                 SELECT named.*, (
                     SELECT coalesce(format(' (%s)', string_agg(CASE number WHEN {MAX_LISTED} + 1 THEN '…' ELSE found.slug END, ', ' ORDER BY number)), '')
                     FROM (
                         SELECT owner.slug, row_number() OVER (ORDER BY owner.{name} <> named.name, owner.id) AS number
                         FROM {table} AS owner WHERE owner.{name}_folded = named.name_folded {same_year}
                         ORDER BY number LIMIT {MAX_LISTED} + 1
                     ) AS found
                     WHERE number <= namesakes
                 ) AS candidates, (
                     SELECT {years} FROM {table} AS owner WHERE owner.{name}_folded = named.name_folded {same_year}
                 ) AS years, stored.*
                 FROM (
                     SELECT DISTINCT name, name_folded, namesakes{year} FROM unresolved WHERE namesakes > 1 AND name IS NOT NULL
                 ) AS named
                 CROSS JOIN LATERAL (
                     SELECT array_agg(id ORDER BY number) AS ids, array_agg(slug ORDER BY number) AS slugs, array_agg(found.name ORDER BY number) AS names
                     FROM (
                         SELECT known.id, known.slug, known.{name}::text AS name, row_number() OVER (ORDER BY known.{name} <> named.name, known.id) AS number
                         FROM {table} AS known WHERE known.{name}_folded = named.name_folded {known_year} AND NOT ({IS_FROM_THIS_TRANSACTION})
                         ORDER BY number LIMIT {MAX_CANDIDATES}
                     ) AS found
                     WHERE number <= namesakes
                 ) AS stored
             ) AS listed
                 ON listed.name_folded = staged.name_folded AND listed.name = staged.name AND listed.namesakes = staged.namesakes {join_year}"
        )
    }

    /// Returns the query for the owners of ambiguous external ids: the ids of a reference, and those of the references that
    /// share an id with it.
    fn owners_of_ids(&self) -> String {
        let (table, ids) = (self.table, self.ids_of_references());
        format!(
            "SELECT identity,
                 string_agg(format('%s:%s of %s', source, external_id, slug), ', ' ORDER BY number) FILTER (WHERE number <= {MAX_LISTED})
                 || CASE WHEN count(*) > {MAX_LISTED} THEN format(' and %s more', count(*) - {MAX_LISTED}) ELSE '' END AS owners
             FROM (
                 SELECT *, row_number() OVER (PARTITION BY identity ORDER BY source, external_id) AS number
                 FROM (
                     SELECT DISTINCT named.identity, source, external_id, owner.slug
                     FROM ({ids}) AS named
                     JOIN (
                         SELECT DISTINCT identity FROM unresolved WHERE namesakes > 1 AND source IS NOT NULL
                     ) AS ambiguous USING (identity)
                     JOIN {table}_external_id AS known USING (source, external_id)
                     JOIN {table} AS owner ON owner.id = known.{table}_id
                 ) AS owned
             ) AS numbered
             GROUP BY identity"
        )
    }
}
