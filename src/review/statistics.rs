//! Statistics of the catalogue, by which the cost of an operation is estimated before its execution.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use chrono::NaiveDate;

use super::{
    class::{Class, ClassSet},
    filter::ReviewFilter,
    owner::OwnerKind,
};
use crate::score::{Sentiment, Weighting};

/// The assumed number of days of a month.
const DAYS_OF_MONTH: u64 = 30;

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
    /// The numbers of reviews by class and month.
    pub classes: ClassStatistics,
    /// By which weights reviews count, by the rules of the site.
    pub weighting: Weighting,
    /// Whether the reviews of critics and publications that match a filter are found in memory.
    pub has_review_index: bool,
}

/// The numbers of reviews by class and month, in a form in which those of a range of days are found fast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassStatistics {
    classes: Vec<ClassReviews>,
    reviews: u64,
    months: u64,
}

/// The reviews of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ClassReviews {
    class: Class,
    /// The number of all reviews.
    reviews: u64,
    /// The first day of each month with reviews, in ascending order, with the number of its reviews and of those before.
    months: Vec<Month>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Month {
    first: NaiveDate,
    reviews: u64,
    before: u64,
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

    /// Calls `read` with the latest statistics, or with empty ones before the first read. All workers do so for each
    /// request, so this writes no reference count.
    pub fn with<T>(&self, read: impl FnOnce(&Statistics) -> T) -> T {
        match &*self.0.load() {
            Some(statistics) => read(statistics),
            None => read(&Statistics::default()),
        }
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
    /// The sentiment under the rules of the site; `None` if unrated.
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
        self.classes.reviews
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

    /// Returns the approximate number of the reviews that match a filter, whoever wrote them. The reviews of a month count
    /// as spread evenly over 30 days.
    #[must_use]
    pub fn matching(&self, filter: &ReviewFilter) -> u64 {
        let classes: ClassSet = filter.classes().collect();
        let all = self.classes.classes.iter();
        let matching = all.filter(|reviews| classes.contains(reviews.class));
        matching
            .map(|reviews| reviews.between(filter.since, filter.until))
            .sum()
    }
}

impl ClassStatistics {
    /// Returns the number of pairs of a class and a month.
    #[must_use]
    pub fn months(&self) -> u64 {
        self.months
    }

    /// Adds a row. Its month must not be before that of an earlier row of its class.
    fn add(&mut self, row: &ReviewClass) {
        self.reviews += row.reviews;
        let class = Class::new(row.sentiment, row.is_scored, row.recommended);
        let mut classes = self.classes.iter();
        let index = classes.position(|reviews| reviews.class == class);
        let index = index.unwrap_or_else(|| {
            self.classes.push(ClassReviews {
                class,
                reviews: 0,
                months: Vec::new(),
            });
            self.classes.len() - 1
        });
        let Some(class) = self.classes.get_mut(index) else {
            return;
        };
        class.reviews += row.reviews;
        if let Some(first) = row.month {
            let last = class.months.last();
            class.months.push(Month {
                first,
                reviews: row.reviews,
                before: last.map_or(0, |last| last.before + last.reviews),
            });
            self.months += 1;
        }
    }
}

impl FromIterator<ReviewClass> for ClassStatistics {
    fn from_iter<T: IntoIterator<Item = ReviewClass>>(rows: T) -> Self {
        let mut rows: Vec<ReviewClass> = rows.into_iter().collect();
        rows.sort_by_key(|row| row.month);
        let mut statistics = Self::default();
        for row in rows {
            statistics.add(&row);
        }
        statistics
    }
}

impl ClassReviews {
    /// Returns the approximate number of the reviews of a range of days.
    fn between(&self, since: Option<NaiveDate>, until: Option<NaiveDate>) -> u64 {
        if since.is_none() && until.is_none() {
            return self.reviews;
        }
        let before = since.map_or(0, |since| self.before(since));
        let end = until.and_then(|until| until.succ_opt());
        let all = || {
            let last = self.months.last();
            last.map_or(0, |last| last.before + last.reviews)
        };
        end.map_or_else(all, |end| self.before(end))
            .saturating_sub(before)
    }

    /// Returns the approximate number of the reviews before a day.
    fn before(&self, day: NaiveDate) -> u64 {
        let index = self.months.partition_point(|month| month.first < day);
        let Some(month) = index.checked_sub(1).and_then(|last| self.months.get(last)) else {
            return 0;
        };
        let days = u64::try_from((day - month.first).num_days()).unwrap_or_default();
        let part = month.reviews.saturating_mul(days.min(DAYS_OF_MONTH)) / DAYS_OF_MONTH;
        month.before + part
    }
}

#[cfg(test)]
mod tests;
