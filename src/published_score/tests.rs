use super::*;
use crate::score::{Points, ScoreInput};

fn published(label: &str, positive: u32) -> PublishedScore {
    PublishedScore {
        source: "page".to_owned(),
        kind: Kind::Score,
        value: None,
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
    assert!(published.agrees(&tally, &Policy::default()));
}

#[test]
fn a_published_score_agrees_if_all_its_values_equal_the_computed_ones() {
    let seventy = ScoreInput {
        points: Points::new(70),
        ..ScoreInput::default()
    };
    let tally = Tally::of([seventy; 4]);
    assert!(published("Generally favorable reviews", 4).agrees(&tally, &Policy::default()));
    assert!(!published("Universal acclaim", 4).agrees(&tally, &Policy::default()));
    assert!(!published("Generally favorable reviews", 3).agrees(&tally, &Policy::default()));
    assert!(
        !published("Generally favorable reviews", 4)
            .agrees(&Tally::of([seventy; 5]), &Policy::default())
    );
}
