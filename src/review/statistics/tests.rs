use super::*;
use crate::{
    review::filter::SentimentFilter,
    score::{Policy, SentimentSet},
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn class(month: Option<&str>, sentiment: Sentiment, reviews: u64) -> ReviewClass {
    ReviewClass {
        month: month.map(day),
        sentiment: Some(sentiment),
        is_scored: true,
        recommended: None,
        reviews,
    }
}

fn statistics() -> Statistics {
    Statistics {
        of_films: vec![50, 30, 10],
        classes: [
            class(Some("2020-02-01"), Sentiment::Negative, 40),
            class(Some("2020-01-01"), Sentiment::Positive, 60),
            class(Some("2020-03-01"), Sentiment::Positive, 30),
            class(None, Sentiment::Positive, 5),
        ]
        .into_iter()
        .collect(),
        ..Statistics::default()
    }
}

#[test]
fn owners_have_at_most_the_reviews_of_the_largest() {
    let statistics = statistics();
    for (owners, expected) in [(0, 0), (1, 50), (2, 80), (3, 90), (4, 100), (1_000, 135)] {
        assert_eq!(statistics.reviews_of(OwnerKind::Film, owners), expected);
    }
    assert_eq!(statistics.reviews_of(OwnerKind::Critic, 7), 0);
    assert_eq!(
        Statistics::default().reviews_of(OwnerKind::Film, u64::MAX),
        0
    );
}

#[test]
fn a_filter_matches_the_part_of_a_month_that_its_days_are() {
    let statistics = statistics();
    let all = ReviewFilter::default();
    let since = |text| ReviewFilter {
        since: Some(day(text)),
        ..ReviewFilter::default()
    };
    let positive = ReviewFilter {
        sentiment: Some(SentimentFilter {
            sentiments: SentimentSet::from_iter([Sentiment::Positive]),
            bands: Policy::default().bands(),
        }),
        ..ReviewFilter::default()
    };
    let until = ReviewFilter {
        until: Some(day("2020-01-15")),
        ..positive.clone()
    };
    let unscored = ReviewFilter {
        scored: Some(false),
        ..ReviewFilter::default()
    };
    for (filter, expected) in [
        (all, 135),
        (since("0001-01-01"), 130),
        (since("2020-01-31"), 70),
        (since("2020-02-01"), 70),
        // Half of the assumed days of the month.
        (since("2020-02-16"), 20 + 30),
        (since("2020-03-16"), 15),
        (since("2021-01-01"), 0),
        (since("9999-12-31"), 0),
        (positive, 95),
        (until, 30),
        (unscored, 0),
    ] {
        assert_eq!(statistics.matching(&filter), expected, "{filter:?}");
    }
}
