use super::*;

#[test]
fn a_verdict_has_its_customary_wording() {
    assert_eq!(Verdict::UniversalAcclaim.to_string(), "Universal acclaim");
    assert_eq!(
        Verdict::GenerallyFavorable.to_string(),
        "Generally favorable reviews"
    );
    assert_eq!(
        Verdict::MixedOrAverage.to_string(),
        "Mixed or average reviews"
    );
    assert_eq!(
        Verdict::GenerallyUnfavorable.to_string(),
        "Generally unfavorable reviews"
    );
    assert_eq!(
        Verdict::OverwhelmingDislike.to_string(),
        "Overwhelming dislike"
    );
}
