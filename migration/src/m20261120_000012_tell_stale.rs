//! Whoever keeps answers is told what has changed, on a channel of its own: by the transaction that changes it, whoever that is.
//!
//! Triggers of a table run in the order of their names, and these come before those that tell subscribers: who hears of a change and looks
//! must not be shown what was kept from before it.
//!
//! What is told are words: a letter for what kind of thing it is, with the key of its row. A capital letter stands for all of its reviews
//! and what they add up to. A statement whose words don't fit into a notification tells of no row but of everything.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000012_tell_stale",
        up: up(),
        down: down(),
    }
}

/// How many words a notification holds. A word has a letter, a key of 19 digits and a space, and the text has to be shorter than 8,000 bytes.
const MOST: u32 = 350;

/// What a table's rows are told by.
struct Told {
    table: &'static str,
    /// The words of a row; one that is null isn't told.
    words: &'static str,
    statements: &'static [&'static str],
    /// Under which condition anything is told.
    when: &'static str,
}

const ANY: &[&str] = &["insert", "update", "delete"];

const TOLD: [Told; 9] = [
    Told {
        table: "review",
        words: "'r' || id, 'F' || film_id, 'C' || critic_id, 'P' || publication_id",
        statements: ANY,
        when: "",
    },
    Told {
        table: "film",
        words: "'f' || id",
        statements: ANY,
        when: "",
    },
    Told {
        table: "critic",
        words: "'c' || id",
        statements: ANY,
        when: "",
    },
    Told {
        table: "publication",
        words: "'p' || id",
        statements: ANY,
        when: "",
    },
    Told {
        table: "published_score",
        words: "'f' || film_id",
        statements: ANY,
        when: "",
    },
    // Tallies change with reviews, by a trigger, and the reviews tell of that. Only who repairs one changes it otherwise.
    Told {
        table: "film_tally",
        words: "'F' || film_id",
        statements: ANY,
        when: BY_HAND,
    },
    Told {
        table: "critic_tally",
        words: "'C' || critic_id",
        statements: ANY,
        when: BY_HAND,
    },
    Told {
        table: "publication_tally",
        words: "'P' || publication_id",
        statements: ANY,
        when: BY_HAND,
    },
    // So is what a review said before, until somebody takes it away.
    Told {
        table: "review_revision",
        words: "'r' || review_id",
        statements: ANY,
        when: BY_HAND,
    },
];

const BY_HAND: &str = "WHEN (pg_trigger_depth() = 0)";

/// The tables that can be emptied at once, which tells of no row.
const EMPTIED: [&str; 9] = [
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
    for told in &TOLD {
        for statement in told.statements {
            create_trigger(&mut sql, told, statement);
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
    for table in EMPTIED {
        let _ = writeln!(
            sql,
            "CREATE TRIGGER {table}_announce_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION announce_truncate();"
        );
    }
    sql
}

fn create_trigger(sql: &mut String, told: &Told, statement: &str) {
    let Told {
        table, words, when, ..
    } = told;
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
        SELECT DISTINCT word FROM {rows} AS changed, unnest(ARRAY[{words}]) AS word WHERE word IS NOT NULL LIMIT {MOST} + 1
    ) AS told;
    IF cardinality(words) > {MOST} THEN
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
    for Told {
        table, statements, ..
    } in &TOLD
    {
        for statement in *statements {
            let _ = writeln!(
                sql,
                "DROP TRIGGER {table}_announce_{statement} ON {table}; DROP FUNCTION {table}_announce_{statement}();"
            );
        }
    }
    for table in EMPTIED {
        let _ = writeln!(sql, "DROP TRIGGER {table}_announce_truncate ON {table};");
    }
    sql.push_str("DROP FUNCTION announce_truncate();\n");
    sql
}
