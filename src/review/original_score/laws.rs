//! Properties of the parser that hold for any string and any scales.

use std::num::NonZeroU16;

use super::{Reading, Scales, ScoreRule, Unread, read};

/// Asserts that a parsed score is from 0 to 100, and that its rule is one for original scores.
///
/// # Panics
///
/// When the property is violated.
pub fn no_score_is_beyond_the_scale(text: &str, scales: &Scales) {
    match read(text, scales) {
        Ok(Reading { score, rule }) => {
            assert!(score.get() <= 100, "{score:?} for {text:?}");
            assert_ne!(rule, ScoreRule::Given, "{text:?}");
        }
        Err(unread) => assert!(Unread::ALL.contains(&unread)),
    }
}

/// Asserts that surrounding whitespace, a pair of quotes and the case of letters don't matter.
///
/// # Panics
///
/// When the property is violated.
pub fn blanks_quotes_and_case_change_nothing(text: &str, scales: &Scales) {
    let plain = read(text, scales);
    // Only one pair of quotes is removed.
    let is_quoted = text.contains(['\'', '"', '‘', '’', '“', '”']);
    for (open, close) in [("", ""), ("'", "'"), ("\"", "\""), ("‘", "’"), ("“", "”")] {
        if open.is_empty() || !is_quoted {
            let dressed = format!("\u{a0} {open}\t{text} {close}\r\n");
            assert_eq!(read(&dressed, scales), plain, "{dressed:?}");
        }
    }
    for text in [text.to_ascii_uppercase(), text.to_ascii_lowercase()] {
        assert_eq!(read(&text, scales), plain, "{text:?}");
    }
}

/// Asserts that the scale for bare numbers affects only bare numbers.
///
/// # Panics
///
/// When the property is violated.
pub fn only_numbers_alone_ask_for_the_scale_of_bare_numbers(
    text: &str,
    bare: NonZeroU16,
    stars: NonZeroU16,
) {
    let with = |bare| read(text, &Scales { bare, stars });
    let (without_scale, with_scale) = (with(None), with(Some(bare)));
    if without_scale == Err(Unread::BareNumber) {
        let rule = with_scale.map(|reading| reading.rule);
        assert!(
            matches!(rule, Ok(ScoreRule::Fraction) | Err(Unread::AboveScale)),
            "{with_scale:?} for {text:?}"
        );
    } else {
        assert_eq!(with_scale, without_scale, "{text:?}");
    }
}
