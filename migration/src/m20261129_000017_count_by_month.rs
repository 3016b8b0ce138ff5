//! Counts the reviews of each month, for numbers of all reviews that match a filter. Counting the reviews themselves
//! takes 0.2 s for a million.
//!
//! A statement that changes reviews inserts rows with the changes of the numbers, and the number is the sum of the rows.
//! Nothing is updated, so writers don't wait for each other. Some statements replace the rows of a number by their sum.
//! Only one transaction at a time does this: the others don't wait, but leave the rows to a later one.
//!
//! The migration also adds to the indexes by date what filters and scores read, so that filtered numbers and scores of
//! a film, a critic, a publication or a few days are index-only scans.

use crate::{
    SqlMigration,
    m20261120_000004_create_tallies::{CHANGES, Change, reset_tallies, update_tallies},
    m20261120_000013_tally_one_review::insert_body,
};

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261129_000017_count_by_month",
        up: up(),
        down: down(),
    }
}

/// The first day of a review's month. Reviews without a date have the month `-infinity`.
const MONTH: &str =
    "coalesce(reviewed_on - (extract(day FROM reviewed_on)::integer - 1), '-infinity'::date)";

/// The sentiment of a review under the default scoring policy.
const SENTIMENT: &str = "
    CASE
        WHEN score >= 61 THEN 'positive'
        WHEN score >= 40 THEN 'mixed'
        WHEN score IS NOT NULL THEN 'negative'
        ELSE implied_sentiment
    END";

/// A key of the advisory lock of the transaction that sums rows.
const LOCK_KEY: i64 = 0x006d_6f6e_7468_0001;

