//! Makes statements that insert several reviews cheaper: they add to the numbers of repeated reviews, instead of counting
//! all reviews of each film anew. Reviews without a critic are never repeated, and cost nothing.

use crate::{
    SqlMigration,
    m20261120_000004_create_tallies::CHANGES,
    m20261129_000017_count_by_month::count_changes,
    m20261130_000026_count_critics::IS_RECOUNTED,
    m20261130_000030_count_added_reviews::{
        self as count_added_reviews, add_all, replace_insert_trigger,
    },
};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000032_count_repeated_reviews",
        up: replace_insert_trigger(&insert_all()),
        down: replace_insert_trigger(&count_added_reviews::insert_all()),
    }
}

/// Returns the body of the trigger's function.
pub(crate) fn insert_all() -> String {
    let [insert, ..] = &CHANGES;
    format!("{}{}{}", add_all(), add_repeated(), count_changes(insert))
}

/// Returns the statement that adds the inserted reviews of critics who have another one of the film. Of those of a critic
/// without an earlier one, the first doesn't count. The tallies of the films are locked by then, so that the reviews of
/// concurrent transactions are seen.
pub(crate) fn add_repeated() -> String {
    format!(
        "
    IF {IS_RECOUNTED} AND EXISTS (SELECT FROM new_rows WHERE critic_id IS NOT NULL) THEN
        UPDATE film_tally AS tally SET repeated = tally.repeated + delta.repeated
        FROM (
            SELECT film_id, sum(inserted - (NOT has_earlier)::integer)::integer AS repeated
            FROM (
                SELECT film_id, inserted, (
                    SELECT count(*) FROM (
                        SELECT FROM review
                        WHERE review.film_id = pair.film_id AND review.critic_id = pair.critic_id
                        LIMIT pair.inserted + 1
                    ) AS stored
                ) > inserted AS has_earlier
                FROM (
                    SELECT film_id, critic_id, count(*) AS inserted FROM new_rows
                    WHERE critic_id IS NOT NULL
                    GROUP BY film_id, critic_id
                ) AS pair
            ) AS counted
            GROUP BY film_id
        ) AS delta
        WHERE tally.film_id = delta.film_id AND delta.repeated <> 0;
    END IF;"
    )
}
