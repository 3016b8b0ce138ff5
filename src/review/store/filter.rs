//! The SQL condition of a filter of reviews.

use entity::review;
use sea_orm::{ActiveEnum, ColumnTrait, Condition, sea_query::Expr};

use crate::{
    cache::tag::{Tag, TagKind},
    review::filter::{ReviewFilter, SentimentFilter, UnindexedFilter},
    score::{Sentiment, SentimentSet},
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
        rest,
    } = filter;
    let UnindexedFilter {
        top_critic,
        has_excerpt,
        film_genre,
    } = rest;
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
        .add_option(top_critic.map(|top| review::Column::TopCritic.eq(top)))
        .add_option(has_excerpt.map(|has_excerpt| {
            if has_excerpt {
                review::Column::Excerpt.is_not_null()
            } else {
                review::Column::Excerpt.is_null()
            }
        }))
        .add_option(film_genre.as_deref().map(of_genre))
}

/// Returns the SQL condition for the reviews of films of a genre.
fn of_genre(genre: &str) -> Expr {
    Expr::cust_with_values(
        "review.film_id IN (SELECT id FROM film WHERE genres_normalized @> $1)",
        [vec![genre.to_owned()]],
    )
}

/// Visits the tags of what may change which of an owner's reviews match a filter, beyond these reviews.
pub fn visit_filter_tags(filter: &ReviewFilter, visit: &mut dyn FnMut(Tag)) {
    if filter.rest.film_genre.is_some() {
        visit(Tag::any(TagKind::Film));
    }
}

/// Returns the SQL condition for a set of sentiments.
///
/// The expression is the same for every set: a range of scores for each sentiment, empty if the set doesn't contain it,
/// and one array for reviews without a score. All sets thus share one prepared statement.
fn sentiment_condition(filter: SentimentFilter) -> Condition {
    let implied = review::Column::ImpliedSentiment.eq_any(names(filter.sentiments));
    Sentiment::ALL
        .into_iter()
        .map(|sentiment| {
            if filter.sentiments.contains(sentiment) {
                score_band(filter, sentiment)
            } else {
                EMPTY_SCORE_RANGE
            }
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

/// Returns the lowest and the highest score of the reviews with one of these sentiments; `None` if there are no such
/// scores. Reviews without a score may have these sentiments, too.
#[must_use]
pub fn score_range(filter: SentimentFilter) -> Option<(i16, i16)> {
    let bands = filter
        .sentiments
        .iter()
        .map(|sentiment| score_band(filter, sentiment));
    bands.reduce(|(lowest, highest), (low, high)| (lowest.min(low), highest.max(high)))
}

/// Returns the lowest and the highest score of a sentiment.
#[must_use]
pub fn score_band(filter: SentimentFilter, sentiment: Sentiment) -> (i16, i16) {
    let (lowest, highest) = filter.bands.range(sentiment);
    (lowest.into(), highest.into())
}