/// The function sums the rows of numbers with at least 8, and deletes those of zero. Above READ COMMITTED it does
/// nothing, because rows that its snapshot contains may be deleted.
fn create_table() -> String {
    format!(
        r"
CREATE TABLE review_month_count (
    month       date NOT NULL,
    sentiment   text,
    is_scored   boolean NOT NULL,
    recommended boolean,
    reviews     integer NOT NULL
);
-- Rows have no key. Without this, a publication for logical replication would forbid to delete them.
ALTER TABLE review_month_count REPLICA IDENTITY FULL;
CREATE INDEX review_month_count_by_month ON review_month_count (month);
COMMENT ON TABLE review_month_count IS
    'Numbers of reviews by month, sentiment, score and recommendation. A number is the sum of its rows. The month is its first day, or -infinity for reviews without a date.';

-- Triggers change the numbers when reviews change, which is notified. Only a repair changes them directly.
CREATE TRIGGER review_month_count_announce AFTER INSERT OR UPDATE OR DELETE ON review_month_count
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION announce_truncate();
CREATE TRIGGER review_month_count_announce_truncate AFTER TRUNCATE ON review_month_count
    FOR EACH STATEMENT EXECUTE FUNCTION announce_truncate();

CREATE FUNCTION review_month_count_sum(months date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' OR NOT pg_try_advisory_xact_lock({LOCK_KEY}) THEN
        RETURN;
    END IF;
    WITH removed AS (
        DELETE FROM review_month_count
        WHERE ctid = ANY (ARRAY(
            SELECT unnest(row_ids) FROM (
                SELECT array_agg(ctid) AS row_ids FROM review_month_count
                WHERE month = ANY (months)
                GROUP BY month, sentiment, is_scored, recommended
                HAVING count(*) >= 8 OR sum(reviews) = 0
            ) AS many
        ))
        RETURNING *
    )
    INSERT INTO review_month_count (month, sentiment, is_scored, recommended, reviews)
    SELECT month, sentiment, is_scored, recommended, sum(reviews)
    FROM removed
    GROUP BY month, sentiment, is_scored, recommended
    HAVING sum(reviews) <> 0;
END
$$;
"
    )
}

/// The statement that counts the existing reviews. Creating the indexes has locked the table against writers until the
/// end of the transaction. Readers only wait for the last statements.
fn backfill() -> String {
    let all = Change {
        name: "insert",
        transition_tables: "",
        sides: &[("review", "1")],
    };
    insert_changes(&all)
}

/// The new indexes, under other names, because dropping the old ones locks out readers until the end.
const COVER: &str = "
CREATE INDEX review_by_date_new ON review (reviewed_on, id) INCLUDE (score, implied_sentiment, recommended);
CREATE INDEX review_of_film_by_date_new ON review (film_id, reviewed_on DESC NULLS LAST, id)
    INCLUDE (critic_id, publication_id, score, implied_sentiment, recommended, weight);
CREATE INDEX review_of_critic_by_date_new ON review (critic_id, reviewed_on DESC NULLS LAST, id)
    INCLUDE (film_id, publication_id, score, implied_sentiment, recommended, weight);
CREATE INDEX review_of_publication_by_date_new ON review (publication_id, reviewed_on DESC NULLS LAST, id)
    INCLUDE (film_id, critic_id, score, implied_sentiment, recommended, weight);
";

const UNCOVER: &str = "
CREATE INDEX review_by_date_new ON review (reviewed_on, id);
CREATE INDEX review_of_film_by_date_new ON review (film_id, reviewed_on DESC NULLS LAST, id);
CREATE INDEX review_of_critic_by_date_new ON review (critic_id, reviewed_on DESC NULLS LAST, id)
    INCLUDE (film_id, publication_id, score);
CREATE INDEX review_of_publication_by_date_new ON review (publication_id, reviewed_on DESC NULLS LAST, id)
    INCLUDE (film_id, critic_id, score);
";

/// Replaces the old indexes by the new ones.
const RENAME: &str = "
DROP INDEX review_by_date, review_of_film_by_date, review_of_critic_by_date, review_of_publication_by_date;
ALTER INDEX review_by_date_new RENAME TO review_by_date;
ALTER INDEX review_of_film_by_date_new RENAME TO review_of_film_by_date;
ALTER INDEX review_of_critic_by_date_new RENAME TO review_of_critic_by_date;
ALTER INDEX review_of_publication_by_date_new RENAME TO review_of_publication_by_date;
";

fn up() -> String {
    let mut sql = String::from(COVER);
    sql.push_str(&create_table());
    for change in &CHANGES {
        let body = format!(
            "{}{}",
            tally_body(change, &count_one()),
            count_changes(change)
        );
        sql.push_str(&replace_function(change.name, &body));
    }
    let truncate = format!("{}\n    DELETE FROM review_month_count;", reset_tallies());
    sql.push_str(&replace_function("truncate", &truncate));
    sql.push_str(&backfill());
    sql.push_str(RENAME);
    sql
}

fn down() -> String {
    let mut sql = String::from(UNCOVER);
    for change in &CHANGES {
        sql.push_str(&replace_function(change.name, &tally_body(change, "")));
    }
    sql.push_str(&replace_function("truncate", &reset_tallies()));
    sql.push_str("DROP FUNCTION review_month_count_sum(date[]);\nDROP TABLE review_month_count;");
    sql.push_str(RENAME);
    sql
}

/// Returns the statements of a trigger that update the tallies. `for_one` are further statements for a single added
/// review.
pub(crate) fn tally_body(change: &Change, for_one: &str) -> String {
    if change.name == "insert" {
        insert_body(for_one)
    } else {
        update_tallies(change)
    }
}

pub(crate) fn replace_function(name: &str, body: &str) -> String {
    let declarations = if name == "insert" {
        "DECLARE\n    added record;\n"
    } else {
        ""
    };
    format!(
        r"
CREATE OR REPLACE FUNCTION review_tally_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
{declarations}BEGIN
{body}
    RETURN NULL;
END
$$;
"
    )
}

/// Returns the statements that count a single added review.
pub(crate) fn count_one() -> String {
    format!(
        "
INSERT INTO review_month_count (month, sentiment, is_scored, recommended, reviews)
    SELECT {MONTH}, {SENTIMENT}, score IS NOT NULL, recommended, 1 FROM new_rows;
IF random() < 0.02 THEN
    PERFORM review_month_count_sum(ARRAY(SELECT {MONTH} FROM new_rows));
END IF;"
    )
}

/// Returns the statements that count the rows of a statement. Each tenth statement sums the numbers.
pub(crate) fn count_changes(change: &Change) -> String {
    count_changes_and_sum(change, 0.1)
}

/// Returns the statements that count the rows of a statement. This share of the statements sums the numbers.
pub(crate) fn count_changes_and_sum(change: &Change, share: f32) -> String {
    let insert = insert_changes(change);
    let months = change
        .sides
        .iter()
        .map(|(table, _)| format!("SELECT {MONTH} FROM {table}"))
        .collect::<Vec<_>>()
        .join(" UNION ");
    format!(
        "{insert}
    IF random() < {share} THEN
        PERFORM review_month_count_sum(ARRAY({months}));
    END IF;"
    )
}

fn insert_changes(change: &Change) -> String {
    let sides = change
        .sides
        .iter()
        .map(|(table, sign)| {
            format!(
                "SELECT {MONTH} AS month, {SENTIMENT} AS sentiment, score IS NOT NULL AS is_scored, recommended, {sign} AS n FROM {table}"
            )
        })
        .collect::<Vec<_>>()
        .join(" UNION ALL ");
    format!(
        "
    INSERT INTO review_month_count (month, sentiment, is_scored, recommended, reviews)
        SELECT month, sentiment, is_scored, recommended, sum(n)
        FROM ({sides}) AS side
        GROUP BY month, sentiment, is_scored, recommended
        HAVING sum(n) <> 0;"
    )
}
