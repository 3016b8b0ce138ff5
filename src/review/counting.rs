//! Which reviews count towards a score, and by which weights.

use std::sync::Arc;

use chrono::NaiveDate;

use super::filter::ReviewFilter;
use crate::{critic::CriticId, publication::PublicationId, score::Weight};

/// Which reviews count towards a score, and by which weights. By default all reviews count, by the weights of their
/// publications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counting {
    /// The reviews that match it count.
    pub filter: ReviewFilter,
    /// Whether only reviews by top critics count.
    pub is_top_critics_only: bool,
    /// The critic whose reviews don't count.
    pub without_critic: Option<CriticId>,
    /// The weights that replace those of publications; `None` if none does.
    pub weights: Option<Arc<CustomWeights>>,
}

/// Weights of reviews that replace those of their publications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CustomWeights {
    critics: Vec<(CriticId, Weight)>,
    publications: Vec<(PublicationId, Weight)>,
    is_equal_otherwise: bool,
}

/// A critic or a publication has several weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatedWeight {
    /// A critic has.
    Critic,
    /// A publication has.
    Publication,
}

impl CustomWeights {
    /// Creates the weights of critics and of publications. A review has the weight of its critic; without that, the one of
    /// its publication; without that, the weight 1 if `is_equal_otherwise`, or else that of its publication on the site.
    /// Equal weights in another order give an equal value, so that they share a cache key and a statement.
    ///
    /// # Errors
    ///
    /// When a critic or a publication has several weights.
    pub fn new(
        mut critics: Vec<(CriticId, Weight)>,
        mut publications: Vec<(PublicationId, Weight)>,
        is_equal_otherwise: bool,
    ) -> Result<Self, RepeatedWeight> {
        critics.sort_unstable();
        publications.sort_unstable();
        if critics.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(RepeatedWeight::Critic);
        }
        if publications.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(RepeatedWeight::Publication);
        }
        Ok(Self {
            critics,
            publications,
            is_equal_otherwise,
        })
    }

    /// Returns whether no weight replaces another one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.critics.is_empty() && self.publications.is_empty()
    }

    /// Returns the weights of critics, in the order of their ids.
    #[must_use]
    pub fn critics(&self) -> &[(CriticId, Weight)] {
        &self.critics
    }

    /// Returns the weights of publications, in the order of their ids.
    #[must_use]
    pub fn publications(&self) -> &[(PublicationId, Weight)] {
        &self.publications
    }

    /// Returns whether all other reviews have the weight 1.
    #[must_use]
    pub const fn is_equal_otherwise(&self) -> bool {
        self.is_equal_otherwise
    }
}

impl Counting {
    /// Returns the counting of the reviews that match a filter.
    #[must_use]
    pub fn of_filter(filter: ReviewFilter) -> Self {
        Self {
            filter,
            ..Self::default()
        }
    }

    /// Returns whether all reviews count, by the weights of their publications, as in the stored tallies.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the filter if there is nothing else.
    #[must_use]
    pub fn as_filter(&self) -> Option<&ReviewFilter> {
        let is_filter =
            !self.is_top_critics_only && self.without_critic.is_none() && self.weights.is_none();
        is_filter.then_some(&self.filter)
    }

    /// Restricts the counting to the reviews of a period. A review without a date belongs to no period that begins or
    /// ends.
    #[must_use]
    pub fn within(mut self, since: Option<NaiveDate>, until: Option<NaiveDate>) -> Self {
        let filter = &mut self.filter;
        filter.since = filter.since.max(since);
        filter.until = [filter.until, until].into_iter().flatten().min();
        self
    }
}

#[cfg(test)]
mod tests;
