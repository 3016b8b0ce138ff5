//! The latest reviews of a critic or a publication are read from the index alone.
//!
//! They lie all over the table: a page of twenty is twenty pages of the heap, from the disk if it is large. What lists show of a review
//! without opening it (whose it is, its score and its date) fits into the index that they are sorted by.
//!
//! PostgreSQL looks into the heap all the same where it doesn't know that everybody sees the rows, which it learns when it vacuums. So it is
//! to do that after a fiftieth of the reviews was added, not after a fifth: the latest are those that are asked for.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261128_000014_cover_latest",
        up: UP.to_owned(),
        down: DOWN.to_owned(),
    }
}

const UP: &str = "
DROP INDEX review_of_critic_by_date, review_of_publication_by_date;
CREATE INDEX review_of_critic_by_date ON review (critic_id, reviewed_on DESC NULLS LAST, id)
    INCLUDE (film_id, publication_id, score);
CREATE INDEX review_of_publication_by_date ON review (publication_id, reviewed_on DESC NULLS LAST, id)
    INCLUDE (film_id, critic_id, score);
ALTER TABLE review SET (autovacuum_vacuum_insert_scale_factor = 0.02);
";

const DOWN: &str = "
ALTER TABLE review RESET (autovacuum_vacuum_insert_scale_factor);
DROP INDEX review_of_critic_by_date, review_of_publication_by_date;
CREATE INDEX review_of_critic_by_date ON review (critic_id, reviewed_on DESC NULLS LAST, id);
CREATE INDEX review_of_publication_by_date ON review (publication_id, reviewed_on DESC NULLS LAST, id);
";
