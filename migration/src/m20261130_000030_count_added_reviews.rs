//! Makes statements that insert many reviews cheaper. An import inserts 200,000 reviews by a statement, and a third of its
//! time went into triggers.
//!
//! - A tally's changes are summed over the inserted rows directly. Statements that update or delete need an aggregation
//!   by all counted columns before it, so that unchanged rows cancel out. Of inserted rows, none cancels out.
//! - The notification that many rows are stale reads as many rows as that takes, and no more.
//! - The planner keeps no statistics of the arrays of counts, which no query compares. They took half the time of ANALYZE
//!   after an import.
//! - A transaction that sets `marquee.review_owners` to `locked` has locked the publications of the reviews that it inserts,
//!   and the tallies of all their owners. It inserts the reviews with their weights. Then the triggers don't read and lock
//!   the publication of each review, and don't lock the tallies.

use crate::{
    SqlMigration,
    m20261120_000004_create_tallies::{CHANGES, Change, OWNERS},
    m20261120_000012_tell_stale::MAX_WORDS,
    m20261120_000013_tally_one_review::{insert_body, insert_one},
    m20261129_000017_count_by_month::replace_function,
    m20261130_000024_count_by_score::insert_scores,
    m20261130_000026_count_critics::{count_all, for_one, set_search_path},
};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000030_count_added_reviews",
        up: up(),
        down: down(),
    }
}

/// Adds 1 to the count of each score. SQL arrays start at 1, so the index is the score plus 1.
const ADD_SCORES: &str = r"
CREATE FUNCTION add_scores(counts integer[], scores smallint[]) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    score smallint;
BEGIN
    FOREACH score IN ARRAY coalesce(scores, '{}') LOOP
        counts[score + 1] := counts[score + 1] + 1;
    END LOOP;
    RETURN counts;
END
$$;
";

/// The condition that the transaction has not locked the publications and the tallies yet.
pub(crate) const IS_UNLOCKED: &str =
    "current_setting('marquee.review_owners', true) IS DISTINCT FROM 'locked'";

fn weigh_unless_locked() -> String {
    format!(
        "
COMMENT ON COLUMN review.weight IS
    'The publication''s weight in hundredths; written by the trigger review_weigh, or by an import that has locked the publication.';
DROP TRIGGER review_weigh_insert ON review;
CREATE TRIGGER review_weigh_insert BEFORE INSERT ON review FOR EACH ROW
    WHEN ({IS_UNLOCKED})
    EXECUTE FUNCTION review_weigh();
"
    )
}

const WEIGH_ALWAYS: &str = "
COMMENT ON COLUMN review.weight IS 'The publication''s weight in hundredths; written by the trigger review_weigh only.';
DROP TRIGGER review_weigh_insert ON review;
CREATE TRIGGER review_weigh_insert BEFORE INSERT ON review FOR EACH ROW EXECUTE FUNCTION review_weigh();
";

fn up() -> String {
    format!(
        "{ADD_SCORES}{}{}{}{}",
        replace_insert_trigger(&insert_all()),
        edit_function(edit()),
        set_statistics(0),
        weigh_unless_locked()
    )
}

fn down() -> String {
    let [insert, ..] = &CHANGES;
    let (function, before, after) = edit();
    let body = format!("{}{}", insert_body(&for_one()), count_all(insert));
    format!(
        "{}{}{}{WEIGH_ALWAYS}DROP FUNCTION add_scores(integer[], smallint[]);\n",
        replace_insert_trigger(&body),
        edit_function((function, after, before)),
        set_statistics(-1)
    )
}

/// Returns the statements that set how many statistics of the arrays of counts the planner keeps; -1 is the default.
fn set_statistics(target: i32) -> String {
    OWNERS
        .map(|owner| {
            format!(
                "ALTER TABLE {owner}_tally ALTER COLUMN score_counts SET STATISTICS {target};\n"
            )
        })
        .concat()
}

/// Returns the body of the trigger's function.
pub(crate) fn insert_all() -> String {
    let [insert, ..] = &CHANGES;
    format!("{}{}", add_all(), count_all(insert))
}

/// Returns the statements that add the inserted reviews to the tallies of their owners.
pub(crate) fn add_all() -> String {
    format!(
        "{}{}",
        insert_one(&for_one()),
        OWNERS.map(add_to_tallies).concat()
    )
}

/// Replaces the trigger's function, as the previous migrations do.
pub(crate) fn replace_insert_trigger(body: &str) -> String {
    let Change { name, .. } = &CHANGES[0];
    format!(
        "{}{}{}",
        replace_function(name, body),
        insert_scores(),
        set_search_path()
    )
}

