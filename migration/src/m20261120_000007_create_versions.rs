//! Adds versions. A writer passes the version that it has read, and a revision stores the version of its state.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000007_create_versions",
        up: up(),
        down: down(),
    }
}

/// The tables with versions, each with the columns of its content. Timestamps are not content, and neither is a
/// review's weight, which belongs to the publication.
const VERSIONED_TABLES: [(&str, &[&str]); 4] = [
    ("film", &FILM_COLUMNS),
    ("critic", &["slug", "name", "url"]),
    ("publication", &["slug", "name", "url", "weight"]),
    ("review", &REVIEW_COLUMNS),
];

/// The columns with the content of a film.
pub(crate) const FILM_COLUMNS: [&str; 9] = [
    "slug",
    "title",
    "year",
    "release_date",
    "runtime_minutes",
    "directors",
    "genres",
    "synopsis",
    "url",
];

/// The columns with the content of a review.
const REVIEW_COLUMNS: [&str; 15] = [
    "film_id",
    "critic_id",
    "publication_id",
    "score",
    "original_score",
    "score_rule",
    "sentiment",
    "recommended",
    "top_critic",
    "byline",
    "excerpt",
    "url",
    "reviewed_on",
    "source",
    "external_id",
];

fn up() -> String {
    let mut sql = String::new();
    for (table, _) in VERSIONED_TABLES {
        sql.push_str(&add_version(table));
    }
    sql.push_str(&add_to_revisions());
    sql.push_str(COUNT_VERSION);
    for (table, columns) in VERSIONED_TABLES {
        sql.push_str(&create_trigger(table, columns));
    }
    sql.push_str(&create_update_trigger());
    sql.push_str(&create_delete_trigger());
    sql
}

fn down() -> String {
    let mut sql = String::from(
        "DROP TRIGGER review_keep_deleted ON review;
         DROP FUNCTION review_keep_deleted();
",
    );
    sql.push_str(&restore_update_trigger());
    sql.push_str(
        "DELETE FROM review_revision WHERE operation = 'deleted';
         ALTER TABLE review_revision DROP COLUMN version, DROP COLUMN changed, DROP COLUMN operation;
         CREATE INDEX review_revision_of_review ON review_revision (review_id, id);
",
    );
    for (table, _) in VERSIONED_TABLES {
        let _ = writeln!(
            sql,
            "DROP TRIGGER {table}_count_version ON {table}; ALTER TABLE {table} DROP COLUMN version;"
        );
    }
    sql.push_str("DROP FUNCTION count_version();");
    sql
}

fn add_version(table: &str) -> String {
    format!(
        "
ALTER TABLE {table} ADD COLUMN version integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN {table}.version IS 'Which of its states this is; counted by the trigger {table}_count_version.';
"
    )
}

/// Increments the version for every writer, and sets `updated_at` if the writer doesn't.
const COUNT_VERSION: &str = r"
CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;
";

