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

    /// Returns the unweighted standard deviation of the scores, in points. It is that of the
    /// population, because the tally counts all reviews and not a sample. `None` if no review has a
    /// score.
    ///
    /// The variance is computed as (n Σx² - (Σx)²) / n², whose numerator and denominator are exact
    /// integers. Equal scores therefore have a deviation of exactly zero.
    #[must_use]
    pub fn standard_deviation(&self) -> Option<f64> {
        let (mut scored, mut sum, mut sum_of_squares) = (0_i128, 0_i128, 0_i128);
        for (points, count) in self.counts() {
            let (points, count) = (i128::from(points.get()), i128::from(count));
            scored += count;
            sum += count * points;
            sum_of_squares += count * points * points;
        }
        let variance = Ratio::new(scored * sum_of_squares - sum * sum, scored * scored)?;
        Some(variance.to_f64().sqrt())
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

    /// Returns the score at a zero-based position in ascending order.
    fn score_at_rank(&self, place: u32) -> Option<Points> {
        let mut passed = 0_u32;
        self.counts().find_map(|(points, count)| {
            passed = passed.saturating_add(count);
            (passed > place).then_some(points)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::ScoreInput;
    use crate::score::arbitrary::reviews;
    use proptest::prelude::*;

    fn scores(values: &[i32]) -> Tally {
        Tally::of(values.iter().map(|value| ScoreInput {
            points: Points::new(*value),
            ..ScoreInput::default()
        }))
    }

    fn recommendations(yes: usize, no: usize) -> Tally {
        let of = |recommended| ScoreInput {
            recommended: Some(recommended),
            ..ScoreInput::default()
        };
        Tally::of([vec![of(true); yes], vec![of(false); no]].concat())
    }

    #[test]
    fn without_scores_there_are_no_statistics() {
        let tally = recommendations(1, 1);
        assert_eq!((tally.lowest(), tally.highest()), (None, None));
        assert_eq!((tally.median(), tally.standard_deviation()), (None, None));
    }

    #[test]
    fn the_median_is_the_middle_score_or_the_mean_of_the_middle_two() {
        assert_eq!(scores(&[100]).median(), Some(100.0));
        assert_eq!(scores(&[90, 10, 50]).median(), Some(50.0));
        assert_eq!(scores(&[0, 0, 75, 100]).median(), Some(37.5));
        assert_eq!(scores(&[100, 100]).median(), Some(100.0));
    }

    #[test]
    fn equal_scores_deviate_by_zero_and_opposite_scores_by_50() {
        assert_eq!(scores(&[67, 67, 67]).standard_deviation(), Some(0.0));
        assert_eq!(scores(&[0, 100]).standard_deviation(), Some(50.0));
        assert_eq!(
            scores(&[20, 40, 40, 40, 50, 50, 70, 90]).standard_deviation(),
            Some(20.0)
        );
    }

    #[test]
    fn the_percentage_of_recommendations_rounds_half_up() {
        assert_eq!(recommendations(0, 0).percent_recommended(), None);
        assert_eq!(recommendations(0, 3).percent_recommended(), Some(0));
        assert_eq!(recommendations(3, 0).percent_recommended(), Some(100));
        assert_eq!(recommendations(2, 1).percent_recommended(), Some(67));
        assert_eq!(
            recommendations(1, 7).percent_recommended(),
            Some(13),
            "12.5 rounds up"
        );
        assert_eq!(
            recommendations(199, 1).percent_recommended(),
            Some(100),
            "99.5 rounds up"
        );
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    proptest! {
        #[test]
        fn the_statistics_equal_those_of_the_sorted_list_of_scores(reviews in reviews()) {
            let mut sorted: Vec<_> = reviews.iter().filter_map(|review| review.points).collect();
            sorted.sort_unstable();
            let tally = Tally::of(reviews);

            prop_assert_eq!(tally.lowest(), sorted.first().copied());
            prop_assert_eq!(tally.highest(), sorted.last().copied());

            let values: Vec<_> = sorted.iter().map(|points| f64::from(points.get())).collect();
            let found = (tally.median(), tally.standard_deviation());
            let (Some(median), Some(deviation)) = found else {
                prop_assert!(values.is_empty());
                return Ok(());
            };
            let half = values.len() / 2;
            let middle = match values.len() % 2 {
                1 => values[half],
                _ => f64::midpoint(values[half - 1], values[half]),
            };
            prop_assert!(near(median, middle));

            let count = f64::from(tally.scored_count());
            let mean = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            prop_assert!(near(deviation, variance.sqrt()));
        }

        /// The whole percentage p is correct if and only if p - 1/2 <= 100 yes / all < p + 1/2.
        #[test]
        fn percent_recommended_is_the_nearest_whole_percentage(
            yes in 0_usize..300,
            no in 0_usize..300,
        ) {
            let all = yes + no;
            match recommendations(yes, no).percent_recommended().map(usize::from) {
                None => prop_assert_eq!(all, 0),
                Some(percent) => {
                    prop_assert!(2 * percent * all <= 200 * yes + all);
                    prop_assert!(200 * yes < 2 * percent * all + all);
                }
            }
        }
    }
}
