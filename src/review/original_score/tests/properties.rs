//! Property tests of the parser.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::review::original_score::properties;

/// The pieces of scores, and similar strings.
const PIECES: [&str; 68] = [
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "10",
    "100",
    "3.5",
    ".5",
    "4.",
    "3,5",
    "1,000",
    "1/2",
    "3/4",
    "½",
    "¾",
    "/",
    "⁄",
    " / ",
    " of ",
    " out of ",
    "out",
    "%",
    " percent",
    "per",
    "cent",
    " stars",
    "star",
    "-star",
    " Sterne",
    "étoiles",
    "ЗВЕЗДЫ",
    " von ",
    " sur ",
    " van ",
    " de ",
    " из ",
    "*",
    "**",
    "★",
    "☆",
    "⭐",
    "\u{fe0f}",
    "half",
    " a ",
    " and ",
    "one",
    "three",
    "FIVE",
    "A",
    "B",
    "F",
    "E",
    "+",
    "-",
    "−",
    " minus",
    "plus",
    "..",
    " to ",
    "(",
    ")",
    " ",
    "\u{a0}",
    ".",
    "999999999",
    "word",
];

/// Generates strings of the pieces.
fn strings_of_pieces() -> impl Strategy<Value = String> {
    vec(select(&PIECES), 0..9).prop_map(|pieces| pieces.concat())
}

/// Generates strings of any characters, some of them longer than any score.
fn any_string() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..150).prop_map(|characters| characters.into_iter().collect())
}

fn any_scales() -> impl Strategy<Value = DefaultScales> {
    (option::of(1_u16..), 1_u16..).prop_map(|(bare, stars)| scales(bare, stars))
}

/// Formats hundredths as a decimal number with two places.
fn decimal(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Returns whether `score` is 100a/b rounded half up, by comparison instead of division.
fn is_rounded(score: u8, a: u32, b: u32) -> bool {
    let (score, a, b) = (i64::from(score), i64::from(a), i64::from(b));
    2 * score * b - b <= 200 * a && 200 * a < 2 * score * b + b
}

proptest! {
    #[test]
    fn no_text_of_any_kind_panics(text in any_string(), scales in any_scales()) {
        properties::a_score_is_within_the_scale(&text, &scales);
    }

    #[test]
    fn no_text_made_of_the_pieces_of_scores_panics(text in strings_of_pieces(), scales in any_scales()) {
        properties::a_score_is_within_the_scale(&text, &scales);
    }

    #[test]
    fn blanks_quotes_and_case_change_nothing(text in strings_of_pieces(), scales in any_scales()) {
        properties::whitespace_quotes_and_case_are_ignored(&text, &scales);
    }

    #[test]
    fn the_scale_of_bare_numbers_affects_only_bare_numbers(text in strings_of_pieces(), bare in any::<NonZeroU16>()) {
        properties::the_bare_scale_affects_only_bare_numbers(&text, bare, DefaultScales::default().stars);
    }

    #[test]
    fn every_fraction_is_rounded_half_up_exactly((a, b) in (1_u32..=1_000_000).prop_flat_map(|b| (0..=b, Just(b)))) {
        let (rule, score) = parse(&format!("{a}/{b}"), DefaultScales::default())?;
        prop_assert_eq!(rule, ScoreRule::Fraction);
        prop_assert!(is_rounded(score, a, b), "{} for {}/{}", score, a, b);
    }

    #[test]
    fn every_fraction_of_decimals_reads_the_same_in_every_spelling(
        (a, b) in (1_u32..=100_000).prop_flat_map(|b| (0..=b, Just(b))),
    ) {
        let (upper, lower) = (decimal(a), decimal(b));
        let (rule, score) = parse(&format!("{upper}/{lower}"), DefaultScales::default())?;
        prop_assert_eq!(rule, ScoreRule::Fraction);
        prop_assert!(is_rounded(score, a, b), "{} for {}/{}", score, upper, lower);
        for link in [" / ", "/ ", " of ", " out of ", " OUT  OF ", "⁄", "∕"] {
            let text = format!("{upper}{link}{lower}");
            prop_assert_eq!(parse(&text, DefaultScales::default()), Ok((rule, score)));
            let text = format!("“{}”", text.replace('.', ","));
            prop_assert_eq!(parse(&text, DefaultScales::default()), Ok((rule, score)));
        }
        for text in [format!("{upper}/{lower} stars"), format!("{upper} stars out of {lower}")] {
            prop_assert_eq!(parse(&text, DefaultScales::default()), Ok((ScoreRule::Stars, score)));
        }
    }

    #[test]
    fn a_fraction_above_one_is_rejected(b in 0_u32..1_000_000, excess in 1_u32..1_000_000) {
        let expected = if b == 0 { UnreadReason::Malformed } else { UnreadReason::AboveScale };
        prop_assert_eq!(parse(&format!("{}/{b}", b + excess), DefaultScales::default()), Err(expected));
    }

    #[test]
    fn stars_have_the_same_score_in_digits_words_and_characters(filled in 1_usize..=10, scale in 1_u16..=12, has_half: bool) {
        const WORDS: [&str; 11] = [
            "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        ];
        let scales = scales(None, scale);
        let (word, characters) = (WORDS[filled], "★".repeat(filled));
        let spellings = if has_half {
            [format!("{filled} 1/2 stars"), format!("{word} and a half stars"), format!("{characters}½")]
        } else {
            [format!("{filled} stars"), format!("{word} stars"), characters]
        };
        let halves = 2 * u32::try_from(filled)? + u32::from(has_half);
        let first = parse(&spellings[0], scales);
        match first {
            Ok((_, score)) => prop_assert!(is_rounded(score, halves, 2 * u32::from(scale))),
            Err(reason) => prop_assert_eq!(reason, UnreadReason::AboveStars(scales.stars)),
        }
        prop_assert_eq!(first.is_ok(), halves <= 2 * u32::from(scale));
        for text in spellings {
            prop_assert_eq!(parse(&text, scales), first);
        }
    }

    #[test]
    fn a_percentage_equals_a_fraction_of_100(hundredths in 0_u32..=10_000) {
        let number = decimal(hundredths);
        let (_, score) = parse(&format!("{number}/100"), DefaultScales::default())?;
        for text in [format!("{number}%"), format!("{number} per cent")] {
            prop_assert_eq!(parse(&text, DefaultScales::default()), Ok((ScoreRule::Percent, score)));
        }
    }

    #[test]
    fn a_bare_number_with_its_scale_reads_the_same_by_itself(text in strings_of_pieces(), scales in any_scales()) {
        properties::a_bare_number_with_its_scale_reads_the_same_by_itself(&text, &scales);
    }

    #[test]
    fn any_name_of_a_column_may_be_looked_at(name in prop_oneof![any_string(), strings_of_pieces()]) {
        if let Some((base, scale)) = super::super::scale_of_name(&name) {
            prop_assert!(name.contains(base) && name.contains(&scale.to_string()), "{name:?} {base:?} {scale}");
        }
    }
}
