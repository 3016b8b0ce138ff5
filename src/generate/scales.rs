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

/// Writes an opinion as a fraction of `scale`, in steps of `step` tenths: "3.5/5", and sometimes "3.0/4"
/// or "4 out of 5".
pub(super) fn fraction(opinion: u32, scale: u32, step: u32, random: &mut Random) -> (u32, String) {
    let tenths = nearest(opinion * scale, 10 * step) * step;
    let number = decimal(tenths);
    let text = match random.below(200) {
        0 => format!("{}.{}/{scale}", tenths / 10, tenths % 10),
        1 => format!("{number}/{scale}.0"),
        2 => format!("{number} / {scale}"),
        3 => format!("{number} out of {scale}"),
        4 => format!("{number} of {scale}"),
        _ => format!("{number}/{scale}"),
    };
    (nearest(10 * tenths, scale), text)
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
        tenth => format!("{}.{tenth}", tenths / 10),
    }
}

/// Rounds a fraction to the nearest integer; a half is rounded up.
fn nearest(numerator: u32, denominator: u32) -> u32 {
    (2 * numerator + denominator) / (2 * denominator)
}

#[cfg(test)]
mod tests;