/// Returns the statements that add the inserted reviews to the tallies of one kind of owner. They lock the tallies first,
/// in the order of their ids.
fn add_to_tallies(owner: &str) -> String {
    let (lock, update) = (lock_tallies(owner), update_tallies(owner));
    format!(
        r"
    IF {IS_UNLOCKED} THEN{lock}
    END IF;{update}"
    )
}

/// Returns the statement that adds the inserted reviews to the tallies of one kind of owner, which are locked.
pub(crate) fn update_tallies(owner: &str) -> String {
    let delta = delta_by_owner(owner);
    format!(
        r"
    UPDATE {owner}_tally AS tally SET
        review_count = tally.review_count + delta.reviews,
        scored_count = tally.scored_count + delta.scored,
        score_counts = add_scores(tally.score_counts, delta.scores),
        unscored_positive = tally.unscored_positive + delta.positive,
        unscored_mixed = tally.unscored_mixed + delta.mixed,
        unscored_negative = tally.unscored_negative + delta.negative,
        unrated = tally.unrated + delta.reviews - delta.scored - delta.positive - delta.mixed - delta.negative,
        unscored_positive_weight = tally.unscored_positive_weight + delta.positive_weight,
        unscored_mixed_weight = tally.unscored_mixed_weight + delta.mixed_weight,
        unscored_negative_weight = tally.unscored_negative_weight + delta.negative_weight,
        weighted_sum = tally.weighted_sum + delta.weighted_sum,
        weight = tally.weight + delta.weight,
        recommended = tally.recommended + delta.recommended,
        not_recommended = tally.not_recommended + delta.not_recommended,
        first_reviewed_on = least(tally.first_reviewed_on, delta.first_added),
        last_reviewed_on = greatest(tally.last_reviewed_on, delta.last_added)
    FROM ({delta}
    ) AS delta
    WHERE tally.{owner}_id = delta.owner;
"
    )
}

/// Returns the statements that lock the tallies. Missing ones are inserted first: one statement may add an owner and its
/// reviews, and then the order of the triggers is undefined.
pub(crate) fn lock_tallies(owner: &str) -> String {
    format!(
        r"
        INSERT INTO {owner}_tally ({owner}_id)
            SELECT id FROM {owner}
            WHERE id IN (SELECT {owner}_id FROM new_rows)
                AND NOT EXISTS (SELECT FROM {owner}_tally WHERE {owner}_id = {owner}.id)
            ORDER BY id
            ON CONFLICT DO NOTHING;
        PERFORM FROM {owner}_tally WHERE {owner}_id IN (SELECT {owner}_id FROM new_rows) ORDER BY {owner}_id FOR UPDATE;"
    )
}

/// Returns the query that sums the inserted reviews of each owner. A review with a score has no implied sentiment.
fn delta_by_owner(owner: &str) -> String {
    format!(
        r"
        SELECT
            {owner}_id AS owner,
            count(*) AS reviews,
            count(score) AS scored,
            array_agg(score) FILTER (WHERE score IS NOT NULL) AS scores,
            count(*) FILTER (WHERE implied_sentiment = 'positive') AS positive,
            count(*) FILTER (WHERE implied_sentiment = 'mixed') AS mixed,
            count(*) FILTER (WHERE implied_sentiment = 'negative') AS negative,
            coalesce(sum(weight) FILTER (WHERE implied_sentiment = 'positive'), 0) AS positive_weight,
            coalesce(sum(weight) FILTER (WHERE implied_sentiment = 'mixed'), 0) AS mixed_weight,
            coalesce(sum(weight) FILTER (WHERE implied_sentiment = 'negative'), 0) AS negative_weight,
            coalesce(sum(weight * score), 0) AS weighted_sum,
            coalesce(sum(weight) FILTER (WHERE score IS NOT NULL), 0) AS weight,
            count(*) FILTER (WHERE recommended) AS recommended,
            count(*) FILTER (WHERE NOT recommended) AS not_recommended,
            min(reviewed_on) AS first_added,
            max(reviewed_on) AS last_added
        FROM new_rows
        WHERE {owner}_id IS NOT NULL
        GROUP BY {owner}_id"
    )
}

/// A function, a text of it, and the text that replaces it.
type Edit = (&'static str, String, String);

/// Returns the replaced text of the function that notifies. Each review has a word of its own in `marquee_stale`, so one
/// row more than the limit of words is enough to exceed it.
fn edit() -> Edit {
    (
        "review_announce_insert",
        "FROM new_rows AS changed".to_owned(),
        format!("FROM (SELECT * FROM new_rows LIMIT {MAX_WORDS} + 1) AS changed"),
    )
}

/// Returns the statement that replaces a text of a function.
fn edit_function((function, before, after): Edit) -> String {
    format!(
        "DO $migration$ BEGIN
EXECUTE replace(pg_get_functiondef('{function}()'::regprocedure), $text${before}$text$, $text${after}$text$);
END $migration$;
"
    )
}
