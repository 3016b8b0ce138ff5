//! Reviews without a score, counted and weighed by sentiment.

use super::count::{decrement, increment, total};
use super::{Sentiment, Weight};

/// Reviews without a score that say whether they like the film.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Unscored {
    /// Those that like it.
    pub positive: Group,
    /// Those of two minds.
    pub mixed: Group,
    /// Those that dislike it.
    pub negative: Group,
}

/// Some reviews and what they weigh.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Group {
    /// How many reviews.
    pub count: u32,
    /// The sum of their weights, in hundredths.
    pub weight: u64,
}

impl Unscored {
    /// The reviews of one sentiment.
    #[must_use]
    pub const fn of(&self, sentiment: Sentiment) -> Group {
        match sentiment {
            Sentiment::Positive => self.positive,
            Sentiment::Mixed => self.mixed,
            Sentiment::Negative => self.negative,
        }
    }

    /// How many reviews of all three sentiments.
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

    /// Whether so many reviews can weigh so much.
    pub(super) fn is_possible(self) -> bool {
        let weight_at = |each: Weight| u64::from(self.count) * u64::from(each.hundredths());
        (weight_at(Weight::MIN)..=weight_at(Weight::MAX)).contains(&self.weight)
    }
}
