//! The indexes of the `review` table. Rebuilding them after the import takes a fifth of the time of updating them for
//! each row. But other sessions can't read the table meanwhile.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::owners::execute;

/// The statement for all indexes except those of constraints. The primary key is one of these; new rows only append to
/// it.
const LIST: &str = "
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = 'review'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1";

/// The statement for whether the table can be locked: it is empty, no other client is connected, and the role may alter
/// it.
const IS_IDLE: &str = "
SELECT NOT EXISTS (SELECT FROM review)
    AND NOT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    )
    AND pg_has_role(relowner, 'USAGE')
FROM pg_class WHERE oid = 'review'::regclass";

/// Drops the indexes if the table is idle. Returns the statements that recreate them.
pub async fn drop_if_idle(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let is_idle: bool = sqlx::query_scalar(IS_IDLE)
        .fetch_one(&mut *connection)
        .await?;
    if !is_idle {
        return Ok(Vec::new());
    }
    let indexes: Vec<(String, String)> = sqlx::query_as(LIST).fetch_all(&mut *connection).await?;
    for (name, _) in &indexes {
        execute(connection, &format!("DROP INDEX {name}")).await?;
    }
    Ok(indexes
        .into_iter()
        .map(|(_, definition)| definition)
        .collect())
}

/// Creates indexes by their definitions.
pub async fn create(
    definitions: &[String],
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    for definition in definitions {
        sqlx::query(AssertSqlSafe(definition.clone()))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
