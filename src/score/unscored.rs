//! The counts and weights of reviews without a score, by sentiment.

use super::count::{decrement, increment, total};
use super::{Sentiment, Weight};

/// The reviews without a score that have a sentiment or a recommendation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unscored {
    /// The positive reviews.
    pub positive: Group,
    /// The mixed reviews.
    pub mixed: Group,
    /// The negative reviews.
    pub negative: Group,
}

/// The count and the total weight of some reviews.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Group {
    /// The number of reviews.
    pub count: u32,
    /// The sum of their weights, in hundredths.
    pub weight: u64,
}

impl Unscored {
    /// Returns the reviews of one sentiment.
    #[must_use]
    pub const fn of(&self, sentiment: Sentiment) -> Group {
        match sentiment {
            Sentiment::Positive => self.positive,
            Sentiment::Mixed => self.mixed,
            Sentiment::Negative => self.negative,
        }
    }

    /// Returns the number of reviews of all three sentiments.
    #[must_use]
    pub fn count(&self) -> u32 {
        total(Sentiment::ALL.map(|sentiment| self.of(sentiment).count))
    }

    pub(super) const fn of_mut(&mut self, sentiment: Sentiment) -> &mut Group {
        match sentiment {
            Sentiment::Positive => &mut self.positive,
            Sentiment::Mixed => &mut self.mixed,
            Sentiment::Negative => &mut self.negative,
        }
    }
}

impl Group {
    pub(super) fn add(&mut self, weight: Weight) {
        increment(&mut self.count);
        self.weight = self.weight.saturating_add(weight.hundredths().into());
    }

    pub(super) fn remove(&mut self, weight: Weight) -> Option<()> {
        decrement(&mut self.count)?;
        self.weight = self.weight.checked_sub(weight.hundredths().into())?;
        Some(())
    }

    /// Returns whether the weight is possible for the count.
    pub(super) fn is_possible(self) -> bool {
        let weight_at = |bound: Weight| u64::from(self.count) * u64::from(bound.hundredths());
        (weight_at(Weight::MIN)..=weight_at(Weight::MAX)).contains(&self.weight)
    }
}
