use super::Sentiment::{Mixed, Negative, Positive};
use super::*;

fn sentiment_of(
    points: i32,
    declared: Option<Sentiment>,
    recommended: Option<bool>,
) -> Option<Sentiment> {
    Sentiment::of_review(
        Points::new(points),
        declared,
        recommended,
        &Policy::default(),
    )
}

#[test]
fn a_score_takes_precedence_over_a_declared_sentiment_and_a_recommendation() {
    assert_eq!(
        sentiment_of(80, Some(Negative), Some(false)),
        Some(Positive)
    );
    assert_eq!(sentiment_of(50, Some(Positive), Some(true)), Some(Mixed));
    assert_eq!(sentiment_of(10, Some(Positive), Some(true)), Some(Negative));
}

#[test]
fn a_declared_sentiment_takes_precedence_over_a_recommendation() {
    let no_score = -1;
    for declared in Sentiment::ALL {
        for recommended in [None, Some(true), Some(false)] {
            assert_eq!(
                sentiment_of(no_score, Some(declared), recommended),
                Some(declared)
            );
        }
    }
}

#[test]
fn a_recommendation_alone_gives_a_sentiment() {
    assert_eq!(Sentiment::of_unscored(None, Some(true)), Some(Positive));
    assert_eq!(Sentiment::of_unscored(None, Some(false)), Some(Negative));
}

#[test]
fn a_set_of_sentiments_contains_each_once_in_a_fixed_order() {
    let set = SentimentSet::from_iter([Negative, Positive, Negative]);
    assert_eq!(set, SentimentSet::from_iter([Positive, Negative]));
    assert_eq!(set.iter().collect::<Vec<_>>(), [Positive, Negative]);
    assert!(set.contains(Negative) && !set.contains(Mixed));
    assert!(SentimentSet::default().is_empty() && !set.is_empty());
}

#[test]
fn a_review_without_score_sentiment_and_recommendation_is_unrated() {
    assert_eq!(
        Sentiment::of_review(None, None, None, &Policy::default()),
        None
    );
}