/// A version can't be set back: a write to the column increments it.
pub(crate) fn create_trigger(table: &str, columns: &[&str]) -> String {
    let (old, new) = (
        qualified_columns("OLD", columns),
        qualified_columns("NEW", columns),
    );
    format!(
        "
CREATE TRIGGER {table}_count_version BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (OLD.version <> NEW.version OR ({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION count_version();
"
    )
}

/// Sets the versions and the changed columns of existing revisions. The changed columns of the last revision of a
/// deleted review are unknown.
fn add_to_revisions() -> String {
    let changed = differences("kept", "followed");
    let columns = REVIEW_COLUMNS.join(", ");
    format!(
        r"
DROP INDEX review_revision_of_review;
ALTER TABLE review_revision
    ADD COLUMN version integer,
    ADD COLUMN changed text[] NOT NULL DEFAULT '{{}}',
    ADD COLUMN operation text NOT NULL DEFAULT 'updated';
UPDATE review_revision SET version = numbered.version
FROM (SELECT id, row_number() OVER (PARTITION BY review_id ORDER BY id) AS version FROM review_revision) AS numbered
WHERE review_revision.id = numbered.id;
ALTER TABLE review_revision
    ALTER COLUMN version SET NOT NULL,
    ALTER COLUMN operation DROP DEFAULT,
    ADD CONSTRAINT review_revision_operation_known CHECK (operation IN ('updated', 'deleted')),
    ADD CONSTRAINT review_revision_version_unique UNIQUE (review_id, version);
UPDATE review SET version = 1 + kept.states
FROM (SELECT review_id, count(*) AS states FROM review_revision GROUP BY review_id) AS kept
WHERE review.id = kept.review_id;
UPDATE review_revision SET changed = told.changed
FROM (
    SELECT kept.id, {changed} AS changed
    FROM review_revision AS kept
    JOIN (
        SELECT review_id, version, {columns} FROM review_revision
        UNION ALL
        SELECT id, version, {columns} FROM review
    ) AS followed ON followed.review_id = kept.review_id AND followed.version = kept.version + 1
) AS told
WHERE review_revision.id = told.id;
COMMENT ON COLUMN review_revision.version IS 'Which state of the review this is.';
COMMENT ON COLUMN review_revision.changed IS 'The columns that the change which ended this state made different.';
"
    )
}

/// The actor of a change: the session's `marquee.actor`, or else its role.
const ACTOR: &str = "coalesce(nullif(current_setting('marquee.actor', true), ''), session_user)";

fn create_update_trigger() -> String {
    let columns = REVIEW_COLUMNS.join(", ");
    let (old, new) = (
        qualified_columns("old_rows", &REVIEW_COLUMNS),
        qualified_columns("new_rows", &REVIEW_COLUMNS),
    );
    let changed = differences("old_rows", "new_rows");
    format!(
        r"
CREATE OR REPLACE FUNCTION review_keep_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_revision (review_id, {columns}, since, replaced_by, version, changed, operation)
    SELECT id, {old}, old_rows.updated_at, {ACTOR}, old_rows.version, {changed}, 'updated'
    FROM old_rows JOIN new_rows USING (id)
    WHERE ({old}) IS DISTINCT FROM ({new})
    ORDER BY id;
    RETURN NULL;
END
$$;
"
    )
}

/// Creates the trigger that stores the last state of a deleted review.
fn create_delete_trigger() -> String {
    let columns = REVIEW_COLUMNS.join(", ");
    let old = qualified_columns("old_rows", &REVIEW_COLUMNS);
    format!(
        r"
CREATE FUNCTION review_keep_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_revision (review_id, {columns}, since, replaced_by, version, operation)
    SELECT id, {old}, updated_at, {ACTOR}, version, 'deleted' FROM old_rows ORDER BY id;
    RETURN NULL;
END
$$;
CREATE TRIGGER review_keep_deleted AFTER DELETE ON review
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION review_keep_deleted();
"
    )
}

/// Returns the function from before this migration.
fn restore_update_trigger() -> String {
    let columns = REVIEW_COLUMNS.join(", ");
    let (old, new) = (
        qualified_columns("old_rows", &REVIEW_COLUMNS),
        qualified_columns("new_rows", &REVIEW_COLUMNS),
    );
    format!(
        r"
CREATE OR REPLACE FUNCTION review_keep_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_revision (review_id, {columns}, since, replaced_by)
    SELECT id, {old}, old_rows.updated_at, {ACTOR}
    FROM old_rows JOIN new_rows USING (id)
    WHERE ({old}) IS DISTINCT FROM ({new})
    ORDER BY id;
    RETURN NULL;
END
$$;
"
    )
}

/// Returns the qualified columns of a row, as SQL.
fn qualified_columns(row: &str, columns: &[&str]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("{row}.{column}"))
        .collect();
    columns.join(", ")
}

/// Returns the names of the columns in which two states of a review differ, as an SQL expression.
fn differences(one: &str, other: &str) -> String {
    let each = REVIEW_COLUMNS.map(|column| {
        format!("CASE WHEN {one}.{column} IS DISTINCT FROM {other}.{column} THEN '{column}' END")
    });
    format!("array_remove(ARRAY[{}], NULL)", each.join(", "))
}
