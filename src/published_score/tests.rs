use super::*;
use crate::score::{Points, ScoreInput};

fn published(label: &str, positive: u32) -> PublishedScore {
    PublishedScore {
        source: "page".to_owned(),
        kind: Kind::Score,
        audience: Audience::Critics,
        value: None,
        scale: None,
        original_value: None,
        label: Some(label.to_owned()),
        review_count: Some(4),
        positive_count: Some(positive),
        mixed_count: None,
        negative_count: Some(0),
    }
}

#[test]
fn no_score_yet_agrees_with_no_score_yet() {
    let published = PublishedScore {
        review_count: Some(1),
        ..published("No score yet", 0)
    };
    let tally = Tally::of([ScoreInput::default()]);
    assert_eq!(published.agrees(&tally, &Policy::default()), Some(true));
}

#[test]
fn a_published_score_agrees_if_all_its_values_equal_the_computed_ones() {
    let seventy = ScoreInput {
        points: Points::new(70),
        ..ScoreInput::default()
    };
    let agrees = |published: PublishedScore, reviews| {
        let tally = Tally::of(std::iter::repeat_n(seventy, reviews));
        published.agrees(&tally, &Policy::default())
    };
    let favorable = "Generally favorable reviews";
    assert_eq!(agrees(published(favorable, 4), 4), Some(true));
    assert_eq!(agrees(published("Universal acclaim", 4), 4), Some(false));
    assert_eq!(agrees(published(favorable, 3), 4), Some(false));
    assert_eq!(agrees(published(favorable, 4), 5), Some(false));
}

#[test]
fn a_score_of_the_public_is_not_compared_with_reviews_of_critics() {
    let published = PublishedScore {
        audience: Audience::Public,
        ..published("No score yet", 0)
    };
    assert_eq!(
        published.agrees(&Tally::default(), &Policy::default()),
        None
    );
}
