//! The merge of the scores that sources publish for films.

use sea_orm::sqlx::{self, PgConnection};

use super::{
    owners::{execute, to_count},
    staging::reject_duplicates_sql,
};
use crate::import::{Changes, rows::TableColumns};

/// The position of each row, and that of the first row with the same film, source, kind and audience.
const FIRST_POSITIONS: &str = "
SELECT staged.row_position, min(staged.row_position) OVER (
    PARTITION BY film.id, staged.source, staged.kind, staged.audience
) AS first
FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
WHERE film.id IS NOT NULL";

/// Returns the statement that updates changed scores. It only sets the columns for which the file has values.
fn update(columns: &TableColumns) -> String {
    let list = |prefix: &str| -> Vec<String> {
        let names = columns.published_score.iter();
        names.map(|column| format!("{prefix}.{column}")).collect()
    };
    let (old, new) = (list("stored").join(", "), list("staged").join(", "));
    let set: Vec<String> = columns
        .published_score
        .iter()
        .map(|column| format!("{column} = staged.{column}"))
        .collect();
    format!(
        "UPDATE published_score AS stored SET {}, updated_at = now()
         FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
         WHERE stored.film_id = film.id AND stored.source = staged.source AND stored.kind = staged.kind
             AND stored.audience = staged.audience
             AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)
             AND ROW({old}) IS DISTINCT FROM ROW({new})",
        set.join(", ")
    )
}

const INSERT: &str = "
INSERT INTO published_score
    (film_id, source, kind, audience, value, scale, original_value, label, review_count, positive_count, mixed_count, negative_count)
SELECT
    film.id, staged.source, staged.kind, staged.audience, staged.value, staged.scale, staged.original_value, staged.label,
    staged.review_count, staged.positive_count, staged.mixed_count, staged.negative_count
FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
WHERE NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)
    AND NOT EXISTS (
        SELECT FROM published_score AS stored
        WHERE stored.film_id = film.id AND stored.source = staged.source AND stored.kind = staged.kind
            AND stored.audience = staged.audience
    )
ORDER BY staged.row_position";

const COUNT: &str = "
SELECT count(*) FROM import_published_score AS staged
WHERE NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)";

/// Rejects all rows but the first for the same film, source, measure and audience.
pub async fn reject_duplicates(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let sql = reject_duplicates_sql(
        FIRST_POSITIONS,
        "measure",
        "the same score of this film is already",
    );
    execute(connection, &sql).await.map(drop)
}

/// Inserts new scores and updates changed ones.
pub async fn merge(
    columns: &TableColumns,
    connection: &mut PgConnection,
) -> Result<Changes, sqlx::Error> {
    // Without rows of published scores, the file may have none of their columns, and there is nothing to update.
    let changed = if columns.published_score.is_empty() {
        0
    } else {
        execute(connection, &update(columns)).await?
    };
    let new = execute(connection, INSERT).await?;
    let all: i64 = sqlx::query_scalar(COUNT).fetch_one(connection).await?;
    Ok(Changes {
        new,
        changed,
        same: to_count(all).saturating_sub(new + changed),
    })
}
