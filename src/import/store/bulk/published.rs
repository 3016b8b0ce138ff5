//! The merge of the scores that sources publish for films.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::{
    file_columns::{FileColumn, FileColumns},
    owners::{execute, to_count},
    staging::reject_duplicates_sql,
};
use crate::import::{Changes, rows::RowPosition};

/// Returns the query for the position of each row of a list, and that of the first row of its file with the same film,
/// source, kind and audience. A row with a review is no row of a list.
fn first_positions() -> String {
    let lines_of_a_file = RowPosition::LINES_PER_FILE;
    format!(
        "SELECT row_position, first FROM (
            SELECT staged.row_position, min(staged.row_position) OVER (
                PARTITION BY film.id, staged.source, staged.kind, staged.audience, staged.row_position / {lines_of_a_file}
            ) AS first
            FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
            WHERE film.id IS NOT NULL
        ) AS placed
        WHERE row_position > first
            AND NOT EXISTS (SELECT FROM import_review AS review WHERE review.row_position = placed.row_position)"
    )
}

/// The query for the scores to store, with their films: the first valid row for each film, source, kind and audience.
const FIRST: &str = "
SELECT DISTINCT ON (film.id, staged.source, staged.kind, staged.audience) film.id AS film_id, staged.*
FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
WHERE film.id IS NOT NULL
    AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)
ORDER BY film.id, staged.source, staged.kind, staged.audience, staged.row_position";

/// Returns the statement that updates changed scores. It only sets the columns that the file of the row has.
fn update(columns: &[FileColumn]) -> String {
    let values = columns.iter().map(|column| {
        let name = column.name;
        let (given, stored) = (format!("staged.{name}"), format!("stored.{name}"));
        let value = column.new_value("staged.row_position", &given, &stored);
        (format!("{name} = {value}"), stored, value)
    });
    let (mut set, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for (assignment, stored, value) in values {
        set.push(assignment);
        old.push(stored);
        new.push(value);
    }
    format!(
        "UPDATE published_score AS stored SET {}, updated_at = now()
         FROM ({FIRST}) AS staged
         WHERE stored.film_id = staged.film_id AND stored.source = staged.source AND stored.kind = staged.kind
             AND stored.audience = staged.audience
             AND ROW({}) IS DISTINCT FROM ROW({})",
        set.join(", "),
        old.join(", "),
        new.join(", ")
    )
}

/// Returns the statement that inserts new scores.
fn insert() -> String {
    format!(
        "INSERT INTO published_score
            (film_id, source, kind, audience, value, scale, original_value, label, review_count, positive_count, mixed_count, negative_count)
        SELECT
            film_id, source, kind, audience, value, scale, original_value, label, review_count, positive_count, mixed_count, negative_count
        FROM ({FIRST}) AS staged
        WHERE NOT EXISTS (
            SELECT FROM published_score AS stored
            WHERE stored.film_id = staged.film_id AND stored.source = staged.source AND stored.kind = staged.kind
                AND stored.audience = staged.audience
        )
        ORDER BY row_position"
    )
}

/// Rejects all rows of a list but the first for the same film, source, measure and audience.
pub async fn reject_duplicates(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let sql = reject_duplicates_sql(
        &first_positions(),
        "measure",
        "the same score of this film is already",
    );
    execute(connection, &sql).await.map(drop)
}

/// Inserts new scores and updates changed ones.
pub async fn merge(
    columns: &FileColumns<'_>,
    connection: &mut PgConnection,
) -> Result<Changes, sqlx::Error> {
    let columns = columns.of(|columns| &columns.published_score);
    // Without rows of published scores, the files may have none of their columns, and there is nothing to update.
    let changed = if columns.is_empty() {
        0
    } else {
        execute(connection, &update(&columns)).await?
    };
    let new = execute(connection, &insert()).await?;
    let count = format!("SELECT count(*) FROM ({FIRST}) AS staged");
    let all: i64 = sqlx::query_scalar(AssertSqlSafe(count))
        .fetch_one(connection)
        .await?;
    Ok(Changes {
        new,
        changed,
        same: to_count(all).saturating_sub(new + changed),
    })
}
