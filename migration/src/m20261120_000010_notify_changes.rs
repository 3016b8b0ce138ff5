//! Creates triggers that send a notification for every change of a review and of a film's tally, in the transaction
//! that makes the change. So a rolled-back change is never notified, and a change in a psql session is.
//!
//! PostgreSQL delivers notifications in the order of the commits. Each payload is shorter than 8,000 bytes. A statement
//! that changes many rows sends few, full payloads, in the order of the ids. Without a listener a notification costs
//! almost nothing.
//!
//! A transaction that sends a notification can't be prepared for a two-phase commit. Marquee doesn't use that.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000010_notify_changes",
        up: up(),
        down: down(),
    }
}

/// The limit of the offset in bytes at which the last entry of a payload begins. An entry has at most 73 bytes (three
/// keys of 19 digits and a version of 10), and the text around the entries 16. So every payload is shorter than 7,900.
const CHUNK_BYTES: u32 = 7_800;

/// A trigger that sends notifications for one kind of statement on a table.
struct NotifyTrigger {
    table: &'static str,
    statement: &'static str,
    transition_tables: &'static str,
    /// The kind of change in the payload.
    kind: &'static str,
    /// Selects an id to sort by, and the entry as JSON.
    entries: &'static str,
}

const NOTIFY_TRIGGERS: [NotifyTrigger; 5] = [
    NotifyTrigger {
        table: "review",
        statement: "insert",
        transition_tables: "NEW TABLE AS new_rows",
        kind: "added",
        entries: "SELECT id, concat('[', id, ',', film_id, ',', version, ']') AS entry FROM new_rows",
    },
    // If a review moves to another film, the entry has both films, so that subscribers of either are notified.
    NotifyTrigger {
        table: "review",
        statement: "update",
        transition_tables: "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        kind: "updated",
        entries: "SELECT id, concat('[', id, ',', new_rows.film_id, ',', new_rows.version,
                CASE WHEN old_rows.film_id <> new_rows.film_id THEN ',' || old_rows.film_id END, ']') AS entry
            FROM old_rows JOIN new_rows USING (id)
            WHERE new_rows.version > old_rows.version",
    },
    NotifyTrigger {
        table: "review",
        statement: "delete",
        transition_tables: "OLD TABLE AS old_rows",
        kind: "deleted",
        entries: "SELECT id, concat('[', id, ',', film_id, ',', version, ']') AS entry FROM old_rows",
    },
    NotifyTrigger {
        table: "film_tally",
        statement: "update",
        transition_tables: "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        kind: "scores",
        entries: "SELECT film_id AS id, film_id::text AS entry
            FROM old_rows JOIN new_rows USING (film_id)
            WHERE old_rows IS DISTINCT FROM new_rows",
    },
    // A tally is deleted with its film. This notifies the subscribers of the film's score that the film is deleted.
    NotifyTrigger {
        table: "film_tally",
        statement: "delete",
        transition_tables: "OLD TABLE AS old_rows",
        kind: "scores",
        entries: "SELECT film_id AS id, film_id::text AS entry FROM old_rows",
    },
];

/// Returns the names of the triggers.
pub(crate) fn trigger_names() -> impl Iterator<Item = String> {
    let triggers = NOTIFY_TRIGGERS
        .iter()
        .map(|trigger| (trigger.table, trigger.statement));
    let triggers = triggers.chain([("review", "truncate")]);
    triggers.map(|(table, statement)| format!("{table}_notify_{statement}"))
}

fn up() -> String {
    let mut sql: String = NOTIFY_TRIGGERS.iter().map(create_trigger).collect();
    sql.push_str(TRUNCATE);
    sql
}

fn down() -> String {
    let mut sql = String::new();
    let triggers = NOTIFY_TRIGGERS
        .iter()
        .map(|trigger| (trigger.table, trigger.statement));
    for (table, statement) in triggers.chain([("review", "truncate")]) {
        let _ = writeln!(sql, "DROP TRIGGER {table}_notify_{statement} ON {table};");
        let _ = writeln!(sql, "DROP FUNCTION {table}_notify_{statement}();");
    }
    sql
}

/// Creates a trigger that groups entries into payloads by `CHUNK_BYTES`.
fn create_trigger(trigger: &NotifyTrigger) -> String {
    let NotifyTrigger {
        table,
        statement,
        transition_tables,
        kind,
        entries,
    } = trigger;
    format!(
        r#"
CREATE FUNCTION {table}_notify_{statement}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payload text;
BEGIN
    FOR payload IN
        SELECT concat('{{"{kind}":[', string_agg(entry, ',' ORDER BY id), ']}}')
        FROM (
            SELECT id, entry, (sum(length(entry) + 1) OVER (ORDER BY id) - length(entry) - 1) / {CHUNK_BYTES} AS chunk
            FROM ({entries}) AS told
        ) AS measured
        GROUP BY chunk
        ORDER BY chunk
    LOOP
        PERFORM pg_notify('marquee_changes', payload);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER {table}_notify_{statement} AFTER {statement} ON {table}
    REFERENCING {transition_tables} FOR EACH STATEMENT EXECUTE FUNCTION {table}_notify_{statement}();
"#
    )
}

/// `TRUNCATE` has no transition tables, so its notification says that everything has changed.
const TRUNCATE: &str = r#"
CREATE FUNCTION review_notify_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('marquee_changes', '{"everything":{}}');
    RETURN NULL;
END
$$;
CREATE TRIGGER review_notify_truncate AFTER TRUNCATE ON review
    FOR EACH STATEMENT EXECUTE FUNCTION review_notify_truncate();
"#;
