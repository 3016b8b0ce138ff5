//! Creates triggers that invalidate caches: the transaction that changes a row sends a notification on a separate
//! channel, whatever client makes the change.
//!
//! Triggers of a table fire in the order of their names. These fire before those for subscribers: a subscriber that
//! fetches data after a notification must not get a stale cached response.
//!
//! A payload consists of words. A word is a letter for the kind of the row, followed by its key. A capital letter
//! stands for all reviews of the row and its tally. If the words of a statement don't fit into one notification, the
//! payload is `*`, which invalidates everything.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000012_tell_stale",
        up: up(),
        down: down(),
    }
}

/// The maximum number of words of a notification. A word has a letter, a key of up to 19 digits and a space, and the
/// payload must be shorter than 8,000 bytes.
pub(crate) const MAX_WORDS: u32 = 350;

/// The invalidation triggers of a table.
pub(crate) struct TableTriggers {
    pub(crate) table: &'static str,
    /// The SQL expressions of a row's words. Null words are omitted.
    pub(crate) words: &'static str,
    pub(crate) statements: &'static [&'static str],
    /// The WHEN clause of the triggers, or an empty string.
    pub(crate) when: &'static str,
}

pub(crate) const ALL_STATEMENTS: &[&str] = &["insert", "update", "delete"];

const TABLE_TRIGGERS: [TableTriggers; 9] = [
    TableTriggers {
        table: "review",
        words: "'r' || id, 'F' || film_id, 'C' || critic_id, 'P' || publication_id",
        statements: ALL_STATEMENTS,
        when: "",
    },
    TableTriggers {
        table: "film",
        words: "'f' || id",
        statements: ALL_STATEMENTS,
        when: "",
    },
    TableTriggers {
        table: "critic",
        words: "'c' || id",
        statements: ALL_STATEMENTS,
        when: "",
    },
    TableTriggers {
        table: "publication",
        words: "'p' || id",
        statements: ALL_STATEMENTS,
        when: "",
    },
    TableTriggers {
        table: "published_score",
        words: "'f' || film_id",
        statements: ALL_STATEMENTS,
        when: "",
    },
    // Triggers update tallies when reviews change, and the triggers on reviews already notify that. Only a repair
    // changes tallies directly.
    TableTriggers {
        table: "film_tally",
        words: "'F' || film_id",
        statements: ALL_STATEMENTS,
        when: OUTSIDE_TRIGGERS,
    },
    TableTriggers {
        table: "critic_tally",
        words: "'C' || critic_id",
        statements: ALL_STATEMENTS,
        when: OUTSIDE_TRIGGERS,
    },
    TableTriggers {
        table: "publication_tally",
        words: "'P' || publication_id",
        statements: ALL_STATEMENTS,
        when: OUTSIDE_TRIGGERS,
    },
    // The same holds for revisions. Only a cleanup deletes them directly.
    TableTriggers {
        table: "review_revision",
        words: "'r' || review_id",
        statements: ALL_STATEMENTS,
        when: OUTSIDE_TRIGGERS,
    },
];

const OUTSIDE_TRIGGERS: &str = "WHEN (pg_trigger_depth() = 0)";

/// Returns the names of the triggers.
pub(crate) fn trigger_names() -> impl Iterator<Item = String> {
    let of_rows = TABLE_TRIGGERS.iter().flat_map(|triggers| {
        let statements = triggers.statements.iter();
        statements.map(|statement| format!("{}_announce_{statement}", triggers.table))
    });
    of_rows.chain(TRUNCATABLE_TABLES.map(|table| format!("{table}_announce_truncate")))
}

/// The tables with a trigger on TRUNCATE, which has no rows to notify.
pub(crate) const TRUNCATABLE_TABLES: [&str; 9] = [
    "review",
    "film",
    "critic",
    "publication",
    "published_score",
    "film_tally",
    "critic_tally",
    "publication_tally",
    "review_revision",
];

fn up() -> String {
    let mut sql = String::new();
    for triggers in &TABLE_TRIGGERS {
        for statement in triggers.statements {
            create_trigger(&mut sql, triggers, statement);
        }
    }
    sql.push_str(
        "
CREATE FUNCTION announce_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('marquee_stale', '*');
    RETURN NULL;
END
$$;
",
    );
    for table in TRUNCATABLE_TABLES {
        let _ = writeln!(
            sql,
            "CREATE TRIGGER {table}_announce_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION announce_truncate();"
        );
    }
    sql
}

pub(crate) fn create_trigger(sql: &mut String, triggers: &TableTriggers, statement: &str) {
    let TableTriggers {
        table, words, when, ..
    } = triggers;
    let (referencing, rows) = match statement {
        "insert" => ("NEW TABLE AS new_rows", "new_rows"),
        "delete" => ("OLD TABLE AS old_rows", "old_rows"),
        _ => (
            "OLD TABLE AS old_rows NEW TABLE AS new_rows",
            "(SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows)",
        ),
    };
    let _ = write!(
        sql,
        "
CREATE FUNCTION {table}_announce_{statement}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    words text[];
BEGIN
    SELECT array_agg(word) INTO words FROM (
        SELECT DISTINCT word FROM {rows} AS changed, unnest(ARRAY[{words}]) AS word WHERE word IS NOT NULL LIMIT {MAX_WORDS} + 1
    ) AS told;
    IF cardinality(words) > {MAX_WORDS} THEN
        PERFORM pg_notify('marquee_stale', '*');
    ELSIF words IS NOT NULL THEN
        PERFORM pg_notify('marquee_stale', array_to_string(words, ' '));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER {table}_announce_{statement} AFTER {statement} ON {table}
    REFERENCING {referencing} FOR EACH STATEMENT {when} EXECUTE FUNCTION {table}_announce_{statement}();
"
    );
}

fn down() -> String {
    let mut sql = String::new();
    for TableTriggers {
        table, statements, ..
    } in &TABLE_TRIGGERS
    {
        for statement in *statements {
            let _ = writeln!(
                sql,
                "DROP TRIGGER {table}_announce_{statement} ON {table}; DROP FUNCTION {table}_announce_{statement}();"
            );
        }
    }
    for table in TRUNCATABLE_TABLES {
        let _ = writeln!(sql, "DROP TRIGGER {table}_announce_truncate ON {table};");
    }
    sql.push_str("DROP FUNCTION announce_truncate();\n");
    sql
}
