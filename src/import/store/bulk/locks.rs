//! What an import locks before it changes anything, so that it and other writers never wait for each other in a circle.
//!
//! The order is everybody's: films, critics and publications (with [`Owner::resolve`]), then reviews, then tallies by film, critic and
//! publication. An import has many statements, and would otherwise take the later ones before the earlier.

use sea_orm::sqlx::{self, PgConnection};

use super::owners::{OWNERS, run};

/// A change of weight reaches every review of the publication, whether or not the file has it.
const TOUCH_REWEIGHED: &str = "
INSERT INTO import_touched (review_id)
SELECT review.id
FROM import_publication AS staged
JOIN publication ON publication.id = staged.id
JOIN review ON review.publication_id = publication.id
WHERE staged.declared AND NOT staged.is_new AND staged.weight <> publication.weight
    AND NOT EXISTS (SELECT FROM import_rejected AS bad WHERE bad.place = staged.place)";

const LOCK_REVIEWS: &str = "
SELECT FROM review WHERE id IN (SELECT review_id FROM import_touched) ORDER BY id FOR NO KEY UPDATE";

/// Locks the reviews that will change, and every tally that their change or a new review will reach.
pub async fn lock_reviews_and_tallies(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    run(connection, TOUCH_REWEIGHED).await?;
    run(connection, "ANALYZE import_touched").await?;
    run(connection, LOCK_REVIEWS).await?;
    for owner in &OWNERS {
        run(connection, &owner.lock_tallies()).await?;
    }
    Ok(())
}
