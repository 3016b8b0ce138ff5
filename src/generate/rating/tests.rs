use super::*;
use crate::generate::random::Purpose;

#[test]
fn the_shares_of_the_forms_add_up_to_a_thousand() {
    assert_eq!(FORMS.iter().map(|(share, _)| share).sum::<u32>(), 1_000);
}

#[test]
fn a_medium_opinion_gives_a_recommendation_about_half_of_the_time() {
    let mut random = Random::new(1, Purpose::Reviews, 0);
    let mut recommended_at = |opinion| {
        (0..2_000)
            .filter_map(|_| draw_recommendation(opinion, &mut random))
            .filter(|is_recommended| *is_recommended)
            .count()
    };
    assert!((750..1_150).contains(&recommended_at(60)));
    assert!(recommended_at(30) < 100);
    assert!(recommended_at(90) > 1_750);
}
