//! Creates triggers that notify the changes of sessions in which the other triggers do not fire: those with
//! `session_replication_role = replica`, such as the apply workers of logical replication.
//!
//! An apply worker fires triggers for each row only, except for TRUNCATE. So these are triggers for each row. They say
//! that any row may have changed: PostgreSQL sends equal notifications of a transaction once. In all other sessions they
//! are disabled, and cost nothing.

use std::fmt::Write as _;

use crate::{SqlMigration, m20261120_000012_tell_stale::TRUNCATABLE_TABLES as TABLES};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000022_notify_replicated_changes",
        up: up(),
        down: down(),
    }
}

fn up() -> String {
    let mut sql = String::from(
        r#"
CREATE FUNCTION announce_replicated_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(notification_channel('marquee_stale', TG_TABLE_SCHEMA), '*');
    PERFORM pg_notify(notification_channel('marquee_changes', TG_TABLE_SCHEMA), '{"resync":{}}');
    RETURN NULL;
END
$$;
DO $migration$ BEGIN
EXECUTE format('ALTER FUNCTION %1$I.announce_replicated_change() SET search_path = %1$I, pg_temp', current_schema());
END $migration$;
"#,
    );
    for table in TABLES {
        create_replica_triggers(&mut sql, table);
    }
    sql
}

/// Creates the two triggers of a table.
pub(crate) fn create_replica_triggers(sql: &mut String, table: &str) {
    let _ = writeln!(
        sql,
        "CREATE TRIGGER {table}_announce_replicated AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION announce_replicated_change();
CREATE TRIGGER {table}_announce_replicated_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION announce_replicated_change();
ALTER TABLE {table} ENABLE REPLICA TRIGGER {table}_announce_replicated;
ALTER TABLE {table} ENABLE REPLICA TRIGGER {table}_announce_replicated_truncate;"
    );
}

fn down() -> String {
    let mut sql = String::new();
    for table in TABLES {
        drop_replica_triggers(&mut sql, table);
    }
    sql.push_str("DROP FUNCTION announce_replicated_change();\n");
    sql
}

/// Drops the two triggers of a table.
pub(crate) fn drop_replica_triggers(sql: &mut String, table: &str) {
    let _ = writeln!(
        sql,
        "DROP TRIGGER {table}_announce_replicated ON {table};
DROP TRIGGER {table}_announce_replicated_truncate ON {table};"
    );
}
