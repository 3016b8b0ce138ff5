//! The locks that an import takes before it changes rows, to prevent deadlocks with other writers.
//!
//! All writers take locks in the same order: films, critics and publications (with
//! [`Owner::resolve`](super::owners::Owner::resolve)), then reviews, then tallies by film, critic and publication.
//! Without these statements, the statements of the merge would take them in another order.

use sea_orm::sqlx::{self, PgConnection};

use super::owners::{OWNERS, execute};

/// The statement that marks all reviews of publications whose weight changes, because a new weight changes reviews that
/// the file doesn't have too.
const MARK_REWEIGHED: &str = "
INSERT INTO import_changed_review (review_id)
SELECT review.id
FROM import_publication AS staged
JOIN publication ON publication.id = staged.id
JOIN review ON review.publication_id = publication.id
WHERE staged.declared AND NOT staged.is_new AND staged.weight <> publication.weight
    AND NOT EXISTS (SELECT FROM import_rejected AS rejected WHERE rejected.row_position = staged.row_position)";

const LOCK_REVIEWS: &str = "
SELECT FROM review WHERE id IN (SELECT review_id FROM import_changed_review) ORDER BY id FOR NO KEY UPDATE";

/// Locks the reviews that will change, and the tallies that changed or new reviews will update.
pub async fn lock_reviews_and_tallies(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    execute(connection, MARK_REWEIGHED).await?;
    execute(connection, "ANALYZE import_changed_review").await?;
    execute(connection, LOCK_REVIEWS).await?;
    for owner in &OWNERS {
        execute(connection, &owner.lock_tallies()).await?;
    }
    Ok(())
}
