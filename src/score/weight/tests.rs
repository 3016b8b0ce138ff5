use super::*;

#[test]
fn a_weight_is_from_one_hundredth_to_one_hundred() {
    for hundredths in [1, 50, 100, 9_999, 10_000] {
        let weight = Weight::from_hundredths(hundredths).expect("in range");
        assert_eq!(i64::from(weight.hundredths()), i64::from(hundredths));
    }
    for hundredths in [i32::MIN, -1, 0, 10_001, i32::MAX] {
        assert_eq!(Weight::from_hundredths(hundredths), None, "{hundredths}");
    }
}

#[test]
fn the_default_weight_is_one() {
    assert_eq!(Some(Weight::default()), Weight::from_hundredths(100));
}
