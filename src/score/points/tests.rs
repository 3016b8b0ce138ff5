use super::*;

#[test]
fn a_score_is_a_whole_number_from_0_to_100() {
    for value in -300..=400 {
        let expected = u8::try_from(value).ok().filter(|value| *value <= 100);
        assert_eq!(Points::new(value).map(Points::get), expected, "{value}");
    }
}

#[test]
fn a_number_of_any_width_is_converted_without_wrapping() {
    assert_eq!(Points::new(i64::MAX), None);
    assert_eq!(Points::new(i64::MIN), None);
    assert_eq!(Points::new(256_i64 + 80), None);
    assert_eq!(Points::new(80_i16), Points::new(80_i128));
}

#[test]
fn there_are_101_scores_in_ascending_order() {
    let all: Vec<_> = Points::all().map(Points::get).collect();
    assert_eq!(all, (0..=100).collect::<Vec<_>>());
}
