use proptest::prelude::*;

use super::*;
use crate::generate::random::Purpose;

/// Returns the output for a stream that draws the common notation.
fn with_common_notation(write: impl Fn(&mut Random) -> (u32, String)) -> (u32, String) {
    write(&mut Random::new(1, Purpose::Reviews, 1))
}

#[test]
fn a_fraction_is_rounded_half_up() {
    let output = |opinion, scale, step| {
        with_common_notation(|random| fraction(opinion, scale, step, random))
    };
    assert_eq!(output(62, 4, 5), (63, "2.5/4".to_owned()));
    assert_eq!(output(88, 4, 5), (88, "3.5/4".to_owned()));
    assert_eq!(output(70, 5, 5), (70, "3.5/5".to_owned()));
    assert_eq!(output(70, 5, 10), (80, "4/5".to_owned()));
    assert_eq!(output(37, 100, 10), (37, "37/100".to_owned()));
    assert_eq!(output(0, 5, 5), (0, "0/5".to_owned()));
    assert_eq!(output(74, 10, 5), (75, "7.5/10".to_owned()));
}

#[test]
fn a_grade_is_the_nearest_one() {
    let output = |opinion| with_common_notation(|random| letter(opinion, random));
    assert_eq!(output(100), (100, "A+".to_owned()));
    assert_eq!(output(97), (100, "A".to_owned()));
    assert_eq!(output(60), (58, "C+".to_owned()));
    assert_eq!(output(0), (0, "F".to_owned()));
}

#[test]
fn stars_are_out_of_four() {
    let output = |opinion| with_common_notation(|random| stars(opinion, random));
    assert_eq!(output(88), (88, "3 1/2 stars".to_owned()));
    assert_eq!(output(100), (100, "4 stars".to_owned()));
    assert_eq!(output(25), (25, "1 star".to_owned()));
    assert_eq!(output(12), (13, "0.5 stars".to_owned()));
    assert_eq!(output(3), (0, "0 stars".to_owned()));
}

proptest! {
    #[test]
    fn every_original_score_is_near_the_opinion(opinion in 0_u32..=100, seed: u64, step in prop::sample::select(vec![5_u32, 10])) {
        let mut random = Random::new(seed, Purpose::Reviews, 0);
        let is_near = |points: u32| points <= 100 && points.abs_diff(opinion) <= 13;
        for scale in [4, 5, 10, 100] {
            prop_assert!(is_near(fraction(opinion, scale, step, &mut random).0));
        }
        prop_assert!(is_near(letter(opinion, &mut random).0));
        prop_assert!(is_near(stars(opinion, &mut random).0));
    }
}
