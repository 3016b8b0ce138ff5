//! The filter and the order of a list of reviews.

use async_graphql::{Enum, ID, InputObject, Result};

use crate::{
    critic::CriticId,
    global_id::Kind,
    graphql::{decode_id, order::OrderDirection, scalar::Date, types::score::Sentiment},
    pagination::Direction,
    publication::PublicationId,
    review::{
        filter::{ReviewFilter, SentimentFilter},
        order::ReviewOrder,
    },
    score::{self, SentimentBands},
};

/// A filter of reviews. A review must match all fields that aren't null.
#[derive(Clone, Debug, Default, InputObject)]
#[graphql(name = "ReviewFilter")]
pub struct ReviewFilterInput {
    /// Only reviews with one of these sentiments, under the rules of the site. An empty list matches no review.
    sentiment: Option<Vec<Sentiment>>,
    /// Only reviews by the critic with this global ID.
    critic: Option<ID>,
    /// Only reviews in the publication with this global ID.
    publication: Option<ID>,
    /// Only reviews with a score if true, without a score if false.
    scored: Option<bool>,
    /// Only reviews that recommend the film if true, that advise against it if false.
    recommended: Option<bool>,
    /// Only reviews published on this date or later.
    since: Option<Date>,
    /// Only reviews published on this date or earlier.
    until: Option<Date>,
}

impl ReviewFilterInput {
    /// Parses a filter. `None` matches all reviews. `bands` are those of the rules of the site.
    ///
    /// # Errors
    ///
    /// `INVALID_ID` if an ID isn't the ID of a critic or of a publication.
    pub fn parse(input: Option<Self>, bands: SentimentBands) -> Result<ReviewFilter> {
        let input = input.unwrap_or_default();
        let key = |id: Option<ID>, kind| id.map(|id| decode_id(&id, kind)).transpose();
        Ok(ReviewFilter {
            sentiment: input.sentiment.map(|sentiments| SentimentFilter {
                sentiments: sentiments.into_iter().map(score::Sentiment::from).collect(),
                bands,
            }),
            critic: key(input.critic, Kind::Critic)?.map(CriticId),
            publication: key(input.publication, Kind::Publication)?.map(PublicationId),
            scored: input.scored,
            recommended: input.recommended,
            since: input.since.map(|day| day.0),
            until: input.until.map(|day| day.0),
        })
    }
}

/// The sort keys of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::review::order::ReviewOrderField")]
pub enum ReviewOrderField {
    /// The order in which the reviews were added to Marquee.
    Added,
    /// The score.
    Score,
    /// The date of publication.
    Date,
}

/// An order of reviews. Reviews with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "ReviewOrder")]
pub struct ReviewOrderInput {
    /// The sort key.
    field: ReviewOrderField,
    /// The direction; descending when null.
    direction: Option<OrderDirection>,
}

impl From<ReviewOrderInput> for ReviewOrder {
    fn from(ReviewOrderInput { field, direction }: ReviewOrderInput) -> Self {
        Self {
            field: field.into(),
            direction: direction.map_or(Direction::Descending, Direction::from),
        }
    }
}
