//! Reads the statistics of the catalogue.

use chrono::NaiveDate;
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, FromQueryResult};

use crate::{
    database::sql,
    review::statistics::{ClassStatistics, ReviewClass, Statistics},
    score::{Policy, Sentiment, SentimentBands},
};

/// The number of owners of each kind whose reviews are counted: as many as a page can have.
const LARGEST: usize = 100;

/// The numbers of reviews of each month with equal properties. The month of reviews without a date is -infinity.
const CLASSES: &str = "
SELECT
    CASE WHEN isfinite(month) THEN month END AS month,
    CASE
        WHEN score >= $1 THEN 'positive'
        WHEN score >= $2 THEN 'mixed'
        WHEN score IS NOT NULL THEN 'negative'
        ELSE sentiment
    END AS sentiment,
    score IS NOT NULL AS is_scored,
    recommended,
    sum(reviews)::bigint AS reviews
FROM review_month_count GROUP BY 1, 2, 3, 4 HAVING sum(reviews) > 0";

/// Reads the statistics, by seven statements that read some hundred rows, or only an index. `policy` is that of
/// the site.
///
/// # Errors
///
/// Fails when a statement fails.
pub async fn read(policy: &Policy, connection: &impl ConnectionTrait) -> Result<Statistics, DbErr> {
    Ok(Statistics {
        films: count("film", connection).await?,
        critics: count("critic", connection).await?,
        publications: count("publication", connection).await?,
        of_films: largest("film", connection).await?,
        of_critics: largest("critic", connection).await?,
        of_publications: largest("publication", connection).await?,
        classes: classes(policy.bands(), connection).await?,
        weighting: policy.weighting(),
        has_review_index: false,
    })
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

async fn count(table: &str, connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let sql = format!("SELECT count(*) AS number FROM {table}");
    let rows: Vec<Number> = sql::all(connection, &sql, []).await?;
    Ok(rows.iter().map(|row| row.number.unsigned_abs()).sum())
}

async fn largest(owner: &str, connection: &impl ConnectionTrait) -> Result<Vec<u64>, DbErr> {
    let sql = format!(
        "SELECT review_count::bigint AS number FROM {owner}_tally ORDER BY review_count DESC LIMIT {LARGEST}"
    );
    let rows: Vec<Number> = sql::all(connection, &sql, []).await?;
    Ok(rows.iter().map(|row| row.number.unsigned_abs()).collect())
}

#[derive(FromQueryResult)]
struct ClassRow {
    month: Option<NaiveDate>,
    sentiment: Option<String>,
    is_scored: bool,
    recommended: Option<bool>,
    reviews: i64,
}

async fn classes(
    bands: SentimentBands,
    connection: &impl ConnectionTrait,
) -> Result<ClassStatistics, DbErr> {
    let thresholds = [bands.positive_from(), bands.mixed_from()];
    let thresholds = thresholds.map(|threshold| i16::from(threshold).into());
    let rows: Vec<ClassRow> = sql::all(connection, CLASSES, thresholds).await?;
    let classes = rows.into_iter().map(|row| {
        let sentiment = row
            .sentiment
            .as_ref()
            .map(entity::review::Sentiment::try_from_value);
        Ok(ReviewClass {
            month: row.month,
            sentiment: sentiment.transpose()?.map(Sentiment::from),
            is_scored: row.is_scored,
            recommended: row.recommended,
            reviews: row.reviews.unsigned_abs(),
        })
    });
    classes.collect()
}
