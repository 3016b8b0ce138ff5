//! The indexes of the table of reviews: to build them over all rows at once takes a fifth of the time that it takes to keep them row
//! by row. But nobody else can read the table meanwhile.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::owners::run;

/// Every index but those of constraints, such as the primary key, which grows at its end.
const LIST: &str = "
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = 'review'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY 1";

/// Whether nobody would miss the table: it is empty, nobody else is connected, and it is ours to change.
const IS_IDLE: &str = "
SELECT NOT EXISTS (SELECT FROM review)
    AND NOT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    )
    AND pg_has_role(relowner, 'USAGE')
FROM pg_class WHERE oid = 'review'::regclass";

/// Drops the indexes if nobody would miss them. Gives the statements that make them again.
pub async fn set_aside(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let is_idle: bool = sqlx::query_scalar(IS_IDLE)
        .fetch_one(&mut *connection)
        .await?;
    if !is_idle {
        return Ok(Vec::new());
    }
    let indexes: Vec<(String, String)> = sqlx::query_as(LIST).fetch_all(&mut *connection).await?;
    for (name, _) in &indexes {
        run(connection, &format!("DROP INDEX {name}")).await?;
    }
    Ok(indexes
        .into_iter()
        .map(|(_, definition)| definition)
        .collect())
}

/// Makes indexes.
pub async fn build(
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
