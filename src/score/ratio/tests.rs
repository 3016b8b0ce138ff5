use super::*;
use proptest::prelude::*;

fn rounded(numerator: i128, denominator: i128) -> Option<i128> {
    Ratio::new(numerator, denominator).map(Ratio::round_half_up)
}

#[test]
fn a_half_rounds_up_and_less_than_a_half_rounds_down() {
    assert_eq!(rounded(161, 2), Some(81));
    assert_eq!(rounded(160, 2), Some(80));
    assert_eq!(rounded(7_449, 100), Some(74));
    assert_eq!(rounded(7_450, 100), Some(75));
    assert_eq!(rounded(-1, 2), Some(0));
    assert_eq!(rounded(-3, 2), Some(-1));
}

#[test]
fn a_denominator_that_is_not_positive_is_rejected() {
    assert_eq!(rounded(0, 0), None);
    assert_eq!(rounded(1, 0), None);
    assert_eq!(rounded(1, -1), None);
}

#[test]
fn the_largest_fractions_round_without_overflow() {
    assert_eq!(rounded(i128::MAX, 1), Some(i128::MAX));
    assert_eq!(rounded(i128::MIN, 1), Some(i128::MIN));
    assert_eq!(rounded(i128::MAX, i128::MAX), Some(1));
    assert_eq!(rounded(i128::MAX / 2, i128::MAX), Some(0));
    assert_eq!(rounded(i128::MAX / 2 + 1, i128::MAX), Some(1));
}

proptest! {
    /// The whole number w is correct if and only if w - 1/2 <= n/d < w + 1/2, which is
    /// 2wd - d <= 2n < 2wd + d.
    #[test]
    fn rounding_agrees_with_the_exact_comparison(
        n in -(1_i128 << 80)..1 << 80,
        d in 1_i128..1 << 40,
    ) {
        let whole = rounded(n, d).expect("the denominator is positive");
        prop_assert!(2 * whole * d - d <= 2 * n);
        prop_assert!(2 * n < 2 * whole * d + d);
    }

    #[test]
    fn a_small_fraction_divides_as_floating_point_numbers_do(
        n in -1_000_000_i32..1_000_000,
        d in 1_i32..1_000_000,
    ) {
        let ratio = Ratio::new(n, d).expect("the denominator is positive");
        prop_assert!((ratio.to_f64() - f64::from(n) / f64::from(d)).abs() < f64::EPSILON);
    }
}
