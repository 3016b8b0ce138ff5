//! Statistics of the scores that depend neither on a policy nor on weights.

use super::ratio::Ratio;
use super::{Points, Tally};

impl Tally {
    /// Returns the lowest score; `None` if no review has a score.
    #[must_use]
    pub fn lowest(&self) -> Option<Points> {
        self.counts()
            .find_map(|(points, count)| (count > 0).then_some(points))
    }

    /// Returns the highest score; `None` if no review has a score.
    #[must_use]
    pub fn highest(&self) -> Option<Points> {
        self.counts()
            .rev()
            .find_map(|(points, count)| (count > 0).then_some(points))
    }

    /// Returns the unweighted median of the scores: the middle one in order, or the mean of the
    /// middle two. `None` if no review has a score.
    #[must_use]
    pub fn median(&self) -> Option<f64> {
        let scored = self.scored_count();
        let lower = self.score_at_rank(scored.checked_sub(1)? / 2)?;
        let upper = self.score_at_rank(scored / 2)?;
        Some(f64::from(lower.get() + upper.get()) / 2.0)
    }

    /// Returns the lower (1) or the upper (3) unweighted quartile of the scores: the score at that quarter of the way from the
    /// lowest to the highest in order, between two scores interpolated. `None` if no review has a score.
    #[must_use]
    pub fn quartile(&self, quarter: u32) -> Option<f64> {
        let steps = u64::from(self.scored_count().checked_sub(1)?) * u64::from(quarter.min(4));
        let rank = u32::try_from(steps / 4).ok()?;
        let below = f64::from(self.score_at_rank(rank)?.get());
        // Without a next score, the rank is whole.
        let next = self.score_at_rank(rank + 1);
        let above = next.map_or(below, |points| f64::from(points.get()));
        let part = u32::try_from(steps % 4).ok()?;
        Some(below + (above - below) * f64::from(part) / 4.0)
    }

    /// Returns the unweighted standard deviation of the scores, in points. It is that of the
    /// population, because the tally counts all reviews and not a sample. `None` if no review has a
    /// score.
    ///
    /// The variance is computed as (n Σx² - (Σx)²) / n², whose numerator and denominator are exact
    /// integers. Equal scores therefore have a deviation of exactly zero.
    #[must_use]
    pub fn standard_deviation(&self) -> Option<f64> {
        let Sums { n, sum, squares } = Sums::of(self.counts());
        let variance = Ratio::new(n * squares - sum * sum, n * n)?;
        Some(variance.to_f64().sqrt())
    }

    /// Returns the standard deviation in thousandths of a point, rounded down: a sort key that the database computes
    /// exactly, too. `None` if no review has a score.
    #[must_use]
    pub fn deviation_key(&self) -> Option<i32> {
        deviation_key(self.counts())
    }

    /// Returns the percentage of recommendations among the reviews with a recommendation for or
    /// against the film, rounded half up. `None` if there are no such reviews.
    #[must_use]
    pub fn percent_recommended(&self) -> Option<u8> {
        let (yes, no) = (
            u64::from(self.recommended()),
            u64::from(self.not_recommended()),
        );
        u8::try_from(Ratio::new(100 * yes, yes + no)?.round_half_up()).ok()
    }

    /// Returns the score at a zero-based rank in ascending order.
    fn score_at_rank(&self, rank: u32) -> Option<Points> {
        let mut cumulative_count = 0_u32;
        self.counts().find_map(|(points, count)| {
            cumulative_count = cumulative_count.saturating_add(count);
            (cumulative_count > rank).then_some(points)
        })
    }
}

/// Returns the standard deviation of counted scores in thousandths of a point, rounded down; `None` if there are none.
#[must_use]
pub fn deviation_key(counts: impl Iterator<Item = (Points, u32)>) -> Option<i32> {
    let Sums { n, sum, squares } = Sums::of(counts);
    let variance = (1_000_000 * (n * squares - sum * sum)).checked_div(n * n)?;
    i32::try_from(variance.isqrt()).ok()
}

/// The sums of scores that a deviation is computed from.
struct Sums {
    n: i128,
    sum: i128,
    squares: i128,
}

impl Sums {
    fn of(counts: impl Iterator<Item = (Points, u32)>) -> Self {
        let (mut n, mut sum, mut squares) = (0, 0, 0);
        for (points, count) in counts {
            let (points, count) = (i128::from(points.get()), i128::from(count));
            n += count;
            sum += count * points;
            squares += count * points * points;
        }
        Self { n, sum, squares }
    }
}

#[cfg(test)]
mod tests;
