//! The filter of a list of reviews.

use chrono::NaiveDate;

use crate::{critic::CriticId, publication::PublicationId, score::SentimentSet};

/// A filter of a list of reviews. A review must match all fields that are `Some`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReviewFilter {
    /// The reviews with one of these sentiments.
    pub sentiment: Option<SentimentSet>,
    /// The reviews by this critic.
    pub critic: Option<CriticId>,
    /// The reviews in this publication.
    pub publication: Option<PublicationId>,
    /// The reviews with a score if true, without one if false.
    pub scored: Option<bool>,
    /// The reviews that recommend the film if true, that advise against it if false.
    pub recommended: Option<bool>,
    /// The reviews published on this day or later.
    pub since: Option<NaiveDate>,
    /// The reviews published on this day or earlier.
    pub until: Option<NaiveDate>,
}

impl ReviewFilter {
    /// Returns whether the filter matches every review.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether the filter can't match any review, so that no statement is needed.
    #[must_use]
    pub fn excludes_all(&self) -> bool {
        let no_sentiment = self.sentiment.is_some_and(SentimentSet::is_empty);
        let no_day =
            matches!((self.since, self.until), (Some(since), Some(until)) if since > until);
        no_sentiment || no_day
    }
}
