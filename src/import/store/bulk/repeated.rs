//! The recount of repeated reviews: the reviews of a film by critics beyond the first one of each.
//!
//! The triggers would recount the films after each statement of the merge. So they skip it, and the import recounts all
//! films that it has changed once.

use sea_orm::sqlx::{self, PgConnection};

use super::owners::execute;

/// The statement that makes the triggers skip the recount until the end of the transaction.
const SKIP: &str = "SET LOCAL marquee.repeated_reviews = 'later'";

/// The statements that collect the films of new and matched reviews, and the previous films of changed reviews. The
/// tallies of the latter are written even if the number is the same, so that a transaction with an older snapshot
/// doesn't recount them without the change.
const COLLECT_FILMS: [&str; 3] = [
    "CREATE TEMPORARY TABLE import_recounted_film (film_id bigint NOT NULL, is_changed boolean NOT NULL) ON COMMIT DROP",
    "INSERT INTO import_recounted_film
    SELECT film_id, bool_or(is_changed)
    FROM (
        SELECT film_id, false AS is_changed FROM import_match
        UNION ALL
        SELECT film_id, true FROM review WHERE id IN (SELECT review_id FROM import_changed_review)
    ) AS films
    GROUP BY film_id",
    "ANALYZE import_recounted_film",
];

/// The statement that recounts the films. Their tallies are locked already.
const RECOUNT: &str = "
UPDATE film_tally AS tally SET repeated = coalesce(counted.repeated, 0)
FROM import_recounted_film AS changed
LEFT JOIN (
    SELECT film_id, sum(reviews - 1) AS repeated
    FROM (
        SELECT film_id, critic_id, count(*) AS reviews
        FROM review
        WHERE critic_id IS NOT NULL AND film_id IN (SELECT film_id FROM import_recounted_film)
        GROUP BY film_id, critic_id
        HAVING count(*) > 1
    ) AS several
    GROUP BY film_id
) AS counted USING (film_id)
WHERE tally.film_id = changed.film_id AND (changed.is_changed OR tally.repeated <> coalesce(counted.repeated, 0))";

/// Collects the films to recount, before the reviews change.
pub async fn begin(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    execute(connection, SKIP).await?;
    for sql in COLLECT_FILMS {
        execute(connection, sql).await?;
    }
    Ok(())
}

/// Recounts the collected films, after the reviews have changed.
pub async fn recount(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    execute(connection, RECOUNT).await.map(drop)
}
