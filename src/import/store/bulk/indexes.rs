//! The indexes of the table of reviews: to build them over all rows at once takes a fifth of the time that it takes to keep them row
//! by row. But nobody else can read the table meanwhile.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::owners::run;

/// Every index but the primary key, which keeps the rows apart and grows at its end.
const LIST: &str = "
SELECT index.relname::text, pg_get_indexdef(index.oid)
FROM pg_index JOIN pg_class AS index ON index.oid = pg_index.indexrelid
WHERE pg_index.indrelid = 'review'::regclass AND NOT pg_index.indisprimary
ORDER BY index.relname";

/// Drops the indexes if the table is empty. Gives the statements that make them again.
pub async fn set_aside(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let has_reviews: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM review)")
        .fetch_one(&mut *connection)
        .await?;
    if has_reviews {
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
