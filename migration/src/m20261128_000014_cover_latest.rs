//! Makes the indexes by date covering, so that lists of the latest reviews of a critic or publication are index-only
//! scans.
//!
//! Such reviews are spread over the table: a list of 20 reads 20 pages of the heap, from disk if the table is large.
//! The index that sorts the list now includes the columns that lists show: film, critic or publication, and score.
//!
//! An index-only scan still reads the heap for pages that are not marked all-visible, and vacuum marks them. So
//! autovacuum runs after inserts of 2 % of the table instead of 20 %, because the latest reviews are the most requested
//! ones.

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
