//! What holds for any text on any scales.

use std::num::NonZeroU16;

use super::{Reading, Scales, ScoreRule, Unread, read};

/// What is read is a score, by one of the rules for what critics write.
///
/// # Panics
///
/// When it doesn't hold.
pub fn no_score_is_beyond_the_scale(text: &str, scales: &Scales) {
    match read(text, scales) {
        Ok(Reading { score, rule }) => {
            assert!(score.get() <= 100, "{score:?} for {text:?}");
            assert_ne!(rule, ScoreRule::Given, "{text:?}");
        }
        Err(unread) => assert!(Unread::ALL.contains(&unread)),
    }
}

/// Outer blanks and a pair of quotes don't count, nor does the case of letters.
///
/// # Panics
///
/// When it doesn't hold.
pub fn blanks_quotes_and_case_change_nothing(text: &str, scales: &Scales) {
    let plain = read(text, scales);
    // Of two pairs of quotes the inner one counts.
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

/// What isn't a number alone is read the same whatever numbers alone are out of.
///
/// # Panics
///
/// When it doesn't hold.
pub fn only_numbers_alone_ask_for_the_scale_of_bare_numbers(
    text: &str,
    bare: NonZeroU16,
    stars: NonZeroU16,
) {
    let with = |bare| read(text, &Scales { bare, stars });
    let (untold, told) = (with(None), with(Some(bare)));
    if untold == Err(Unread::BareNumber) {
        let rule = told.map(|reading| reading.rule);
        assert!(
            matches!(rule, Ok(ScoreRule::Fraction) | Err(Unread::AboveScale)),
            "{told:?} for {text:?}"
        );
    } else {
        assert_eq!(told, untold, "{text:?}");
    }
}
