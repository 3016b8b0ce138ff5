use proptest::prelude::*;

use super::*;
use crate::generate::random::Purpose;

/// Returns the output for a stream that draws the common notation.
fn usual(write: impl Fn(&mut Random) -> (u32, String)) -> (u32, String) {
    write(&mut Random::new(1, Purpose::Reviews, 1))
}

#[test]
fn a_fraction_is_rounded_half_up() {
    let written = |opinion, of, step| usual(|random| fraction(opinion, of, step, random));
    assert_eq!(written(62, 4, 5), (63, "2.5/4".to_owned()));
    assert_eq!(written(88, 4, 5), (88, "3.5/4".to_owned()));
    assert_eq!(written(70, 5, 5), (70, "3.5/5".to_owned()));
    assert_eq!(written(70, 5, 10), (80, "4/5".to_owned()));
    assert_eq!(written(37, 100, 10), (37, "37/100".to_owned()));
    assert_eq!(written(0, 5, 5), (0, "0/5".to_owned()));
    assert_eq!(written(74, 10, 5), (75, "7.5/10".to_owned()));
}

#[test]
fn a_grade_is_the_nearest_one() {
    let written = |opinion| usual(|random| letter(opinion, random));
    assert_eq!(written(100), (100, "A+".to_owned()));
    assert_eq!(written(97), (100, "A".to_owned()));
    assert_eq!(written(60), (58, "C+".to_owned()));
    assert_eq!(written(0), (0, "F".to_owned()));
}

#[test]
fn stars_are_out_of_four() {
    let written = |opinion| usual(|random| stars(opinion, random));
    assert_eq!(written(88), (88, "3 1/2 stars".to_owned()));
    assert_eq!(written(100), (100, "4 stars".to_owned()));
    assert_eq!(written(25), (25, "1 star".to_owned()));
    assert_eq!(written(12), (13, "0.5 stars".to_owned()));
    assert_eq!(written(3), (0, "0 stars".to_owned()));
}

proptest! {
    #[test]
    fn every_original_score_is_near_the_opinion(opinion in 0_u32..=100, seed: u64, step in prop::sample::select(vec![5_u32, 10])) {
        let mut random = Random::new(seed, Purpose::Reviews, 0);
        let near = |points: u32| points <= 100 && points.abs_diff(opinion) <= 13;
        for of in [4, 5, 10, 100] {
            prop_assert!(near(fraction(opinion, of, step, &mut random).0));
        }
        prop_assert!(near(letter(opinion, &mut random).0));
        prop_assert!(near(stars(opinion, &mut random).0));
    }
}
