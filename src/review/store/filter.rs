//! The SQL condition of a filter of reviews.

use entity::review;
use sea_orm::{ActiveEnum, ColumnTrait, Condition};

use crate::{
    review::filter::ReviewFilter,
    score::{Points, Policy, Sentiment, SentimentSet},
};

/// Returns the SQL condition of a filter.
#[must_use]
pub fn condition(filter: &ReviewFilter) -> Condition {
    let ReviewFilter {
        sentiment,
        critic,
        publication,
        scored,
        recommended,
        since,
        until,
    } = filter;
    Condition::all()
        .add_option(sentiment.map(sentiment_condition))
        .add_option(critic.map(|critic| review::Column::CriticId.eq(critic.0)))
        .add_option(publication.map(|publication| review::Column::PublicationId.eq(publication.0)))
        .add_option(scored.map(|scored| {
            if scored {
                review::Column::Score.is_not_null()
            } else {
                review::Column::Score.is_null()
            }
        }))
        .add_option(recommended.map(|yes| review::Column::Recommended.eq(yes)))
        .add_option(since.map(|day| review::Column::ReviewedOn.gte(day)))
        .add_option(until.map(|day| review::Column::ReviewedOn.lte(day)))
}

/// Returns the SQL condition for a set of sentiments. The bounds of the bands come from the default policy.
///
/// The expression is the same for every set: a range of scores for each sentiment, empty if the set doesn't contain it,
/// and one array for reviews without a score. All sets thus share one prepared statement.
fn sentiment_condition(sentiments: SentimentSet) -> Condition {
    let implied = review::Column::ImpliedSentiment.eq_any(names(sentiments));
    Sentiment::ALL
        .into_iter()
        .map(|sentiment| {
            let band = sentiments
                .contains(sentiment)
                .then(|| score_band(sentiment));
            band.flatten().unwrap_or(EMPTY_SCORE_RANGE)
        })
        .fold(Condition::any().add(implied), |any, (lowest, highest)| {
            any.add(review::Column::Score.between(lowest, highest))
        })
}

/// Returns the names of sentiments in the database.
#[must_use]
pub fn names(sentiments: SentimentSet) -> Vec<String> {
    let names = sentiments
        .iter()
        .map(|sentiment| review::Sentiment::from(sentiment).to_value());
    names.collect()
}

/// An empty range of scores.
const EMPTY_SCORE_RANGE: (i16, i16) = (0, -1);

/// Returns the lowest and the highest score of the reviews with one of these sentiments under the default policy; `None`
/// if there are no such scores. Reviews without a score may have these sentiments, too.
#[must_use]
pub fn score_range(sentiments: SentimentSet) -> Option<(i16, i16)> {
    let bands = sentiments.iter().filter_map(score_band);
    bands.reduce(|(lowest, highest), (low, high)| (lowest.min(low), highest.max(high)))
}

/// Returns the lowest and the highest score of a sentiment under the default policy; `None` if it has no scores.
#[must_use]
pub fn score_band(sentiment: Sentiment) -> Option<(i16, i16)> {
    let policy = Policy::default();
    let mut band = Points::all().filter(|points| policy.sentiment(*points) == sentiment);
    let lowest = band.next()?;
    let highest = band.next_back().unwrap_or(lowest);
    Some((lowest.into(), highest.into()))
}
