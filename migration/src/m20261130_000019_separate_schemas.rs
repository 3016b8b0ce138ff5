//! Makes functions of triggers independent of the session, so that several schemas of a database are independent, and
//! `pg_dump --data-only` can be restored.
//!
//! A function used to find its tables by the session's `search_path`. That of `pg_dump` and `pg_restore` is empty, and
//! that of another session may begin with another schema that has the same tables. Now each function has the schema
//! that it was created in. A schema other than `public` has notification channels of its own. Those of `public` keep their
//! names, because servers of the previous version listen on them.
//!
//! A migration that replaces one of these functions must set its `search_path` again.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000019_separate_schemas",
        up: up(),
        down: down(),
    }
}

/// The channel's name, without the schema's, and its replacement. It depends on the schema of the trigger's table.
pub(crate) const CHANNELS: [(&str, &str); 2] = [
    (
        "'marquee_changes'",
        "notification_channel('marquee_changes', TG_TABLE_SCHEMA)",
    ),
    (
        "'marquee_stale'",
        "notification_channel('marquee_stale', TG_TABLE_SCHEMA)",
    ),
];

/// The functions of triggers that fire once for each statement, and use tables or channels.
const STATEMENT_FUNCTIONS: [&str; 18] = [
    "announce_truncate",
    "critic_tally_add",
    "film_tally_add",
    "film_tally_notify_delete",
    "film_tally_notify_update",
    "publication_reweigh",
    "publication_reweigh_check",
    "publication_tally_add",
    "review_keep_deleted",
    "review_keep_revision",
    "review_notify_delete",
    "review_notify_insert",
    "review_notify_truncate",
    "review_notify_update",
    "review_tally_delete",
    "review_tally_insert",
    "review_tally_truncate",
    "review_tally_update",
];

/// The tables that have such a function for each kind of statement, to invalidate caches.
const ANNOUNCED_TABLES: [&str; 9] = [
    "critic",
    "critic_tally",
    "film",
    "film_tally",
    "publication",
    "publication_tally",
    "published_score",
    "review",
    "review_revision",
];

/// A constraint that requires columns with a visible character.
struct NotBlank {
    table: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
}

const fn not_blank(
    table: &'static str,
    name: &'static str,
    columns: &'static [&'static str],
) -> NotBlank {
    NotBlank {
        table,
        name,
        columns,
    }
}

const NOT_BLANK: [NotBlank; 13] = [
    not_blank("film", "film_title_not_blank", &["title"]),
    not_blank("publication", "publication_name_not_blank", &["name"]),
    not_blank("critic", "critic_name_not_blank", &["name"]),
    not_blank(
        "review",
        "review_original_score_not_blank",
        &["original_score"],
    ),
    not_blank("review", "review_byline_not_blank", &["byline"]),
    not_blank("review", "review_excerpt_not_blank", &["excerpt"]),
    not_blank(
        "review",
        "review_source_not_blank",
        &["source", "external_id"],
    ),
    not_blank(
        "published_score",
        "published_score_source_not_blank",
        &["source"],
    ),
    not_blank(
        "published_score",
        "published_score_label_not_blank",
        &["label"],
    ),
    not_blank(
        "film_external_id",
        "film_external_id_not_blank",
        &["source", "external_id"],
    ),
    not_blank(
        "critic_external_id",
        "critic_external_id_not_blank",
        &["source", "external_id"],
    ),
    not_blank("api_token", "api_token_name_not_blank", &["name"]),
    not_blank(
        "api_token",
        "api_token_created_by_not_blank",
        &["created_by"],
    ),
];

/// The tables whose rows are computed from others by triggers.
const COMPUTED_TABLES: [&str; 4] = [
    "film_tally",
    "critic_tally",
    "publication_tally",
    "review_month_count",
];

