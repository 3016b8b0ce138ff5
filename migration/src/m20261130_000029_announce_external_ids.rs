//! Creates the triggers that invalidate caches when external ids of films and critics change, whatever client makes the
//! change. They are those of the other tables, as later migrations have changed them.

use std::fmt::Write as _;

use crate::{
    SqlMigration,
    m20261120_000012_tell_stale::{ALL_STATEMENTS, TableTriggers, create_trigger},
    m20261130_000019_separate_schemas::{CHANNELS, edit_functions},
    m20261130_000022_notify_replicated_changes::{create_replica_triggers, drop_replica_triggers},
};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000029_announce_external_ids",
        up: up(),
        down: down(),
    }
}

const TABLE_TRIGGERS: [TableTriggers; 2] = [
    TableTriggers {
        table: "film_external_id",
        words: "'f' || film_id",
        statements: ALL_STATEMENTS,
        when: "",
    },
    TableTriggers {
        table: "critic_external_id",
        words: "'c' || critic_id",
        statements: ALL_STATEMENTS,
        when: "",
    },
];

/// Returns the names of the triggers.
pub(crate) fn trigger_names() -> impl Iterator<Item = String> {
    let tables = TABLE_TRIGGERS.iter().map(|triggers| triggers.table);
    function_names().chain(tables.map(|table| format!("{table}_announce_truncate")))
}

/// Returns the names of the functions. Each has a trigger of the same name.
fn function_names() -> impl Iterator<Item = String> {
    TABLE_TRIGGERS.iter().flat_map(|triggers| {
        let statements = triggers.statements.iter();
        statements.map(|statement| format!("{}_announce_{statement}", triggers.table))
    })
}

fn up() -> String {
    let mut sql = String::new();
    for triggers in &TABLE_TRIGGERS {
        for statement in triggers.statements {
            create_trigger(&mut sql, triggers, statement);
        }
        let table = triggers.table;
        let _ = writeln!(
            sql,
            "CREATE TRIGGER {table}_announce_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION announce_truncate();"
        );
        create_replica_triggers(&mut sql, table);
    }
    let names: Vec<String> = function_names().collect();
    sql.push_str(&edit_functions(
        &names,
        &CHANNELS,
        "ALTER FUNCTION %1$I.%2$I() SET search_path = %1$I, pg_temp",
    ));
    sql
}

fn down() -> String {
    let mut sql = String::new();
    for TableTriggers {
        table, statements, ..
    } in &TABLE_TRIGGERS
    {
        drop_replica_triggers(&mut sql, table);
        let _ = writeln!(sql, "DROP TRIGGER {table}_announce_truncate ON {table};");
        for statement in *statements {
            let _ = writeln!(
                sql,
                "DROP TRIGGER {table}_announce_{statement} ON {table}; DROP FUNCTION {table}_announce_{statement}();"
            );
        }
    }
    sql
}
