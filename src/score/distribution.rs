//! The distribution of reviews by sentiment, and by score in buckets of any width.

use std::fmt;

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
        let all = tally.review_count();
        let share = |count| Share { count, total: all };
        let of_sentiment = |sentiment| {
            let scored = tally
                .counts()
                .filter(|(points, _)| self.sentiment(*points) == sentiment);
            let unscored = tally.unscored().of(sentiment).count;
            share(total(scored.map(|(_, count)| count)).saturating_add(unscored))
        };
        Distribution {
            total: all,
            positive: of_sentiment(Sentiment::Positive),
            mixed: of_sentiment(Sentiment::Mixed),
            negative: of_sentiment(Sentiment::Negative),
            unrated: share(tally.unrated()),
        }
    }
}

impl Share {
    /// Returns the share in percent, 0 to 100, not rounded; 0 if there are no reviews.
    #[must_use]
    pub fn percent(self) -> f64 {
        Ratio::new(100 * u64::from(self.count), self.total).map_or(0.0, Ratio::to_f64)
    }

    /// Returns the share as shown to readers: "9 out of 11".
    #[must_use]
    pub fn label(self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} out of {}", self.count, self.total)
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
        let joins_the_last = |points: Points| points == Points::MAX && width.get() > 1;
        let mut buckets: Vec<Bucket> = Vec::new();
        for (points, count) in self.counts() {
            let starts = points.get() % width.get() == 0 && !joins_the_last(points);
            match buckets.last_mut() {
                Some(bucket) if !starts => {
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
mod tests {
    use super::*;
    use crate::score::ScoreInput;
    use crate::score::arbitrary::{policy, reviews};
    use proptest::prelude::*;

    fn ranges(width: i64) -> Vec<(u8, u8)> {
        let width = BucketWidth::new(width).expect("1 to 100");
        let buckets = Tally::default().histogram(width);
        buckets
            .iter()
            .map(|bucket| (bucket.from.get(), bucket.to.get()))
            .collect()
    }

    #[test]
    fn one_score_and_ten_sentiments_are_positive_9_out_of_11() {
        let scored = ScoreInput {
            points: Points::new(80),
            ..ScoreInput::default()
        };
        let declared = |declared| ScoreInput {
            declared: Some(declared),
            ..ScoreInput::default()
        };
        let mut page = vec![scored];
        page.extend([declared(Sentiment::Positive); 8]);
        page.extend([declared(Sentiment::Mixed); 2]);
        let distribution = Policy::default().distribution(&Tally::of(page));

        assert_eq!(distribution.positive.label(), "9 out of 11");
        assert_eq!(distribution.mixed.label(), "2 out of 11");
        assert_eq!(distribution.negative.label(), "0 out of 11");
        assert_eq!(distribution.unrated.label(), "0 out of 11");
    }

    #[test]
    fn a_share_has_a_percentage_which_is_zero_without_reviews() {
        for (count, total, percent) in [(1, 4, 25.0), (4, 4, 100.0), (0, 4, 0.0), (0, 0, 0.0)] {
            assert_eq!(
                Some(Share { count, total }.percent()),
                Some(percent),
                "{count} of {total}"
            );
        }
        let whole = Share {
            count: u32::MAX,
            total: u32::MAX,
        };
        assert_eq!(Some(whole.percent()), Some(100.0));
    }

    #[test]
    fn a_width_is_from_1_to_100() {
        for width in [i64::MIN, -1, 0, 101, 256 + 10, i64::MAX] {
            assert_eq!(BucketWidth::new(width), None, "{width}");
        }
        assert_eq!(BucketWidth::new(10), Some(BucketWidth::default()));
    }

    #[test]
    fn the_score_100_joins_the_last_bucket_unless_the_width_is_1() {
        assert_eq!(
            ranges(20),
            [(0, 19), (20, 39), (40, 59), (60, 79), (80, 100)]
        );
        assert_eq!(ranges(10).last(), Some(&(90, 100)));
        assert_eq!(ranges(10).len(), 10);
        assert_eq!(ranges(2).last(), Some(&(98, 100)));
        assert_eq!(ranges(50), [(0, 49), (50, 100)]);
        assert_eq!(ranges(100), [(0, 100)]);
        assert_eq!(
            ranges(1),
            (0..=100).map(|score| (score, score)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_width_that_does_not_divide_100_gives_a_narrower_last_bucket() {
        assert_eq!(ranges(3)[32..], [(96, 98), (99, 100)]);
        assert_eq!(ranges(30), [(0, 29), (30, 59), (60, 89), (90, 100)]);
        assert_eq!(ranges(99), [(0, 98), (99, 100)]);
    }

    proptest! {
        #[test]
        fn the_four_shares_count_each_review_once_by_its_sentiment(
            reviews in reviews(),
            policy in policy(),
        ) {
            let distribution = policy.distribution(&Tally::of(&reviews));
            let shares = [
                (Some(Sentiment::Positive), distribution.positive),
                (Some(Sentiment::Mixed), distribution.mixed),
                (Some(Sentiment::Negative), distribution.negative),
                (None, distribution.unrated),
            ];
            for (sentiment, share) in shares {
                let is_in = |review: &&ScoreInput| review.sentiment(&policy) == sentiment;
                let expected = reviews.iter().filter(is_in).count();
                prop_assert_eq!(share.count as usize, expected);
                prop_assert_eq!(share.total as usize, reviews.len());
            }
        }

        #[test]
        fn a_histogram_of_any_width_covers_the_scale_and_counts_every_score_once(
            reviews in reviews(),
            width in 1_i64..=100,
        ) {
            let tally = Tally::of(&reviews);
            let buckets = tally.histogram(BucketWidth::new(width).expect("1 to 100"));

            prop_assert_eq!(buckets.first().map(|bucket| bucket.from), Some(Points::MIN));
            prop_assert_eq!(buckets.last().map(|bucket| bucket.to), Some(Points::MAX));
            prop_assert_eq!(total(buckets.iter().map(|bucket| bucket.count)), tally.scored_count());
            for pair in buckets.windows(2) {
                prop_assert_eq!(pair[0].to.get() + 1, pair[1].from.get());
                prop_assert_eq!(i64::from(pair[0].to.get() - pair[0].from.get()) + 1, width);
            }
            for bucket in buckets {
                let scores = reviews.iter().filter_map(|review| review.points);
                let inside = scores.filter(|points| (bucket.from..=bucket.to).contains(points));
                prop_assert_eq!(bucket.count as usize, inside.count());
            }
        }
    }
}
