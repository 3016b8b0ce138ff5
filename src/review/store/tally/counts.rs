//! The counts of reviews that a statement returns, and the tallies of their sums.

use sea_orm::{DbErr, FromQueryResult};

use crate::score::{ScoreInput, Sentiment, Tally, TallyParts};

/// The counts of some of an owner's reviews. The scores are those that a review has, in any order, and may be repeated.
#[derive(Debug, FromQueryResult)]
pub struct Counts {
    /// The key of the owner.
    pub owner: i64,
    scores: Option<Vec<i16>>,
    reviews_by_score: Option<Vec<i32>>,
    unscored_positive: i32,
    unscored_mixed: i32,
    unscored_negative: i32,
    unrated: i32,
    unscored_positive_weight: i64,
    unscored_mixed_weight: i64,
    unscored_negative_weight: i64,
    weighted_sum: i64,
    weight: i64,
    recommended: i32,
    not_recommended: i32,
    /// The number of reviews by critics beyond the first one of each.
    repeated: i32,
}

/// The columns of [`Counts`], from groups of equal reviews. The database sums the groups, because there are a hundred
/// times as many groups as owners, and reading a row takes the server longer than the database.
pub const COUNTS: &str = "
owner,
array_agg(score) FILTER (WHERE score IS NOT NULL) AS scores,
array_agg(reviews::integer) FILTER (WHERE score IS NOT NULL) AS reviews_by_score,
coalesce(sum(reviews) FILTER (WHERE implied_sentiment = 'positive'), 0)::integer AS unscored_positive,
coalesce(sum(reviews) FILTER (WHERE implied_sentiment = 'mixed'), 0)::integer AS unscored_mixed,
coalesce(sum(reviews) FILTER (WHERE implied_sentiment = 'negative'), 0)::integer AS unscored_negative,
coalesce(sum(reviews) FILTER (WHERE score IS NULL AND implied_sentiment IS NULL), 0)::integer AS unrated,
coalesce(sum(reviews * weight) FILTER (WHERE implied_sentiment = 'positive'), 0)::bigint AS unscored_positive_weight,
coalesce(sum(reviews * weight) FILTER (WHERE implied_sentiment = 'mixed'), 0)::bigint AS unscored_mixed_weight,
coalesce(sum(reviews * weight) FILTER (WHERE implied_sentiment = 'negative'), 0)::bigint AS unscored_negative_weight,
coalesce(sum(reviews * weight * score), 0)::bigint AS weighted_sum,
coalesce(sum(reviews * weight) FILTER (WHERE score IS NOT NULL), 0)::bigint AS weight,
coalesce(sum(reviews) FILTER (WHERE recommended), 0)::integer AS recommended,
coalesce(sum(reviews) FILTER (WHERE NOT recommended), 0)::integer AS not_recommended";

/// The sums of counts.
#[derive(Clone, Debug)]
pub struct TotalCounts {
    score_counts: [i32; 101],
    unscored_positive: i32,
    unscored_mixed: i32,
    unscored_negative: i32,
    unrated: i32,
    unscored_positive_weight: i64,
    unscored_mixed_weight: i64,
    unscored_negative_weight: i64,
    weighted_sum: i64,
    weight: i64,
    recommended: i32,
    not_recommended: i32,
    repeated: i32,
}

impl Default for TotalCounts {
    fn default() -> Self {
        Self {
            score_counts: [0; 101],
            unscored_positive: 0,
            unscored_mixed: 0,
            unscored_negative: 0,
            unrated: 0,
            unscored_positive_weight: 0,
            unscored_mixed_weight: 0,
            unscored_negative_weight: 0,
            weighted_sum: 0,
            weight: 0,
            recommended: 0,
            not_recommended: 0,
            repeated: 0,
        }
    }
}

impl TotalCounts {
    /// Adds the counts of more reviews.
    pub fn add(&mut self, counts: &Counts) {
        let scores = counts.scores.iter().flatten();
        for (score, reviews) in scores.zip(counts.reviews_by_score.iter().flatten()) {
            let index = usize::try_from(*score).ok();
            if let Some(count) = index.and_then(|index| self.score_counts.get_mut(index)) {
                *count += reviews;
            }
        }
        self.unscored_positive += counts.unscored_positive;
        self.unscored_mixed += counts.unscored_mixed;
        self.unscored_negative += counts.unscored_negative;
        self.unrated += counts.unrated;
        self.unscored_positive_weight += counts.unscored_positive_weight;
        self.unscored_mixed_weight += counts.unscored_mixed_weight;
        self.unscored_negative_weight += counts.unscored_negative_weight;
        self.weighted_sum += counts.weighted_sum;
        self.weight += counts.weight;
        self.recommended += counts.recommended;
        self.not_recommended += counts.not_recommended;
        self.repeated += counts.repeated;
    }

    /// Adds a review.
    pub fn add_review(&mut self, review: ScoreInput) {
        let weight = i64::from(review.weight.hundredths());
        let (count, weights) = if let Some(points) = review.points {
            self.weighted_sum += i64::from(points.get()) * weight;
            let count = &mut self.score_counts[usize::from(points.get())];
            (count, Some(&mut self.weight))
        } else {
            match Sentiment::of_unscored(review.declared, review.recommended) {
                Some(Sentiment::Positive) => (
                    &mut self.unscored_positive,
                    Some(&mut self.unscored_positive_weight),
                ),
                Some(Sentiment::Mixed) => (
                    &mut self.unscored_mixed,
                    Some(&mut self.unscored_mixed_weight),
                ),
                Some(Sentiment::Negative) => (
                    &mut self.unscored_negative,
                    Some(&mut self.unscored_negative_weight),
                ),
                None => (&mut self.unrated, None),
            }
        };
        *count += 1;
        if let Some(weights) = weights {
            *weights += weight;
        }
        match review.recommended {
            Some(true) => self.recommended += 1,
            Some(false) => self.not_recommended += 1,
            None => {}
        }
    }

    /// Returns the tally.
    ///
    /// # Errors
    ///
    /// When the counts contradict each other.
    pub fn tally(&self) -> Result<Tally, DbErr> {
        let parts = TallyParts {
            counts: &self.score_counts,
            unscored_positive: self.unscored_positive,
            unscored_positive_weight: self.unscored_positive_weight,
            unscored_mixed: self.unscored_mixed,
            unscored_mixed_weight: self.unscored_mixed_weight,
            unscored_negative: self.unscored_negative,
            unscored_negative_weight: self.unscored_negative_weight,
            unrated: self.unrated,
            recommended: self.recommended,
            not_recommended: self.not_recommended,
            weighted_sum: self.weighted_sum,
            weight: self.weight,
            repeated: self.repeated,
        };
        Tally::from_parts(&parts).map_err(|error| DbErr::Type(error.to_string()))
    }
}
