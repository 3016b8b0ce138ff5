//! Adds a fast path to the insert trigger for statements that insert one review. Most statements do, and the
//! aggregation over many reviews costs several times as much as the insert itself.
//!
//! The fast path updates the same tallies in the same order. It needs no separate lock, because its update depends only
//! on the inserted row, and the update itself locks the tally.

use std::fmt::Write as _;

use crate::{
    SqlMigration,
    m20261120_000004_create_tallies::{OWNERS, update_tallies_on_insert},
};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000013_tally_one_review",
        up: up(),
        down: down(),
    }
}

/// The assignments for an unscored review.
const UNSCORED_ASSIGNMENTS: &str = "
    unscored_positive = unscored_positive + (added.implied_sentiment IS NOT DISTINCT FROM 'positive')::integer,
    unscored_mixed = unscored_mixed + (added.implied_sentiment IS NOT DISTINCT FROM 'mixed')::integer,
    unscored_negative = unscored_negative + (added.implied_sentiment IS NOT DISTINCT FROM 'negative')::integer,
    unrated = unrated + (added.implied_sentiment IS NULL)::integer,
    unscored_positive_weight = unscored_positive_weight
        + CASE WHEN added.implied_sentiment = 'positive' THEN added.weight ELSE 0 END,
    unscored_mixed_weight = unscored_mixed_weight
        + CASE WHEN added.implied_sentiment = 'mixed' THEN added.weight ELSE 0 END,
    unscored_negative_weight = unscored_negative_weight
        + CASE WHEN added.implied_sentiment = 'negative' THEN added.weight ELSE 0 END,";

/// The assignments for a scored review. SQL arrays start at 1, so the index of a count is the score plus 1.
const SCORED_ASSIGNMENTS: &str = "
    scored_count = scored_count + 1,
    score_counts[added.score + 1] = score_counts[added.score + 1] + 1,
    weighted_sum = weighted_sum + added.weight::bigint * added.score,
    weight = tally.weight + added.weight,";

fn up() -> String {
    replace_function("DECLARE\n    added record;\n", &insert_body(""))
}

/// Returns the body of the insert trigger. `for_one` are further statements for a single review, the record `added`.
pub(crate) fn insert_body(for_one: &str) -> String {
    format!("{}{}", insert_one(for_one), update_tallies_on_insert())
}

/// Returns the statements that add a single review to the tallies, and then return from the trigger.
pub(crate) fn insert_one(for_one: &str) -> String {
    let mut body = String::from(
        "
    SELECT few.*, count(*) OVER () AS several INTO added FROM (
        SELECT film_id, critic_id, publication_id, score, implied_sentiment, recommended, weight, reviewed_on
        FROM new_rows LIMIT 2
    ) AS few LIMIT 1;
    IF added.several = 1 THEN",
    );
    for owner in OWNERS {
        update_tally_for_one_review(&mut body, owner);
    }
    let _ = write!(
        body,
        "{for_one}
        RETURN NULL;
    END IF;
"
    );
    body
}

/// Appends the statements that add the review to the tally of an owner. They insert the tally if it is missing, which
/// happens if the same statement adds the owner.
fn update_tally_for_one_review(sql: &mut String, owner: &str) {
    let update = |counts: &str| {
        format!(
            "UPDATE {owner}_tally AS tally SET
    review_count = review_count + 1,{counts}
    recommended = tally.recommended + (added.recommended IS TRUE)::integer,
    not_recommended = not_recommended + (added.recommended IS FALSE)::integer,
    first_reviewed_on = least(first_reviewed_on, added.reviewed_on),
    last_reviewed_on = greatest(last_reviewed_on, added.reviewed_on)
WHERE {owner}_id = added.{owner}_id"
        )
    };
    let either = format!(
        "IF added.score IS NULL THEN
{};
ELSE
{};
END IF",
        update(UNSCORED_ASSIGNMENTS),
        update(SCORED_ASSIGNMENTS)
    );
    let _ = write!(
        sql,
        "
IF added.{owner}_id IS NOT NULL THEN
{either};
IF NOT FOUND THEN
    INSERT INTO {owner}_tally ({owner}_id) SELECT id FROM {owner} WHERE id = added.{owner}_id ON CONFLICT DO NOTHING;
{either};
END IF;
END IF;"
    );
}

fn down() -> String {
    replace_function("", &update_tallies_on_insert())
}

fn replace_function(declarations: &str, body: &str) -> String {
    format!(
        r"
CREATE OR REPLACE FUNCTION review_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $$
{declarations}BEGIN
{body}
    RETURN NULL;
END
$$;
"
    )
}
