//! How far two critics agree about the films that both have reviewed.

use std::cmp::Ordering;

use super::ratio::Ratio;
use super::{Points, Sentiment, SentimentBands};

/// The number of films that each number of an agreement needs. Two films have a correlation of 1 or -1 in any case.
pub const MIN_FILMS: u64 = 3;

/// The reviews of a film by one critic. Several count as one.
#[derive(Clone, Copy, Debug, Default)]
pub struct FilmReviews {
    scored: u64,
    sum: u64,
    unscored: Option<Sentiment>,
}

impl FilmReviews {
    /// Adds a review: its score, and its sentiment if it has no score. The oldest review comes first.
    pub fn add(&mut self, points: Option<Points>, unscored: Option<Sentiment>) {
        if let Some(points) = points {
            self.scored += 1;
            self.sum += u64::from(points.get());
        }
        self.unscored = unscored.or(self.unscored);
    }

    /// Returns the opinion: the score is the mean of the scores, rounded half up, and the sentiment that of this score.
    /// Without a score, the sentiment is that of the review that was added last.
    #[must_use]
    pub fn opinion(self, bands: SentimentBands) -> Opinion {
        let mean = (2 * self.sum + self.scored).checked_div(2 * self.scored);
        let points = mean.and_then(Points::new);
        let sentiment = points.map(|points| bands.sentiment(points));
        Opinion {
            points,
            sentiment: sentiment.or(self.unscored),
        }
    }
}

/// A critic's opinion of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// The score, if the critic gave any.
    pub points: Option<Points>,
    /// The sentiment, if the critic has any.
    pub sentiment: Option<Sentiment>,
}

/// What an agreement is computed from: sums over the films that two critics have reviewed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgreementSums {
    /// The number of films that both have reviewed.
    pub films: u64,
    /// The number of those that both gave a score.
    pub scored: u64,
    /// The sum of the absolute differences of their scores.
    pub absolute_difference: u64,
    /// The sum of the scores of each of the two.
    pub sums: [u64; 2],
    /// The sum of the squares of the scores of each.
    pub squares: [u64; 2],
    /// The sum of the products of their scores.
    pub products: u64,
    /// The number of the films about which both have a sentiment.
    pub with_sentiment: u64,
    /// The number of those about which both have the same one.
    pub same_sentiment: u64,
}

impl AgreementSums {
    /// Adds a film by the opinions of both.
    pub fn add(&mut self, one: Opinion, other: Opinion) {
        self.films += 1;
        if let (Some(one), Some(other)) = (one.points, other.points) {
            let [one, other] = [one, other].map(|points| u64::from(points.get()));
            self.scored += 1;
            self.absolute_difference += one.abs_diff(other);
            self.sums[0] += one;
            self.sums[1] += other;
            self.squares[0] += one * one;
            self.squares[1] += other * other;
            self.products += one * other;
        }
        if let (Some(one), Some(other)) = (one.sentiment, other.sentiment) {
            self.with_sentiment += 1;
            self.same_sentiment += u64::from(one == other);
        }
    }

    /// Returns the agreement; `None` if fewer than [`MIN_FILMS`] films are in common.
    #[must_use]
    pub fn agreement(self) -> Option<Agreement> {
        let mean = |sum: u64, films: u64| {
            Ratio::new(sum, films)
                .filter(|_| films >= MIN_FILMS)
                .map(Ratio::to_f64)
        };
        (self.films >= MIN_FILMS).then(|| Agreement {
            films_in_common: self.films,
            scored_in_common: self.scored,
            correlation: self.correlation(),
            mean_absolute_difference: mean(self.absolute_difference, self.scored),
            same_sentiment_share: mean(self.same_sentiment, self.with_sentiment),
        })
    }

    /// Compares the mean absolute differences, exactly. Those of no film are equal to all others.
    #[must_use]
    pub fn compare_difference(&self, other: &Self) -> Ordering {
        let product = |one: u64, other: u64| u128::from(one) * u128::from(other);
        product(self.absolute_difference, other.scored)
            .cmp(&product(other.absolute_difference, self.scored))
    }

    /// Returns Pearson's correlation of the scores; `None` if fewer than [`MIN_FILMS`] films have one by both, or if all
    /// scores of one of the two are equal. Only the root and the last division are not exact.
    fn correlation(&self) -> Option<f64> {
        if self.scored < MIN_FILMS {
            return None;
        }
        let films = i128::from(self.scored);
        let [one, other] = self.sums.map(i128::from);
        let [squares, other_squares] = self.squares.map(i128::from);
        let covariance = films * i128::from(self.products) - one * other;
        let variances = (films * squares - one * one) * (films * other_squares - other * other);
        let variances = Ratio::new(variances, 1).filter(|_| variances > 0)?;
        let covariance = Ratio::new(covariance, 1)?;
        let correlation = covariance.to_f64() / variances.to_f64().sqrt();
        // Rounding may exceed the ends.
        Some(correlation.clamp(-1.0, 1.0))
    }
}

/// How far two critics agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// The number of films that both have reviewed: at least [`MIN_FILMS`].
    pub films_in_common: u64,
    /// The number of those that both gave a score.
    pub scored_in_common: u64,
    /// Pearson's correlation of their scores, -1 to 1.
    pub correlation: Option<f64>,
    /// The mean of the absolute differences of their scores, 0 to 100.
    pub mean_absolute_difference: Option<f64>,
    /// The share of the films about which both have the same sentiment, 0 to 1, of those about which both have one.
    pub same_sentiment_share: Option<f64>,
}

#[cfg(test)]
mod tests;
