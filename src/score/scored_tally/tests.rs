use super::*;
use crate::score::{Points, PolicyDraft, ScoreInput, Weight};

#[test]
fn each_policy_has_its_own_score_whichever_was_asked_for_first() {
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
    let default = Policy::default();
    for site in [default, lenient, default] {
        let distribution = scored_tally.site_distribution(&site);
        assert_eq!(distribution, site.distribution(&scored_tally));
        assert_eq!(distribution, scored_tally.distribution(&site));
        assert_eq!(*scored_tally.site_score(&site), scored_tally.score(&site));
    }
    assert_eq!(scored_tally.site_distribution(&default).mixed.count, 5);
    assert_eq!(scored_tally.site_distribution(&lenient).positive.count, 5);
    assert_ne!(scored_tally.score(&default), scored_tally.score(&lenient));
}
