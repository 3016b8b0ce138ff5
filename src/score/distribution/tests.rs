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

    let share = |count| Share { count, total: 11 };
    assert_eq!(distribution.positive, share(9));
    assert_eq!(distribution.mixed, share(2));
    assert_eq!(distribution.negative, share(0));
    assert_eq!(distribution.unrated, share(0));
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
    let full = Share {
        count: u32::MAX,
        total: u32::MAX,
    };
    assert_eq!(Some(full.percent()), Some(100.0));
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
            let has_sentiment = |review: &&ScoreInput| review.sentiment(&policy) == sentiment;
            let expected = reviews.iter().filter(has_sentiment).count();
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
