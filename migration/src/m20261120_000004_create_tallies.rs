//! Creates the tallies: one row for each film, critic and publication, with the counts that its score is computed from.
//!
//! Triggers update them in the transaction that changes the reviews, so they can't diverge. The triggers are
//! statement-level: a bulk load updates each tally once. Each trigger first locks the tallies that it changes, in the
//! order film, critic, publication and by id, so that single statements never deadlock. Only then does it read the
//! reviews, with a snapshot that includes the changes that it waited for.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261120_000004_create_tallies",
        up: up(),
        down: down(),
    }
}

/// The tables with tallies. The locks are taken in this order.
pub(crate) const OWNERS: [&str; 3] = ["film", "critic", "publication"];

/// A kind of statement that changes reviews, with the rows that it adds (`1`) and removes (`-1`).
pub(crate) struct Change {
    pub(crate) name: &'static str,
    pub(crate) transition_tables: &'static str,
    pub(crate) sides: &'static [(&'static str, &'static str)],
}

pub(crate) const CHANGES: [Change; 3] = [
    Change {
        name: "insert",
        transition_tables: "NEW TABLE AS new_rows",
        sides: &[("new_rows", "1")],
    },
    Change {
        name: "update",
        transition_tables: "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        sides: &[("old_rows", "-1"), ("new_rows", "1")],
    },
    Change {
        name: "delete",
        transition_tables: "OLD TABLE AS old_rows",
        sides: &[("old_rows", "-1")],
    },
];

fn up() -> String {
    let mut sql = String::from(ADD_TO_COUNTS);
    for owner in OWNERS {
        sql.push_str(&create_table(owner));
    }
    sql.push_str(FILM_SCORE);
    for change in &CHANGES {
        sql.push_str(&create_trigger(change));
    }
    sql.push_str(&create_truncate_trigger());
    sql.push_str(REWEIGH_CHECK);
    sql.push_str(&backfill());
    sql
}

fn down() -> String {
    let mut sql = String::from(
        "DROP TRIGGER publication_reweigh_check ON publication;
         DROP FUNCTION publication_reweigh_check();",
    );
    for name in ["insert", "update", "delete", "truncate"] {
        let _ = writeln!(sql, "DROP TRIGGER review_tally_{name} ON review;");
        let _ = writeln!(sql, "DROP FUNCTION review_tally_{name}();");
    }
    for owner in OWNERS {
        let _ = writeln!(sql, "DROP TRIGGER {owner}_tally_add ON {owner};");
        let _ = writeln!(sql, "DROP FUNCTION {owner}_tally_add();");
        let _ = writeln!(sql, "DROP TABLE {owner}_tally;");
    }
    sql.push_str("DROP FUNCTION add_to_counts(integer[], smallint[], bigint[]);");
    sql
}

