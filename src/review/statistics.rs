//! Statistics of the catalogue, by which the cost of an operation is estimated before its execution.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use chrono::{Days, Months, NaiveDate};

use super::{filter::ReviewFilter, owner::OwnerKind};
use crate::score::Sentiment;

/// The numbers of rows of the catalogue, as of the last time that they were read. Empty before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The number of films.
    pub films: u64,
    /// The number of critics.
    pub critics: u64,
    /// The number of publications.
    pub publications: u64,
    /// The numbers of reviews of the films with the most reviews, in descending order.
    pub of_films: Vec<u64>,
    /// The numbers of reviews of the critics with the most reviews, in descending order.
    pub of_critics: Vec<u64>,
    /// The numbers of reviews of the publications with the most reviews, in descending order.
    pub of_publications: Vec<u64>,
    /// The numbers of reviews with equal properties.
    pub classes: Vec<ReviewClass>,
}

/// The latest statistics of a process.
#[derive(Debug, Default)]
pub struct CurrentStatistics(ArcSwapOption<Statistics>);

impl CurrentStatistics {
    /// Returns the latest statistics; `None` before the first read.
    #[must_use]
    pub fn load(&self) -> Option<Arc<Statistics>> {
        self.0.load_full()
    }

    /// Replaces the statistics.
    pub fn store(&self, statistics: Arc<Statistics>) {
        self.0.store(Some(statistics));
    }
}

/// The number of the reviews of a month with equal properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewClass {
    /// The first day of the month; `None` if the reviews have no date.
    pub month: Option<NaiveDate>,
    /// The sentiment under the default policy; `None` if unrated.
    pub sentiment: Option<Sentiment>,
    /// Whether the reviews have a score.
    pub is_scored: bool,
    /// Whether the reviews recommend the film; `None` if unknown.
    pub recommended: Option<bool>,
    /// The number of reviews.
    pub reviews: u64,
}

impl Statistics {
    /// Returns the number of all reviews.
    #[must_use]
    pub fn reviews(&self) -> u64 {
        self.classes.iter().map(|class| class.reviews).sum()
    }

    /// Returns the maximum number of the reviews of this many owners.
    #[must_use]
    pub fn reviews_of(&self, kind: OwnerKind, owners: u64) -> u64 {
        let largest = match kind {
            OwnerKind::Film => &self.of_films,
            OwnerKind::Critic => &self.of_critics,
            OwnerKind::Publication => &self.of_publications,
        };
        let count = usize::try_from(owners).unwrap_or(usize::MAX);
        let sum: u64 = largest.iter().take(count).sum();
        // None of the owners beyond has more than the last one of the list.
        let others = owners.saturating_sub(largest.len() as u64);
        let most = largest.last().copied().unwrap_or_default();
        sum.saturating_add(others.saturating_mul(most))
            .min(self.reviews())
    }

    /// Returns the approximate number of the reviews that match a filter, whoever wrote them. Of a month at an end of a
    /// range of days, as large a part counts as it has days of the range.
    #[must_use]
    pub fn matching(&self, filter: &ReviewFilter) -> u64 {
        let matching = self.classes.iter().map(|class| class.matching(filter));
        matching.sum()
    }
}

impl ReviewClass {
    /// Returns the approximate number of the class's reviews that match a filter, rounded up.
    fn matching(&self, filter: &ReviewFilter) -> u64 {
        let has_sentiment = filter.sentiment.is_none_or(|sentiments| {
            self.sentiment
                .is_some_and(|sentiment| sentiments.contains(sentiment))
        });
        if !has_sentiment
            || filter.scored.is_some_and(|scored| scored != self.is_scored)
            || filter.recommended.is_some() && filter.recommended != self.recommended
        {
            return 0;
        }
        let Some(first) = self.month else {
            let is_dated = filter.since.is_some() || filter.until.is_some();
            return if is_dated { 0 } else { self.reviews };
        };
        let last = first + Months::new(1) - Days::new(1);
        let from = filter.since.map_or(first, |since| since.max(first));
        let to = filter.until.map_or(last, |until| until.min(last));
        let days = |from: NaiveDate, to: NaiveDate| {
            let days = (to - from).num_days() + 1;
            u64::try_from(days).unwrap_or_default()
        };
        let days_of_month = days(first, last).max(1);
        (self.reviews * days(from, to)).div_ceil(days_of_month)
    }
}

#[cfg(test)]
mod tests;
