//! Notifications: every change of a review and of a film's tally is told on a channel, by the transaction that makes it. So what is
//! rolled back is never told, and what somebody does at a prompt is.
//!
//! PostgreSQL hands notifications out in the order of the commits, and each is text of less than 8,000 bytes. A statement that
//! changes many rows tells them in few, full ones, in the order of their ids. Nobody has to listen: then they cost next to nothing.
//!
//! A transaction that has told something can't be prepared for a two-phase commit; Marquee needs none.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000010_notify_changes",
        up: up(),
        down: down(),
    }
}

/// Where the entries of a payload end, in bytes. An entry that begins before it has 73 bytes at most (three keys of 19 digits and a
/// version of 10), and what stands around them 16: so every payload is shorter than 7,900.
const CHUNK: u32 = 7_800;

/// What is told when a statement has changed a table.
struct Told {
    table: &'static str,
    statement: &'static str,
    transition_tables: &'static str,
    /// The word for it in the payload.
    kind: &'static str,
    /// Selects an id to sort by, and the entry as JSON.
    entries: &'static str,
}

const TOLD: [Told; 5] = [
    Told {
        table: "review",
        statement: "insert",
        transition_tables: "NEW TABLE AS new_rows",
        kind: "added",
        entries: "SELECT id, concat('[', id, ',', film_id, ',', version, ']') AS entry FROM new_rows",
    },
    // Who looks at a film is told when a review leaves it for another.
    Told {
        table: "review",
        statement: "update",
        transition_tables: "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        kind: "updated",
        entries: "SELECT id, concat('[', id, ',', new_rows.film_id, ',', new_rows.version,
                CASE WHEN old_rows.film_id <> new_rows.film_id THEN ',' || old_rows.film_id END, ']') AS entry
            FROM old_rows JOIN new_rows USING (id)
            WHERE new_rows.version > old_rows.version",
    },
    Told {
        table: "review",
        statement: "delete",
        transition_tables: "OLD TABLE AS old_rows",
        kind: "deleted",
        entries: "SELECT id, concat('[', id, ',', film_id, ',', version, ']') AS entry FROM old_rows",
    },
    Told {
        table: "film_tally",
        statement: "update",
        transition_tables: "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        kind: "scores",
        entries: "SELECT film_id AS id, film_id::text AS entry
            FROM old_rows JOIN new_rows USING (film_id)
            WHERE old_rows IS DISTINCT FROM new_rows",
    },
    // The tally goes with its film. Who waits for the film's score learns by this that there is nothing to wait for.
    Told {
        table: "film_tally",
        statement: "delete",
        transition_tables: "OLD TABLE AS old_rows",
        kind: "scores",
        entries: "SELECT film_id AS id, film_id::text AS entry FROM old_rows",
    },
];

fn up() -> String {
    let mut sql: String = TOLD.iter().map(create_trigger).collect();
    sql.push_str(TRUNCATE);
    sql
}

fn down() -> String {
    let mut sql = String::new();
    let told = TOLD.iter().map(|told| (told.table, told.statement));
    for (table, statement) in told.chain([("review", "truncate")]) {
        let _ = writeln!(sql, "DROP TRIGGER {table}_notify_{statement} ON {table};");
        let _ = writeln!(sql, "DROP FUNCTION {table}_notify_{statement}();");
    }
    sql
}

/// The entries that begin in the same so many bytes go into one payload.
fn create_trigger(told: &Told) -> String {
    let Told {
        table,
        statement,
        transition_tables,
        kind,
        entries,
    } = told;
    format!(
        r#"
CREATE FUNCTION {table}_notify_{statement}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payload text;
BEGIN
    FOR payload IN
        SELECT concat('{{"{kind}":[', string_agg(entry, ',' ORDER BY id), ']}}')
        FROM (
            SELECT id, entry, (sum(length(entry) + 1) OVER (ORDER BY id) - length(entry) - 1) / {CHUNK} AS chunk
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

/// `TRUNCATE` has no transition tables: it tells that nothing is as it was.
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
