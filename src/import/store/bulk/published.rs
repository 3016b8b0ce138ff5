//! What sources say of films themselves.

use sea_orm::sqlx::{self, PgConnection};

use super::{
    owners::{run, to_count},
    staging::reject_later,
};
use crate::import::{Changes, rows::Given};

/// Where what a row tells is told first.
const TOLD: &str = "
SELECT staged.place, min(staged.place) OVER (PARTITION BY film.id, staged.source, staged.kind) AS first
FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
WHERE film.id IS NOT NULL";

/// What the file doesn't speak of stays as it is.
fn update(given: &Given) -> String {
    let list = |prefix: &str| -> Vec<String> {
        let columns = given.published_score.iter();
        columns.map(|column| format!("{prefix}.{column}")).collect()
    };
    let (old, new) = (list("stored").join(", "), list("staged").join(", "));
    let set: Vec<String> = given
        .published_score
        .iter()
        .map(|column| format!("{column} = staged.{column}"))
        .collect();
    format!(
        "UPDATE published_score AS stored SET {}, updated_at = now()
         FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
         WHERE stored.film_id = film.id AND stored.source = staged.source AND stored.kind = staged.kind
             AND NOT EXISTS (SELECT FROM import_rejected AS bad WHERE bad.place = staged.place)
             AND ROW({old}) IS DISTINCT FROM ROW({new})",
        set.join(", ")
    )
}

const INSERT: &str = "
INSERT INTO published_score
    (film_id, source, kind, value, label, review_count, positive_count, mixed_count, negative_count)
SELECT
    film.id, staged.source, staged.kind, staged.value, staged.label, staged.review_count, staged.positive_count,
    staged.mixed_count, staged.negative_count
FROM import_published_score AS staged JOIN import_film AS film ON film.ref = staged.film_ref
WHERE NOT EXISTS (SELECT FROM import_rejected AS bad WHERE bad.place = staged.place)
    AND NOT EXISTS (
        SELECT FROM published_score AS stored
        WHERE stored.film_id = film.id AND stored.source = staged.source AND stored.kind = staged.kind
    )
ORDER BY staged.place";

const COUNT: &str = "
SELECT count(*) FROM import_published_score AS staged
WHERE NOT EXISTS (SELECT FROM import_rejected AS bad WHERE bad.place = staged.place)";

/// A film, a source and a measure have one published score; of several rows for it, the first counts.
pub async fn reject_twice(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let sql = reject_later(TOLD, "measure", "the same score of this film stands");
    run(connection, &sql).await.map(drop)
}

/// Stores what is new and mends what is different.
pub async fn merge(given: &Given, connection: &mut PgConnection) -> Result<Changes, sqlx::Error> {
    // A row of a published score has a value or a label. Where no row is one, there may be neither column.
    let changed = if given.published_score.is_empty() {
        0
    } else {
        run(connection, &update(given)).await?
    };
    let new = run(connection, INSERT).await?;
    let all: i64 = sqlx::query_scalar(COUNT).fetch_one(connection).await?;
    Ok(Changes {
        new,
        changed,
        same: to_count(all).saturating_sub(new + changed),
    })
}
