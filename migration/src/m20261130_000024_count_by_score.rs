//! Counts the reviews of each month by score, and indexes reviews by rating, since the sentiment of a score depends on
//! the rules of the site.
//!
//! The numbers keep the sentiment under the default thresholds, and the function `review_class` remains: servers of
//! earlier versions read both.

use std::fmt::Write as _;

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000024_count_by_score",
        up: up(),
        down: down(),
    }
}

/// The functions that count reviews.
const COUNTING_FUNCTIONS: [&str; 4] = [
    "review_tally_insert()",
    "review_tally_update()",
    "review_tally_delete()",
    "review_month_count_sum(date[])",
];

/// The texts of these functions in which the score is inserted.
const TEXTS: [(&str, &str); 2] = [
    ("is_scored, recommended", "is_scored, score, recommended"),
    (
        "score IS NOT NULL, recommended",
        "score IS NOT NULL, score, recommended",
    ),
];

fn up() -> String {
    let mut sql = String::from(LOCK);
    sql.push_str("ALTER TABLE review_month_count ADD COLUMN score smallint;");
    sql.push_str(&insert_scores());
    sql.push_str(RECOUNT);
    sql.push_str(RATING);
    sql
}

fn down() -> String {
    let mut sql = String::from(LOCK);
    sql.push_str(UNRATE);
    sql.push_str(&edit_functions(
        &TEXTS.map(|(before, after)| (after, before)),
    ));
    sql.push_str("ALTER TABLE review_month_count DROP COLUMN score;");
    sql
}

/// Returns the statements that insert the score into the functions that count reviews. Functions that have it already stay
/// as they are, so a later migration that replaces functions runs them again.
pub(crate) fn insert_scores() -> String {
    edit_functions(&TEXTS)
}

/// Writers of reviews wait until the end of the migration.
const LOCK: &str = "
LOCK TABLE review IN SHARE ROW EXCLUSIVE MODE;
";

/// Returns the statements that replace texts in the functions that count reviews.
fn edit_functions(texts: &[(&str, &str)]) -> String {
    let mut sql = String::from("\nDO $migration$ BEGIN\n");
    for function in COUNTING_FUNCTIONS {
        let definition = format!("pg_get_functiondef('{function}'::regprocedure)");
        let edited = texts
            .iter()
            .fold(definition, |definition, (before, after)| {
                format!("replace({definition}, '{before}', '{after}')")
            });
        let _ = writeln!(sql, "EXECUTE {edited};");
    }
    sql.push_str("END $migration$;\n");
    sql
}

const RECOUNT: &str = "
DELETE FROM review_month_count;
INSERT INTO review_month_count (month, sentiment, is_scored, score, recommended, reviews)
SELECT
    coalesce(reviewed_on - (extract(day FROM reviewed_on)::integer - 1), '-infinity'::date) AS month,
    CASE
        WHEN score >= 61 THEN 'positive'
        WHEN score >= 40 THEN 'mixed'
        WHEN score IS NOT NULL THEN 'negative'
        ELSE implied_sentiment
    END,
    score IS NOT NULL, score, recommended, count(*)
FROM review
GROUP BY 1, 2, 3, 4, 5;
COMMENT ON TABLE review_month_count IS
    'Numbers of reviews by month, score and recommendation, and by sentiment without a score. A number is the sum of its rows. The month is its first day, or -infinity for reviews without a date. The sentiment of a score is that under the default thresholds.';
";

/// The function is not written in SQL, which PostgreSQL would insert into statements, and its cost is high. So it is
/// never evaluated for the rows of another index.
const RATING: &str = "
-- Without a score, 3 times the sentiment (0: unrated, 1: negative, 2: mixed, 3: positive), else 12 plus 3 times the
-- score; plus the recommendation (0: unknown, 1: not recommended, 2: recommended).
CREATE FUNCTION review_rating(score smallint, implied_sentiment text, recommended boolean) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
BEGIN
    RETURN CASE
        WHEN score IS NOT NULL THEN 12 + 3 * score
        WHEN implied_sentiment = 'positive' THEN 9
        WHEN implied_sentiment = 'mixed' THEN 6
        WHEN implied_sentiment = 'negative' THEN 3
        ELSE 0
    END
    + CASE WHEN recommended THEN 2 WHEN NOT recommended THEN 1 ELSE 0 END;
END
$$;
CREATE INDEX review_by_rating ON review (review_rating(score, implied_sentiment, recommended), reviewed_on, id);
DROP INDEX review_by_class;
";

const UNRATE: &str = "
CREATE INDEX review_by_class ON review (review_class(score, implied_sentiment, recommended), reviewed_on, id);
DROP INDEX review_by_rating;
DROP FUNCTION review_rating(smallint, text, boolean);
";
