//! Adds the number of repeated reviews to the tallies of films: the reviews of a critic beyond the first one. A film's
//! label counts critics, which are all reviews except the repeated ones.
//!
//! A statement that changes which critics have reviewed a film recounts the film's repeated reviews, after it has locked
//! the film's tally. So the count includes the changes that the statement waited for. The recount reads the film's
//! entries in an index. A single added review only needs a lookup of another one by the critic.
//!
//! An import changes the same films in several statements, and would recount them in each. It sets
//! `marquee.repeated_reviews` to `later`, and recounts the films once at its end.

use crate::{
    SqlMigration,
    m20261120_000004_create_tallies::{CHANGES, Change},
    m20261129_000017_count_by_month::{count_changes, count_one, replace_function, tally_body},
    m20261130_000024_count_by_score::insert_scores,
};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000026_count_critics",
        up: up(),
        down: down(),
    }
}

/// The function forbids sequential scans: a plan that was made while the table was small would read all of it for each
/// film.
const ADD_COLUMN: &str = r"
ALTER TABLE film_tally ADD COLUMN repeated integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN film_tally.repeated IS 'The number of reviews by critics beyond the first one of each.';

CREATE FUNCTION film_repeated_reviews(film bigint) RETURNS integer LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $$
BEGIN
    RETURN (SELECT count(critic_id) - count(DISTINCT critic_id) FROM review WHERE film_id = film);
END
$$;
COMMENT ON FUNCTION film_repeated_reviews(bigint) IS 'Counts the reviews of a film by critics beyond the first one of each.';
DO $migration$ BEGIN
EXECUTE format('ALTER FUNCTION %1$I.film_repeated_reviews(bigint) SET search_path = %1$I, pg_temp', current_schema());
END $migration$;
";

/// Counts the existing reviews. Replacing the functions doesn't lock out writers, so the table is locked first.
const BACKFILL: &str = r"
LOCK TABLE review IN SHARE ROW EXCLUSIVE MODE;
UPDATE film_tally SET repeated = counted.repeated
FROM (
    SELECT film_id, count(critic_id) - count(DISTINCT critic_id) AS repeated FROM review GROUP BY film_id
) AS counted
WHERE counted.film_id = film_tally.film_id AND counted.repeated > 0;
";

/// The statement for a single added review, the record `added`. The tally of its film is locked by then, so that the
/// critic's other reviews are either visible or added later.
const REPEAT_ONE: &str = r"
IF added.critic_id IS NOT NULL AND (
    SELECT count(*) FROM (
        SELECT FROM review WHERE film_id = added.film_id AND critic_id = added.critic_id LIMIT 2
    ) AS two
) = 2 THEN
    UPDATE film_tally SET repeated = repeated + 1 WHERE film_id = added.film_id;
END IF;";

/// The condition that a statement recounts the films. If not, the transaction has locked their tallies already.
pub(crate) const IS_RECOUNTED: &str =
    "current_setting('marquee.repeated_reviews', true) IS DISTINCT FROM 'later'";

fn up() -> String {
    let mut sql = String::from(ADD_COLUMN);
    sql.push_str(BACKFILL);
    for change in &CHANGES {
        sql.push_str(&replace_function(change.name, &body(change)));
    }
    sql.push_str(&insert_scores());
    sql.push_str(&set_search_path());
    sql
}

fn down() -> String {
    let mut sql = String::new();
    for change in &CHANGES {
        let body = format!(
            "{}{}",
            tally_body(change, &count_one()),
            count_changes(change)
        );
        sql.push_str(&replace_function(change.name, &body));
    }
    sql.push_str(&insert_scores());
    sql.push_str(&set_search_path());
    sql.push_str("DROP FUNCTION film_repeated_reviews(bigint);\nALTER TABLE film_tally DROP COLUMN repeated;\n");
    sql
}

/// Returns the body of a trigger: that of the previous migrations, and the recount. An update that only moves reviews
/// between critics changes no other count of their films, so the previous body doesn't lock these films. They are locked
/// first, together with the others, in the order of all writers.
fn body(change: &Change) -> String {
    let lock = match change.name {
        "update" => lock_films(change),
        _ => String::new(),
    };
    format!(
        "{lock}{}{}",
        tally_body(change, &for_one()),
        count_all(change)
    )
}

/// Returns the statements for a single added review.
pub(crate) fn for_one() -> String {
    format!("{}{REPEAT_ONE}", count_one())
}

/// Returns the statements that count the repeated reviews and the reviews of each month.
pub(crate) fn count_all(change: &Change) -> String {
    format!("{}{}", recount(change), count_changes(change))
}

fn lock_films(change: &Change) -> String {
    const COUNTED: &str = "score, implied_sentiment, recommended, weight, reviewed_on";
    let changed = changed_films(change, &format!("critic_id, {COUNTED}"));
    format!(
        "
    IF {IS_RECOUNTED} THEN
        PERFORM FROM film_tally WHERE film_id IN ({changed}) ORDER BY film_id FOR UPDATE;
    END IF;"
    )
}

/// Returns the statement that recounts the repeated reviews of the films whose critics a statement has changed. An update
/// writes the tally even if the number is the same. Then a transaction with an older snapshot fails with a serialization
/// failure, instead of recounting without the change. An insertion and a deletion have changed other counts already.
fn recount(change: &Change) -> String {
    let changed = changed_films(change, "critic_id");
    let differs = match change.name {
        "update" => "",
        _ => " AND tally.repeated <> recounted.repeated",
    };
    format!(
        "
    IF {IS_RECOUNTED} THEN
        UPDATE film_tally AS tally SET repeated = recounted.repeated
        FROM (
            SELECT film_id, film_repeated_reviews(film_id) AS repeated FROM ({changed}) AS changed OFFSET 0
        ) AS recounted
        WHERE tally.film_id = recounted.film_id{differs};
    END IF;"
    )
}

/// Returns the query for the films in which the number of reviews with the same values of some columns changes.
fn changed_films(change: &Change, columns: &str) -> String {
    let sides = change
        .sides
        .iter()
        .map(|(table, sign)| format!("SELECT film_id, {columns}, {sign} AS n FROM {table}"))
        .collect::<Vec<_>>()
        .join(" UNION ALL ");
    format!(
        "SELECT DISTINCT film_id FROM (
                SELECT film_id FROM ({sides}) AS side GROUP BY film_id, {columns} HAVING sum(n) <> 0
            ) AS differing"
    )
}

/// Replacing a function resets its settings.
pub(crate) fn set_search_path() -> String {
    let alter = CHANGES.each_ref().map(|change| {
        format!(
            "EXECUTE format('ALTER FUNCTION %1$I.review_tally_{}() SET search_path = %1$I, pg_temp', current_schema());\n",
            change.name
        )
    });
    format!("DO $migration$ BEGIN\n{}END $migration$;\n", alter.concat())
}
