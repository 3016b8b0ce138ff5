use super::*;
use crate::score::{Points, PolicyDraft, ScoreInput, Weight};

#[test]
fn each_policy_has_its_own_score_and_the_default_score_is_cached() {
    let review = ScoreInput {
        points: Points::new(50),
        declared: None,
        recommended: None,
        weight: Weight::default(),
    };
    let scored_tally = ScoredTally::new(Tally::of([review; 5]), Basis::Critics);
    let lenient = Policy::new(PolicyDraft {
        positive_from: 45,
        ..PolicyDraft::default()
    });
    let lenient = lenient.unwrap();
    for _ in 0..2 {
        assert_eq!(scored_tally.distribution(None).mixed.count, 5);
        assert_eq!(scored_tally.distribution(Some(&lenient)).positive.count, 5);
        let default = Policy::default().score(&scored_tally, Basis::Critics);
        assert_eq!(*scored_tally.score(None), default);
        assert_ne!(*scored_tally.score(Some(&lenient)), default);
    }
}
