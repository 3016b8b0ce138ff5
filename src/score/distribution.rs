//! The distribution of reviews by sentiment, and by score in buckets of any width.

use super::count::total;
use super::ratio::Ratio;
use super::{Points, Policy, Sentiment, Tally};

/// The reviews by sentiment. The four shares add up to the total.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Distribution {
    /// The number of reviews.
    pub total: u32,
    /// The positive reviews, with or without a score.
    pub positive: Share,
    /// The mixed reviews, with or without a score.
    pub mixed: Share,
    /// The negative reviews, with or without a score.
    pub negative: Share,
    /// The reviews with neither a score nor a sentiment nor a recommendation.
    pub unrated: Share,
}

/// A share of the reviews.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Share {
    /// The number of reviews in the share.
    pub count: u32,
    /// The number of all reviews.
    pub total: u32,
}

impl Policy {
    /// Splits a tally by sentiment: scored reviews by this policy's thresholds, the others by their
    /// own sentiment.
    #[must_use]
    pub fn distribution(&self, tally: &Tally) -> Distribution {
        let review_count = tally.review_count();
        let share_of = |count| Share {
            count,
            total: review_count,
        };
        let of_sentiment = |sentiment| {
            let scored = tally
                .counts()
                .filter(|(points, _)| self.sentiment(*points) == sentiment);
            let unscored = tally.unscored().of(sentiment).count;
            share_of(total(scored.map(|(_, count)| count)).saturating_add(unscored))
        };
        Distribution {
            total: review_count,
            positive: of_sentiment(Sentiment::Positive),
            mixed: of_sentiment(Sentiment::Mixed),
            negative: of_sentiment(Sentiment::Negative),
            unrated: share_of(tally.unrated()),
        }
    }
}

impl Share {
    /// Returns the share in percent, 0 to 100, not rounded; 0 if there are no reviews.
    #[must_use]
    pub fn percent(self) -> f64 {
        Ratio::new(100 * u64::from(self.count), self.total).map_or(0.0, Ratio::to_f64)
    }
}

/// The number of scores in a bucket of a histogram: 1 to 100.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BucketWidth(u8);

impl BucketWidth {
    /// Creates a width; `None` if it is not from 1 to 100.
    #[must_use]
    pub fn new(width: i64) -> Option<Self> {
        u8::try_from(width)
            .ok()
            .filter(|width| (1..=100).contains(width))
            .map(Self)
    }

    /// Returns the number of scores, 1 to 100.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for BucketWidth {
    /// Returns the width 10, which gives ten buckets.
    fn default() -> Self {
        Self(10)
    }
}

/// The reviews with a score in a range.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Bucket {
    /// The lowest score of the range.
    pub from: Points,
    /// The highest score of the range, inclusive.
    pub to: Points,
    /// The number of reviews with a score in the range.
    pub count: u32,
}

impl Tally {
    /// Returns the scored reviews in buckets of `width` scores, from 0 upwards without a gap,
    /// including empty buckets.
    ///
    /// The scale has 101 scores, so a width that divides 100 would put the score 100 into a bucket of
    /// its own. The score 100 joins the previous bucket instead (80 to 100, 90 to 100), so that a
    /// width of 10 gives ten bars. Only at width 1 the score 100 has its own bucket. A width that does
    /// not divide 100 gives a narrower last bucket: 99 to 100 at width 3.
    #[must_use]
    pub fn histogram(&self, width: BucketWidth) -> Vec<Bucket> {
        let joins_previous_bucket = |points: Points| points == Points::MAX && width.get() > 1;
        let mut buckets: Vec<Bucket> = Vec::new();
        for (points, count) in self.counts() {
            let starts_bucket = points.get() % width.get() == 0 && !joins_previous_bucket(points);
            match buckets.last_mut() {
                Some(bucket) if !starts_bucket => {
                    bucket.to = points;
                    bucket.count = bucket.count.saturating_add(count);
                }
                _ => buckets.push(Bucket {
                    from: points,
                    to: points,
                    count,
                }),
            }
        }
        buckets
    }
}

#[cfg(test)]
mod tests;
