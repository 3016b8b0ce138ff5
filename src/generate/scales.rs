//! The scales of original scores.
//!
//! Each function returns an original score, and the score that the rules read from it.

use super::random::Random;

/// The letter grades with the scores that they are read as. A+ is for very high opinions only; it counts
/// the same as A.
const LETTERS: [(&str, u32); 14] = [
    ("A+", 100),
    ("A", 100),
    ("A-", 91),
    ("B+", 83),
    ("B", 75),
    ("B-", 67),
    ("C+", 58),
    ("C", 50),
    ("C-", 42),
    ("D+", 33),
    ("D", 25),
    ("D-", 16),
    ("F+", 8),
    ("F", 0),
];

/// The lowest opinion that is written as A+.
const MIN_OPINION_FOR_A_PLUS: u32 = 98;

/// Writes an opinion as a fraction of `of`, in steps of `step` tenths: "3.5/5", and sometimes "3.0/4"
/// or "4 out of 5".
pub(super) fn fraction(opinion: u32, of: u32, step: u32, random: &mut Random) -> (u32, String) {
    let tenths = nearest(opinion * of, 10 * step) * step;
    let number = decimal(tenths);
    let text = match random.below(200) {
        0 => format!("{}.{}/{of}", tenths / 10, tenths % 10),
        1 => format!("{number}/{of}.0"),
        2 => format!("{number} / {of}"),
        3 => format!("{number} out of {of}"),
        4 => format!("{number} of {of}"),
        _ => format!("{number}/{of}"),
    };
    (nearest(10 * tenths, of), text)
}

/// Writes an opinion as a school grade, sometimes with "plus" or "minus" in words.
pub(super) fn letter(opinion: u32, random: &mut Random) -> (u32, String) {
    let [plus, grades @ ..] = &LETTERS;
    let (letter, points) = grades
        .iter()
        .filter(|_| opinion < MIN_OPINION_FOR_A_PLUS)
        .min_by_key(|(_, points)| points.abs_diff(opinion))
        .unwrap_or(plus);
    let text = match random.below(80) {
        0 => letter.replace('+', " plus").replace('-', " minus"),
        1 => letter.replace('+', "-plus").replace('-', "-minus"),
        _ => (*letter).to_owned(),
    };
    (*points, text)
}

/// Writes an opinion as stars out of four, in digits or asterisks.
pub(super) fn stars(opinion: u32, random: &mut Random) -> (u32, String) {
    let halves = nearest(opinion * 8, 100);
    let (whole, half) = (halves / 2, halves % 2 == 1);
    let text = match (whole, half) {
        (0, _) => format!("{} stars", decimal(halves * 5)),
        (_, true) if random.percent(40) => format!("{}1/2", asterisks(whole)),
        (_, false) if random.percent(40) => asterisks(whole),
        (_, true) => format!("{whole} 1/2 stars"),
        (1, false) => "1 star".to_owned(),
        (_, false) => format!("{whole} stars"),
    };
    (nearest(100 * halves, 8), text)
}

fn asterisks(count: u32) -> String {
    (0..count).map(|_| '*').collect()
}

/// Formats tenths as a decimal: "3", "3.5".
fn decimal(tenths: u32) -> String {
    match tenths % 10 {
        0 => format!("{}", tenths / 10),
        part => format!("{}.{part}", tenths / 10),
    }
}

/// Rounds a fraction to the nearest integer; a half is rounded up.
fn nearest(numerator: u32, denominator: u32) -> u32 {
    (2 * numerator + denominator) / (2 * denominator)
}

#[cfg(test)]
mod tests {
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
}
