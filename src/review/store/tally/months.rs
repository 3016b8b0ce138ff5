//! A recount of the numbers of reviews of each month.

use entity::review;
use sea_orm::ActiveEnum;

use crate::{review::store::filter::score_band, score::Sentiment};

/// Returns the query for all reviews with the columns of `review_month_count`.
fn reviews() -> String {
    let sentiment_of_score: String = Sentiment::ALL
        .into_iter()
        .filter_map(|sentiment| {
            let (lowest, highest) = score_band(sentiment)?;
            let name = review::Sentiment::from(sentiment).to_value();
            Some(format!(
                " WHEN score BETWEEN {lowest} AND {highest} THEN '{name}'"
            ))
        })
        .collect();
    format!(
        "SELECT
            coalesce(make_date(extract(year FROM reviewed_on)::integer, extract(month FROM reviewed_on)::integer, 1), '-infinity') AS month,
            CASE{sentiment_of_score}
                WHEN sentiment IS NOT NULL THEN sentiment WHEN recommended THEN 'positive' WHEN NOT recommended THEN 'negative'
            END AS sentiment,
            score IS NOT NULL AS is_scored,
            recommended,
            1 AS reviews
        FROM review"
    )
}

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
    let recounted = counts(&reviews());
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
        "INSERT INTO review_month_count (month, sentiment, is_scored, recommended, reviews)
        SELECT month, sentiment, is_scored, recommended, sum(reviews)
        FROM ({}) AS counted
        WHERE month = ANY ($1::text[]::date[])
        GROUP BY month, sentiment, is_scored, recommended",
        reviews()
    )
}
