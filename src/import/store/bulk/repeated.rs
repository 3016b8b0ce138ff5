//! The recount of repeated reviews: the reviews of a film by critics beyond the first one of each.
//!
//! The triggers would recount the films after each statement of the merge. So they skip it, and the import recounts all
//! films that it has changed once.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::owners::{execute, to_count};
use crate::import::report::SeveralReviews;

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

/// The maximum number of pairs of a critic and a film that a report names.
const MAX_NAMED: usize = 3;

/// Returns the query for the critics of the file who have several reviews of a film without a source, unless the site
/// allows that. It reads only the films with repeated reviews.
fn list_several_reviews() -> String {
    format!(
        "WITH several AS (
            SELECT film_id, critic_id, count(*) AS reviews
            FROM review
            WHERE source IS NULL
                AND film_id IN (
                    SELECT film_id FROM import_recounted_film JOIN film_tally USING (film_id) WHERE repeated > 0
                )
                AND (film_id, critic_id) IN (
                    SELECT film_id, critic_id FROM import_match WHERE source IS NULL AND critic_id IS NOT NULL
                )
                AND NOT EXISTS (SELECT FROM site_rules WHERE more_reviews_per_critic)
            GROUP BY film_id, critic_id
            HAVING count(*) > 1
        )
        SELECT critic.name::text COLLATE \"C\", film.title::text COLLATE \"C\", reviews, count(*) OVER ()
        FROM several
        JOIN critic ON critic.id = critic_id
        JOIN film ON film.id = film_id
        ORDER BY critic_id, film_id LIMIT {MAX_NAMED}"
    )
}

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

/// Returns the critics of the file who have several reviews of a film that a mutation would refuse, after the recount.
pub async fn several_reviews(connection: &mut PgConnection) -> Result<SeveralReviews, sqlx::Error> {
    let rows: Vec<(String, String, i64, i64)> =
        sqlx::query_as(AssertSqlSafe(list_several_reviews()))
            .fetch_all(connection)
            .await?;
    let count = rows.first().map_or(0, |(_, _, _, count)| to_count(*count));
    let first = rows.into_iter();
    Ok(SeveralReviews {
        count,
        first: first
            .map(|(critic, film, reviews, _)| (critic, film, to_count(reviews)))
            .collect(),
    })
}
