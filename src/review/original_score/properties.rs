//! Properties of the parser that hold for any string and any scales.

use std::num::NonZeroU16;

use super::{DefaultScales, Reading, ScoreRule, UnreadReason, read, with_scale};

/// Asserts that a parsed score is from 0 to 100, and that its rule is one for original scores.
///
/// # Panics
///
/// When the property is violated.
pub fn a_score_is_within_the_scale(text: &str, scales: &DefaultScales) {
    match read(text, scales) {
        Ok(Reading { score, rule }) => {
            assert!(score.get() <= 100, "{score:?} for {text:?}");
            assert_ne!(rule, ScoreRule::Given, "{text:?}");
        }
        Err(UnreadReason::AboveStars(stars)) => assert_eq!(stars, scales.stars, "{text:?}"),
        Err(UnreadReason::AboveBareScale(scale)) => {
            assert_eq!(Some(scale), scales.bare, "{text:?}");
        }
        Err(UnreadReason::BareNumber) => assert_eq!(scales.bare, None, "{text:?}"),
        Err(_) => {}
    }
}

/// Asserts that surrounding whitespace, a pair of quotes and the case of letters don't matter.
///
/// # Panics
///
/// When the property is violated.
pub fn whitespace_quotes_and_case_are_ignored(text: &str, scales: &DefaultScales) {
    let expected = read(text, scales);
    // Only one pair of quotes is removed.
    let is_quoted = text.contains(['\'', '"', '‘', '’', '“', '”']);
    for (open, close) in [("", ""), ("'", "'"), ("\"", "\""), ("‘", "’"), ("“", "”")] {
        if open.is_empty() || !is_quoted {
            let quoted = format!("\u{a0} {open}\t{text} {close}\r\n");
            assert_eq!(read(&quoted, scales), expected, "{quoted:?}");
        }
    }
    for text in [text.to_ascii_uppercase(), text.to_ascii_lowercase()] {
        assert_eq!(read(&text, scales), expected, "{text:?}");
    }
}

/// Asserts that the scale for bare numbers affects only bare numbers.
///
/// # Panics
///
/// When the property is violated.
pub fn the_bare_scale_affects_only_bare_numbers(text: &str, bare: NonZeroU16, stars: NonZeroU16) {
    let read_with = |bare| read(text, &DefaultScales { bare, stars });
    let (without_scale, with_scale) = (read_with(None), read_with(Some(bare)));
    if without_scale == Err(UnreadReason::BareNumber) {
        let rule = with_scale.map(|reading| reading.rule);
        assert!(
            matches!(
                rule,
                Ok(ScoreRule::Fraction) | Err(UnreadReason::AboveBareScale(_))
            ),
            "{with_scale:?} for {text:?}"
        );
    } else {
        assert_eq!(with_scale, without_scale, "{text:?}");
    }
}

/// Asserts that a bare number with its scale reads as the same score by any other scales, and that no
/// other text gets a scale.
///
/// # Panics
///
/// When the property is violated.
pub fn a_bare_number_with_its_scale_reads_the_same_by_itself(text: &str, scales: &DefaultScales) {
    let Some(bare) = scales.bare else { return };
    let unscaled = DefaultScales {
        bare: None,
        ..*scales
    };
    match with_scale(text, bare) {
        Some(with_scale) => {
            assert_eq!(read(text, &unscaled), Err(UnreadReason::BareNumber));
            assert_eq!(
                read(&with_scale, &unscaled),
                read(text, scales),
                "{with_scale:?}"
            );
        }
        None => assert!(
            read(text, &unscaled) != Err(UnreadReason::BareNumber)
                || read(text, scales).is_err()
                || text.len() > 90
                || text.chars().filter(char::is_ascii_digit).count() > 12,
            "{text:?}"
        ),
    }
}
