//! Creates an index of reviews by class and date, for filters that few reviews match.
//!
//! A class is a combination of sentiment, score or none, and recommendation. Some classes are rare, such as negative
//! reviews without a score that recommend the film. The index of a list's order finds the first of them only among
//! hundreds of thousands of others.

use crate::SqlMigration;

pub(crate) fn migration() -> SqlMigration {
    SqlMigration {
        name: "m20261130_000018_index_classes",
        up: UP.to_owned(),
        down: "DROP INDEX review_by_class;\nDROP FUNCTION review_class(smallint, text, boolean);"
            .to_owned(),
    }
}

/// The function is not written in SQL, which PostgreSQL would insert into statements, and its cost is high. So it is
/// never evaluated for the rows of another index.
const UP: &str = "
-- 6 times the sentiment under the default policy (0: unrated, 1: negative, 2: mixed, 3: positive), plus 3 if there is a
-- score, plus the recommendation (0: unknown, 1: not recommended, 2: recommended).
CREATE FUNCTION review_class(score smallint, implied_sentiment text, recommended boolean) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
BEGIN
    RETURN 6 * CASE
        WHEN score >= 61 THEN 3
        WHEN score >= 40 THEN 2
        WHEN score IS NOT NULL THEN 1
        WHEN implied_sentiment = 'positive' THEN 3
        WHEN implied_sentiment = 'mixed' THEN 2
        WHEN implied_sentiment = 'negative' THEN 1
        ELSE 0
    END
    + CASE WHEN score IS NULL THEN 0 ELSE 3 END
    + CASE WHEN recommended THEN 2 WHEN NOT recommended THEN 1 ELSE 0 END;
END
$$;

CREATE INDEX review_by_class ON review (review_class(score, implied_sentiment, recommended), reviewed_on, id);
";
