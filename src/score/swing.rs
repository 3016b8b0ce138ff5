//! How many more reviews would change a verdict.

use super::mean::MeanParts;
use super::ratio::Ratio;
use super::{Mean, Points, Policy, Sentiment, Tally, Verdict, Weight};

/// The numbers of more reviews of one sentiment that would change the verdict.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Swing {
    /// The number of more positive reviews; `None` if no number changes the verdict.
    pub positive: Option<u64>,
    /// The number of more mixed reviews; `None` if no number changes the verdict.
    pub mixed: Option<u64>,
    /// The number of more negative reviews; `None` if no number changes the verdict.
    pub negative: Option<u64>,
}

impl Policy {
    /// Returns how many more reviews of each sentiment would change the verdict, or give one if there is none. Each of
    /// them has the middle of its sentiment's band as its score, and the weight 1.
    #[must_use]
    pub fn swing(&self, tally: &Tally) -> Swing {
        let of = |sentiment| self.more_reviews(tally).until_change(sentiment);
        Swing {
            positive: of(Sentiment::Positive),
            mixed: of(Sentiment::Mixed),
            negative: of(Sentiment::Negative),
        }
    }

    fn more_reviews(&self, tally: &Tally) -> MoreReviews {
        MoreReviews {
            policy: *self,
            parts: self.mean_parts(tally),
            scored: tally.scored_count().into(),
            counted: self.counted(tally).into(),
        }
    }
}

/// A set of reviews to which more are added.
struct MoreReviews {
    policy: Policy,
    parts: MeanParts,
    scored: u64,
    counted: u64,
}

impl MoreReviews {
    /// Returns the lowest number of reviews of a sentiment that changes the verdict.
    ///
    /// First there is no score, then an estimate, then a score that leaves the unscored reviews out. Within each of these
    /// phases the mean moves towards the middle of the band with each review, so the verdict changes at most from some
    /// number on, or it is another one from the start.
    fn until_change(&self, sentiment: Sentiment) -> Option<u64> {
        let minimum = u64::from(self.policy.minimum_reviews());
        let current = self.verdict(sentiment, 0);
        let estimate_from = minimum.saturating_sub(self.counted).max(1);
        let score_from = minimum.saturating_sub(self.scored).max(1);
        let last = self.last_number(sentiment).max(score_from);
        let phases = [(estimate_from, score_from - 1), (score_from, last)];
        phases.into_iter().find_map(|(first, last)| {
            let is_changed = |number| self.verdict(sentiment, number) != current;
            first_in(first, last, is_changed)
        })
    }

    /// Returns a number of reviews beyond which the verdict stays the same: the mean is less than half a point from the
    /// middle of the band. It then rounds to the same score, since the middle is a multiple of half a point, and the mean
    /// never crosses it.
    fn last_number(&self, sentiment: Sentiment) -> u64 {
        let mean = self.mean_of_scored();
        let doubled_middle = i128::from(self.policy.doubled_middle(sentiment));
        let weight = mean.doubled_weight() / 2;
        let distance = (mean.doubled_sum() - doubled_middle * weight).unsigned_abs();
        let number = distance / u128::from(Weight::default().hundredths()) + 1;
        u64::try_from(number).unwrap_or(u64::MAX)
    }

    fn mean_of_scored(&self) -> Mean {
        Mean::of_parts(self.policy, self.parts, false)
    }

    /// Returns the verdict with a number of reviews more; `None` if there are too few.
    fn verdict(&self, sentiment: Sentiment, number: u64) -> Option<Verdict> {
        let minimum = u64::from(self.policy.minimum_reviews());
        let is_estimated = if self.scored.saturating_add(number) >= minimum {
            false
        } else if self.policy.estimate() && self.counted.saturating_add(number) >= minimum {
            true
        } else {
            return None;
        };
        let mean = Mean::of_parts(self.policy, self.parts, is_estimated);
        let more = i128::from(number) * i128::from(Weight::default().hundredths());
        let doubled_middle = i128::from(self.policy.doubled_middle(sentiment));
        let doubled_sum = mean.doubled_sum() + doubled_middle * more;
        let mean = Ratio::new(doubled_sum, mean.doubled_weight() + 2 * more)?;
        Points::new(mean.round_half_up()).map(|value| self.policy.verdict(value))
    }
}

/// Returns the first number of a range with a property. If the first number doesn't have it, those that have it must be
/// the last ones.
fn first_in(first: u64, last: u64, has: impl Fn(u64) -> bool) -> Option<u64> {
    if first > last {
        return None;
    }
    if has(first) {
        return Some(first);
    }
    if !has(last) {
        return None;
    }
    let (mut without, mut with) = (first, last);
    while with - without > 1 {
        let middle = without + (with - without) / 2;
        if has(middle) {
            with = middle;
        } else {
            without = middle;
        }
    }
    Some(with)
}

#[cfg(test)]
mod tests;
