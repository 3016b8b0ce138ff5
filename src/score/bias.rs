//! The bias of a critic or a publication: the mean difference of its scores from the other reviews'.

use super::ratio::Ratio;
use super::{Policy, ScoreInput, Tally};

/// The differences of the scores of reviews from those of their films without them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bias {
    /// The sum of the differences, in points.
    pub sum: i64,
    /// The number of reviews.
    pub reviews: u64,
}

impl Bias {
    /// Returns the mean difference; 0 for no reviews.
    #[must_use]
    pub fn mean_difference(self) -> f64 {
        Ratio::new(self.sum, self.reviews).map_or(0.0, Ratio::to_f64)
    }
}

impl Policy {
    /// Returns the mean difference, in points, of the reviewer's score of a film from the film's
    /// score without that review: positive if the reviewer's scores are higher. It is from -100 to
    /// 100, and each film counts once. The film's score is the rounded one under this policy, because
    /// that is the one that is published.
    ///
    /// `reviews` pairs each of the reviewer's reviews with the tally of its film, which includes the
    /// review. Reviews without a score are skipped, and so are films that have no score without the
    /// review. `None` if no film is left.
    pub fn bias<'film>(
        &self,
        reviews: impl IntoIterator<Item = (ScoreInput, &'film Tally)>,
    ) -> Option<f64> {
        let (mut sum, mut films) = (0_i64, 0_i64);
        for review_difference in reviews
            .into_iter()
            .filter_map(|(review, film)| self.difference(review, film))
        {
            sum += i64::from(review_difference);
            films += 1;
        }
        Ratio::new(sum, films).map(Ratio::to_f64)
    }

    /// Returns the review's score minus the film's score without the review.
    fn difference(&self, review: ScoreInput, film: &Tally) -> Option<i16> {
        let score = review.points?;
        let film_score = self.value(&film.without(review)?)?;
        Some(i16::from(score) - i16::from(film_score))
    }
}

#[cfg(test)]
mod tests;
