//! The statements that find and insert owners by their slugs, and lock owners.

use super::Owner;

impl Owner {
    /// Resolves references by slug.
    pub(super) fn find_by_slug(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE import_{table} AS staged SET id = owner.id FROM {table} AS owner
             WHERE staged.id IS NULL AND staged.namesakes = 0 AND owner.slug = staged.slug"
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
                    WHERE id IS NULL AND namesakes = 0 AND slug IS NOT NULL AND name IS NOT NULL
                    ORDER BY slug, declared DESC, row_position
                ) AS missing
                ORDER BY row_position, ref
                RETURNING id, slug
            )
            UPDATE import_{table} AS staged SET id = added.id, is_new = true
            FROM added WHERE staged.id IS NULL AND staged.namesakes = 0 AND staged.slug = added.slug"
        )
    }

    /// Marks all references to owners that this import has inserted.
    pub(super) fn mark_new(&self) -> String {
        let table = self.table;
        format!(
            "UPDATE import_{table} SET is_new = true
             WHERE NOT is_new AND id IN (SELECT id FROM import_{table} WHERE is_new)"
        )
    }

    /// Locks owners that change against changes, and mentioned ones against deletion. An owner changes if a row describes
    /// it, or gives it a new external id or a year.
    pub(super) fn lock(&self) -> [String; 2] {
        let (table, mention_lock) = (self.table, self.mention_lock);
        let dates = if self.has_year {
            format!(
                "OR year IS NOT NULL AND id IN (SELECT undated.id FROM {table} AS undated WHERE undated.year IS NULL)"
            )
        } else {
            String::new()
        };
        let changes = if self.has_external_ids {
            format!(
                "(declared {dates} OR source IS NOT NULL AND NOT EXISTS (
                    SELECT FROM {table}_external_id AS known
                    WHERE known.source = staged.source AND known.external_id = staged.external_id
                ))"
            )
        } else {
            "declared".to_owned()
        };
        let lock = |condition: &str, strength: &str| {
            format!(
                "SELECT FROM {table} WHERE id IN (SELECT id FROM import_{table} AS staged WHERE {condition} AND NOT is_new)
                 ORDER BY id FOR {strength}"
            )
        };
        [
            lock(&changes, "NO KEY UPDATE"),
            lock(&format!("NOT {changes}"), mention_lock),
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
}