/// Adds `changes[i]` to the count of the score `scores[i]`. SQL arrays start at 1, so the index is the score plus 1.
const ADD_TO_COUNTS: &str = r"
CREATE FUNCTION add_to_counts(counts integer[], scores smallint[], changes bigint[]) RETURNS integer[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR i IN 1 .. coalesce(array_length(scores, 1), 0) LOOP
        counts[scores[i] + 1] := counts[scores[i] + 1] + changes[i];
    END LOOP;
    RETURN counts;
END
$$;
";

/// A tally is created and deleted with its owner. A film without reviews has a row of zeros, so that no list needs an
/// outer join and no trigger has to choose between an insert and an update.
fn create_table(owner: &str) -> String {
    format!(
        r"
CREATE TABLE {owner}_tally (
    {owner}_id               bigint PRIMARY KEY,
    review_count             integer NOT NULL DEFAULT 0,
    scored_count             integer NOT NULL DEFAULT 0,
    score_counts             integer[] NOT NULL DEFAULT array_fill(0, ARRAY[101]),
    unscored_positive        integer NOT NULL DEFAULT 0,
    unscored_mixed           integer NOT NULL DEFAULT 0,
    unscored_negative        integer NOT NULL DEFAULT 0,
    unrated                  integer NOT NULL DEFAULT 0,
    unscored_positive_weight bigint NOT NULL DEFAULT 0,
    unscored_mixed_weight    bigint NOT NULL DEFAULT 0,
    unscored_negative_weight bigint NOT NULL DEFAULT 0,
    weighted_sum             bigint NOT NULL DEFAULT 0,
    weight                   bigint NOT NULL DEFAULT 0,
    recommended              integer NOT NULL DEFAULT 0,
    not_recommended          integer NOT NULL DEFAULT 0,
    first_reviewed_on        date,
    last_reviewed_on         date,
    CONSTRAINT {owner}_tally_owner_known FOREIGN KEY ({owner}_id) REFERENCES {owner} (id) ON DELETE CASCADE,
    CONSTRAINT {owner}_tally_has_every_score CHECK (array_length(score_counts, 1) = 101)
);
CREATE INDEX {owner}_tally_by_review_count ON {owner}_tally (review_count, {owner}_id);
INSERT INTO {owner}_tally ({owner}_id) SELECT id FROM {owner};

CREATE FUNCTION {owner}_tally_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {owner}_tally ({owner}_id) SELECT id FROM new_rows ORDER BY id ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER {owner}_tally_add AFTER INSERT ON {owner}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {owner}_tally_add();
"
    )
}

/// The score under the default scoring policy, for lists that are ordered or filtered by it. `score::Policy` is the
/// reference; a test compares the two. 161, 100 and 39 are the doubled middles of the sentiment bands. Both quotients
/// are rounded half up.
pub(crate) const FILM_SCORE: &str = r"
ALTER TABLE film_tally ADD COLUMN score smallint GENERATED ALWAYS AS (
    CASE
        WHEN scored_count >= 4 THEN (2 * weighted_sum + weight) / (2 * weight)
        WHEN scored_count + unscored_positive + unscored_mixed + unscored_negative >= 4 THEN
            (
                2 * weighted_sum + 161 * unscored_positive_weight + 100 * unscored_mixed_weight + 39 * unscored_negative_weight
                + (weight + unscored_positive_weight + unscored_mixed_weight + unscored_negative_weight)
            )
            / (2 * (weight + unscored_positive_weight + unscored_mixed_weight + unscored_negative_weight))
    END
) STORED;
CREATE INDEX film_tally_by_score ON film_tally (score, film_id);
CREATE INDEX film_tally_by_score_desc ON film_tally (score DESC NULLS LAST, film_id);
";

/// Under REPEATABLE READ a change of the weight sees the reviews as of the start of its transaction, and would leave
/// later ones with the old weight. The transaction that added those has changed the publication's tally. So locking the
/// tally makes PostgreSQL fail with a serialization failure. The trigger's name makes it fire after
/// `publication_reweigh`. Otherwise its lock would precede those on reviews and films, and writers could deadlock.
const REWEIGH_CHECK: &str = r"
CREATE FUNCTION publication_reweigh_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM publication_tally
    WHERE publication_id IN (
        SELECT new_rows.id FROM new_rows JOIN old_rows USING (id) WHERE new_rows.weight <> old_rows.weight
    )
    ORDER BY publication_id FOR UPDATE;
    RETURN NULL;
END
$$;
CREATE TRIGGER publication_reweigh_check AFTER UPDATE ON publication
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION publication_reweigh_check();
";

/// Counts the existing reviews. Creating the triggers has locked the table against writers until the end of the
/// transaction, so no review is missed or counted twice.
fn backfill() -> String {
    let all = Change {
        name: "insert",
        transition_tables: "",
        sides: &[("review", "1")],
    };
    let blocks = update_tallies(&all);
    format!("DO $$\nBEGIN\n{blocks}\nEND\n$$;\n")
}

fn create_trigger(change: &Change) -> String {
    let Change {
        name,
        transition_tables,
        ..
    } = change;
    let blocks = update_tallies(change);
    format!(
        r"
CREATE FUNCTION review_tally_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{blocks}
    RETURN NULL;
END
$$;
CREATE TRIGGER review_tally_{name} AFTER {name} ON review
    REFERENCING {transition_tables} FOR EACH STATEMENT EXECUTE FUNCTION review_tally_{name}();
"
    )
}

/// Returns the body of the insert trigger, for any number of reviews.
pub(crate) fn update_tallies_on_insert() -> String {
    let [insert, ..] = &CHANGES;
    update_tallies(insert)
}

/// Returns the statements that update the tallies of every kind of owner.
pub(crate) fn update_tallies(change: &Change) -> String {
    OWNERS
        .iter()
        .map(|owner| update_tallies_of(owner, change))
        .collect()
}

/// Returns the statements that lock the tallies of one kind of owner and add the changes.
///
/// Rows whose counted columns don't change cancel out before any lock is taken: correcting an excerpt takes no lock.
fn update_tallies_of(owner: &str, change: &Change) -> String {
    const COUNTED: &str = "score, implied_sentiment, recommended, weight, reviewed_on";
    let sides = change
        .sides
        .iter()
        .map(|(table, sign)| {
            format!("SELECT {owner}_id AS owner, {COUNTED}, {sign} AS n FROM {table} WHERE {owner}_id IS NOT NULL")
        })
        .collect::<Vec<_>>()
        .join(" UNION ALL ");
    let changed = format!(
        "SELECT owner, {COUNTED}, sum(n) AS n FROM ({sides}) AS side GROUP BY owner, {COUNTED} HAVING sum(n) <> 0"
    );
    let (first, last) = date_range(owner, change.name);
    let add_missing = add_missing(owner, change);
    let delta = delta_by_owner(&changed);
    format!(
        r"{add_missing}
    PERFORM FROM {owner}_tally WHERE {owner}_id IN (SELECT owner FROM ({changed}) AS changed)
        ORDER BY {owner}_id FOR UPDATE;
    IF FOUND THEN
        UPDATE {owner}_tally AS tally SET
            review_count = tally.review_count + delta.reviews,
            scored_count = tally.scored_count + delta.scored,
            score_counts = add_to_counts(tally.score_counts, delta.scores, delta.score_changes),
            unscored_positive = tally.unscored_positive + delta.positive,
            unscored_mixed = tally.unscored_mixed + delta.mixed,
            unscored_negative = tally.unscored_negative + delta.negative,
            unrated = tally.unrated + delta.unrated,
            unscored_positive_weight = tally.unscored_positive_weight + delta.positive_weight,
            unscored_mixed_weight = tally.unscored_mixed_weight + delta.mixed_weight,
            unscored_negative_weight = tally.unscored_negative_weight + delta.negative_weight,
            weighted_sum = tally.weighted_sum + delta.weighted_sum,
            weight = tally.weight + delta.weight,
            recommended = tally.recommended + delta.recommended,
            not_recommended = tally.not_recommended + delta.not_recommended,
            first_reviewed_on = {first},
            last_reviewed_on = {last}
        FROM (
            {delta}
        ) AS delta
        WHERE tally.{owner}_id = delta.owner;
    END IF;
"
    )
}

/// Returns the query that sums the changes of each owner.
fn delta_by_owner(changed: &str) -> String {
    format!(
        r"SELECT
                owner,
                sum(n) AS reviews,
                coalesce(sum(n) FILTER (WHERE score IS NOT NULL), 0) AS scored,
                array_agg(score) FILTER (WHERE score IS NOT NULL) AS scores,
                array_agg(n::bigint) FILTER (WHERE score IS NOT NULL) AS score_changes,
                coalesce(sum(n) FILTER (WHERE implied_sentiment = 'positive'), 0) AS positive,
                coalesce(sum(n) FILTER (WHERE implied_sentiment = 'mixed'), 0) AS mixed,
                coalesce(sum(n) FILTER (WHERE implied_sentiment = 'negative'), 0) AS negative,
                coalesce(sum(n) FILTER (WHERE score IS NULL AND implied_sentiment IS NULL), 0) AS unrated,
                coalesce(sum(n * weight) FILTER (WHERE implied_sentiment = 'positive'), 0) AS positive_weight,
                coalesce(sum(n * weight) FILTER (WHERE implied_sentiment = 'mixed'), 0) AS mixed_weight,
                coalesce(sum(n * weight) FILTER (WHERE implied_sentiment = 'negative'), 0) AS negative_weight,
                coalesce(sum(n * weight * score), 0) AS weighted_sum,
                coalesce(sum(n * weight) FILTER (WHERE score IS NOT NULL), 0) AS weight,
                coalesce(sum(n) FILTER (WHERE recommended), 0) AS recommended,
                coalesce(sum(n) FILTER (WHERE NOT recommended), 0) AS not_recommended,
                min(reviewed_on) FILTER (WHERE n > 0) AS first_added,
                max(reviewed_on) FILTER (WHERE n > 0) AS last_added,
                min(reviewed_on) FILTER (WHERE n < 0) AS first_removed,
                max(reviewed_on) FILTER (WHERE n < 0) AS last_removed
            FROM ({changed}) AS changed
            GROUP BY owner"
    )
}

/// Returns the statement that inserts missing tallies. One statement may add an owner and its reviews, and then the
/// order of the triggers is undefined.
fn add_missing(owner: &str, change: &Change) -> String {
    let Some((added, _)) = change.sides.iter().find(|(_, sign)| *sign == "1") else {
        return String::new();
    };
    format!(
        "
    INSERT INTO {owner}_tally ({owner}_id)
        SELECT id FROM {owner}
        WHERE id IN (SELECT {owner}_id FROM {added})
            AND NOT EXISTS (SELECT FROM {owner}_tally WHERE {owner}_id = {owner}.id)
        ORDER BY id
        ON CONFLICT DO NOTHING;"
    )
}

/// Returns the expressions of the first and last date. Added reviews can only widen the range. When a review at either
/// end is removed, a subquery reads the next date from the edge of the index by date.
fn date_range(owner: &str, change: &str) -> (String, String) {
    let first = "least(tally.first_reviewed_on, delta.first_added)";
    let last = "greatest(tally.last_reviewed_on, delta.last_added)";
    if change == "insert" {
        return (first.to_owned(), last.to_owned());
    }
    let query = |end: &str| {
        format!("(SELECT {end}(reviewed_on) FROM review WHERE {owner}_id = tally.{owner}_id)")
    };
    (
        format!(
            "CASE WHEN delta.first_removed <= tally.first_reviewed_on THEN {} ELSE {first} END",
            query("min")
        ),
        format!(
            "CASE WHEN delta.last_removed >= tally.last_reviewed_on THEN {} ELSE {last} END",
            query("max")
        ),
    )
}

/// `TRUNCATE review` deletes all reviews but fires no trigger with transition tables, so it has its own trigger.
///
/// It also removes rows that the transaction's snapshot doesn't contain. So the trigger rejects it in transactions
/// above READ COMMITTED: they would not reset the tallies of owners that were added after the snapshot.
fn create_truncate_trigger() -> String {
    let body = reset_tallies();
    format!(
        r"
CREATE FUNCTION review_tally_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{body}
    RETURN NULL;
END
$$;
CREATE TRIGGER review_tally_truncate AFTER TRUNCATE ON review
    FOR EACH STATEMENT EXECUTE FUNCTION review_tally_truncate();
"
    )
}

/// Returns the statements of the trigger on TRUNCATE.
pub(crate) fn reset_tallies() -> String {
    let resets = OWNERS
        .map(|owner| {
            format!(
                "
    DELETE FROM {owner}_tally;
    INSERT INTO {owner}_tally ({owner}_id) SELECT id FROM {owner} ORDER BY id;"
            )
        })
        .concat();
    format!(
        "    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'reviews can be truncated under READ COMMITTED only' USING ERRCODE = 'serialization_failure';
    END IF;{resets}"
    )
}
