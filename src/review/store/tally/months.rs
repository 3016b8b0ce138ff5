//! A recount of the numbers of reviews of each month.

/// The query for all reviews with the columns of `review_month_count`. The sentiment of a score is that under the default
/// policy.
const REVIEWS: &str = "SELECT
            coalesce(make_date(extract(year FROM reviewed_on)::integer, extract(month FROM reviewed_on)::integer, 1), '-infinity') AS month,
            CASE
                WHEN score BETWEEN 0 AND 39 THEN 'negative' WHEN score BETWEEN 40 AND 60 THEN 'mixed' WHEN score BETWEEN 61 AND 100 THEN 'positive'
                WHEN sentiment IS NOT NULL THEN sentiment WHEN recommended THEN 'positive' WHEN NOT recommended THEN 'negative'
            END AS sentiment,
            score IS NOT NULL AS is_scored,
            score,
            recommended,
            1 AS reviews
        FROM review";

/// Returns the query for the months whose numbers differ from a recount, with both as JSON.
pub fn differences_sql() -> String {
    let counts = |rows: &str| {
        format!(
            "SELECT month, jsonb_object_agg(counted_as, reviews) AS counts
            FROM (
                SELECT
                    month,
                    concat_ws(
                        ', ',
                        coalesce(sentiment, 'unrated'),
                        CASE WHEN is_scored THEN 'scored' END,
                        score,
                        CASE recommended WHEN true THEN 'recommended' WHEN false THEN 'not recommended' END
                    ) AS counted_as,
                    sum(reviews) AS reviews
                FROM ({rows}) AS counted
                GROUP BY month, counted_as
                HAVING sum(reviews) <> 0
            ) AS counts
            GROUP BY month"
        )
    };
    let stored = counts("SELECT * FROM review_month_count");
    let recounted = counts(REVIEWS);
    format!(
        "
SELECT
    'month' AS kind, month::text AS slug, stored.counts::text AS stored, coalesce(recounted.counts::text, '{{}}') AS recounted
FROM ({stored}) AS stored FULL JOIN ({recounted}) AS recounted USING (month)
WHERE stored.counts IS DISTINCT FROM recounted.counts"
    )
}

/// The statement that deletes the numbers of months. Its parameter is the first days of the months.
pub const DELETE: &str = "DELETE FROM review_month_count WHERE month = ANY ($1::text[]::date[])";

/// Returns the statement that counts the reviews of months. Its parameter is the first days of the months.
pub fn insert_sql() -> String {
    format!(
        "INSERT INTO review_month_count (month, sentiment, is_scored, score, recommended, reviews)
        SELECT month, sentiment, is_scored, score, recommended, sum(reviews)
        FROM ({REVIEWS}) AS counted
        WHERE month = ANY ($1::text[]::date[])
        GROUP BY month, sentiment, is_scored, score, recommended"
    )
}