/// The body of the function is parsed here, so that it doesn't depend on the session either. PostgreSQL inserts it into
/// the statements that use it.
const CREATE_CHANNEL: &str = "
CREATE FUNCTION notification_channel(base text, schema text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE schema WHEN 'public' THEN base ELSE base || '_' || left(md5(schema), 16) END;
COMMENT ON FUNCTION notification_channel(text, text) IS 'The channel of the notifications of a schema.';
";

fn up() -> String {
    let mut sql = String::from(CREATE_CHANNEL);
    sql.push_str(&edit_functions(
        &statement_functions(),
        &CHANNELS,
        "ALTER FUNCTION %1$I.%2$I() SET search_path = %1$I, pg_temp",
    ));
    // Setting the path takes some microseconds, which is too much for each row. So this function names the schema.
    sql.push_str(
        "
DO $migration$ BEGIN
EXECUTE replace(
    pg_get_functiondef('review_weigh()'::regprocedure),
    'FROM publication WHERE',
    format('FROM %I.publication WHERE', current_schema())
);
EXECUTE format(
    'ALTER FUNCTION %1$I.review_month_count_sum(date[]) SET search_path = %1$I, pg_temp', current_schema()
);
END $migration$;
",
    );
    sql.push_str(&restore_not_blank());
    sql.push_str(&skip_restored());
    sql
}

fn down() -> String {
    let mut sql = String::new();
    for table in COMPUTED_TABLES {
        let _ = writeln!(sql, "DROP TRIGGER {table}_skip_restored ON {table};");
    }
    sql.push_str(
        "
DROP FUNCTION skip_restored();
DROP TRIGGER seaql_migrations_skip_restored ON seaql_migrations;
DROP FUNCTION skip_restored_migration();
ALTER FUNCTION review_month_count_sum(date[]) RESET search_path;
DO $migration$ BEGIN
EXECUTE replace(
    pg_get_functiondef('review_weigh()'::regprocedure),
    format('FROM %I.publication WHERE', current_schema()),
    'FROM publication WHERE'
);
END $migration$;
",
    );
    sql.push_str(&edit_functions(
        &statement_functions(),
        &CHANNELS.map(|(before, after)| (after, before)),
        "ALTER FUNCTION %1$I.%2$I() RESET search_path",
    ));
    sql.push_str("DROP FUNCTION notification_channel(text, text);\n");
    sql
}

fn statement_functions() -> Vec<String> {
    let announcing = ANNOUNCED_TABLES.iter().flat_map(|table| {
        ["insert", "update", "delete"].map(|statement| format!("{table}_announce_{statement}"))
    });
    let others = STATEMENT_FUNCTIONS.iter().map(|name| (*name).to_owned());
    others.chain(announcing).collect()
}

/// Returns the statement that replaces texts in functions and then alters each by a statement, whose first parameter is
/// the schema, and whose second is the function.
pub(crate) fn edit_functions(names: &[String], texts: &[(&str, &str)], alter: &str) -> String {
    let definition = texts.iter().fold(
        "pg_get_functiondef(edited.oid)".to_owned(),
        |definition, (before, after)| format!("replace({definition}, $${before}$$, $${after}$$)"),
    );
    let names = names.join("', '");
    format!(
        "
DO $migration$
DECLARE
    edited record;
BEGIN
    FOR edited IN
        SELECT pg_proc.oid, nspname, proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
        WHERE nspname = current_schema() AND pronargs = 0 AND proname IN ('{names}')
    LOOP
        EXECUTE {definition};
        EXECUTE format('{alter}', edited.nspname, edited.proname);
    END LOOP;
END
$migration$;
"
    )
}

/// Returns the statements that replace wrong constraints. In a session with `standard_conforming_strings = off`,
/// earlier migrations created constraints that require an S instead of a visible character.
fn restore_not_blank() -> String {
    let mut sql = String::from("\nDO $migration$ BEGIN\n");
    for NotBlank {
        table,
        name,
        columns,
    } in &NOT_BLANK
    {
        let conditions: Vec<String> = columns
            .iter()
            .map(|column| format!("{column} ~ '[^[:space:]]'"))
            .collect();
        let condition = conditions.join(" AND ");
        let _ = writeln!(
            sql,
            "IF EXISTS (
    SELECT FROM pg_constraint
    WHERE conrelid = '{table}'::regclass AND conname = '{name}'
        AND position(chr(92) || 'S' IN pg_get_constraintdef(oid)) = 0
) THEN
    ALTER TABLE {table} DROP CONSTRAINT {name};
    ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition});
END IF;"
        );
    }
    sql.push_str("END $migration$;\n");
    sql
}

/// Returns the statements that create triggers for the restore of a dump of data. While its reviews are restored, the
/// triggers count them. So the dumped numbers are skipped: they are the same, and would be counted twice. The empty
/// `search_path` is that of `pg_dump` and `pg_restore`.
///
/// The dumped list of migrations is skipped as well, as far as these migrations are applied.
fn skip_restored() -> String {
    let mut sql = String::from(
        "
CREATE FUNCTION skip_restored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION skip_restored() IS 'Triggers compute these rows when a dump of data is restored.';
",
    );
    for table in COMPUTED_TABLES {
        let _ = writeln!(
            sql,
            "CREATE TRIGGER {table}_skip_restored BEFORE INSERT ON {table} FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND current_setting('search_path') = '') EXECUTE FUNCTION skip_restored();"
        );
    }
    sql.push_str(
        "
CREATE FUNCTION skip_restored_migration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM seaql_migrations WHERE version = NEW.version) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER seaql_migrations_skip_restored BEFORE INSERT ON seaql_migrations FOR EACH ROW
    WHEN (current_setting('search_path') = '') EXECUTE FUNCTION skip_restored_migration();
DO $migration$ BEGIN
EXECUTE format('ALTER FUNCTION %1$I.skip_restored_migration() SET search_path = %1$I, pg_temp', current_schema());
END $migration$;
",
    );
    sql
}
