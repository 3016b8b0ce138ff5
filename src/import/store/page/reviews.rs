//! The storage of the reviews of a page.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::review;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Value};
use serde::Serialize;

use super::{
    PageImport,
    critics::{NamedCritic, critic_of},
    keys,
};
use crate::{
    database::sql,
    import::{Changes, RowChange, page::Page},
};

/// The columns of a review of the page.
#[derive(Debug, Serialize)]
pub struct ReviewRow {
    /// The id of the stored review to update; `None` for a new or unchanged review.
    id: Option<i64>,
    external_id: String,
    critic_id: Option<i64>,
    score: Option<i16>,
    sentiment: Option<String>,
    byline: Option<String>,
    excerpt: Option<String>,
    reviewed_on: Option<NaiveDate>,
}

/// Returns the reviews of a page, in its order.
pub fn review_rows(
    page: &Page,
    film_slug: &str,
    critics: &HashMap<String, NamedCritic>,
) -> Vec<ReviewRow> {
    let critics: Vec<_> = page
        .reviews
        .iter()
        .map(|review| critic_of(review).and_then(|name| critics.get(name)))
        .collect();
    let slugs = critics
        .iter()
        .map(|critic| critic.map(|critic| critic.slug.as_str()));
    let keys = keys::external_ids(film_slug, page.reviews.iter().zip(slugs));
    page.reviews
        .iter()
        .zip(critics)
        .zip(keys)
        .map(|((review, critic), external_id)| ReviewRow {
            id: None,
            external_id,
            critic_id: critic.map(|critic| critic.id),
            score: review.score.map(i16::from),
            // A review with a score gets its sentiment from the score, so only one without needs it from the page.
            sentiment: review
                .sentiment
                .filter(|_| review.score.is_none())
                .map(|sentiment| review::Sentiment::from(sentiment).to_value()),
            byline: review
                .byline
                .as_ref()
                .map(|byline| byline.text().to_owned()),
            excerpt: review.excerpt.clone(),
            reviewed_on: review.reviewed_on,
        })
        .collect()
}

/// Inserts new reviews and updates changed ones, by one statement each. Also returns the number of stored reviews of
/// this source that the page no longer lists.
pub async fn store(
    rows: Vec<ReviewRow>,
    film_id: i64,
    import: &PageImport<'_>,
    transaction: &impl ConnectionTrait,
) -> Result<(Changes, usize), DbErr> {
    let mut stored_reviews: HashMap<Option<String>, review::Model> = review::Entity::find()
        .filter(review::COLUMN.film_id.eq(film_id))
        .filter(review::Column::Source.eq(import.source))
        .all(transaction)
        .await?
        .into_iter()
        .map(|row| (row.external_id.clone(), row))
        .collect();
    let mut changes = Changes::default();
    let (mut added, mut updated) = (Vec::new(), Vec::new());
    for mut row in rows {
        match stored_reviews.remove(&Some(row.external_id.clone())) {
            None => {
                changes.count(RowChange::New);
                added.push(row);
            }
            Some(stored) if row.equals_stored(&stored) => changes.count(RowChange::Same),
            Some(stored) => {
                changes.count(RowChange::Changed);
                row.id = Some(stored.id);
                updated.push(row);
            }
        }
    }
    if !updated.is_empty() {
        let values = [json(&updated)?, import.now.into()];
        sql::execute(transaction, UPDATE, values).await?;
    }
    if !added.is_empty() {
        let values = [json(&added)?, film_id.into(), import.source.into()];
        sql::execute(transaction, INSERT, values).await?;
    }
    Ok((changes, stored_reviews.len()))
}

/// The statement that inserts reviews. One statement updates each tally only once. The order gives them ascending ids
/// in the order of the page.
const INSERT: &str = "INSERT INTO review
    (film_id, critic_id, score, score_rule, sentiment, byline, excerpt, reviewed_on, source, external_id)
SELECT $2, critic_id, score, CASE WHEN score IS NOT NULL THEN 'given' END, sentiment, byline, excerpt, reviewed_on, $3, external_id
FROM ROWS FROM (json_to_recordset($1::text::json) AS (
    external_id text, critic_id bigint, score smallint, sentiment text, byline text, excerpt text, reviewed_on date
)) WITH ORDINALITY AS new (external_id, critic_id, score, sentiment, byline, excerpt, reviewed_on, ordinal)
ORDER BY ordinal";

const UPDATE: &str = "UPDATE review
SET critic_id = new.critic_id, score = new.score, score_rule = CASE WHEN new.score IS NOT NULL THEN 'given' END,
    sentiment = new.sentiment, byline = new.byline, excerpt = new.excerpt, reviewed_on = new.reviewed_on, updated_at = $2
FROM json_to_recordset($1::text::json) AS new (
    id bigint, critic_id bigint, score smallint, sentiment text, byline text, excerpt text, reviewed_on date
)
WHERE review.id = new.id";

/// Returns reviews as one parameter of a statement: a JSON array, because the driver's arrays don't support nulls.
fn json(reviews: &[ReviewRow]) -> Result<Value, DbErr> {
    let reviews = serde_json::to_string(reviews);
    let reviews = reviews.map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(reviews.into())
}

impl ReviewRow {
    /// Returns whether the stored review already has these values.
    fn equals_stored(&self, stored: &review::Model) -> bool {
        let rule = self.score.map(|_| review::ScoreRule::Given);
        self.critic_id == stored.critic_id
            && self.score == stored.score
            && rule == stored.score_rule
            && self.sentiment == stored.sentiment.map(|sentiment| sentiment.to_value())
            && self.byline == stored.byline
            && self.excerpt == stored.excerpt
            && self.reviewed_on == stored.reviewed_on
    }
}
