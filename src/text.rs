//! Texts as they are stored: trimmed, in Unicode's normal form NFC, without control characters, and not too long.
//!
//! Lengths are in characters (Unicode scalar values), counted after all of that.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How many characters a name may have: titles, bylines, labels and slugs are names too.
pub const NAME: usize = 300;
/// How many characters a source may have, an original score, and the name of something at a source.
pub const SHORT: usize = 200;
/// How many characters a web address may have.
pub const URL: usize = 2_000;
/// How many characters a passage may have: an excerpt, a synopsis.
pub const PASSAGE: usize = 10_000;

/// How many characters the name of a token may have.
pub const TOKEN_NAME: usize = 100;
/// How many characters an idempotency key may have.
pub const IDEMPOTENCY_KEY: usize = 255;
/// How many characters a page of reviews may have that is sent in a request: some 6,000 reviews
/// with an excerpt of a line each, where the longest real pages have some hundreds.
pub const PAGE: usize = 450_000;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFlaw {
    /// It has more than one line.
    #[error("holds a line break")]
    LineBreak,
    /// It has a tab.
    #[error("holds a tab")]
    Tab,
    /// It has another control character.
    #[error("holds the control character U+{:04X}", u32::from(*.0))]
    Control(char),
    /// It is too long.
    #[error("is {length} characters long, and at most {limit} are allowed")]
    TooLong {
        /// How many characters it has.
        length: usize,
        /// How many it may have.
        limit: usize,
    },
}

/// A text of one line, of at most so many characters.
///
/// # Errors
///
/// When it has a line break, a control character, or too many characters.
pub fn line(text: &str, limit: usize) -> Result<String, TextFlaw> {
    let line = normalised(text.trim());
    check_line(&line, limit)?;
    Ok(line.into_owned())
}

/// A text of any number of lines, which end with `\n` whatever they ended with, of at most so many characters. It may have tabs.
///
/// # Errors
///
/// When it has another control character, or too many characters.
pub fn passage(text: &str, limit: usize) -> Result<String, TextFlaw> {
    let content = normalised(text.trim());
    let passage = if content.contains('\r') {
        content.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        content.into_owned()
    };
    check_control(&passage, |c| !matches!(c, '\n' | '\t'))?;
    check_length(&passage, limit)?;
    Ok(passage)
}

/// Whether a text is a slug: small letters a to z and digits, with single hyphens between.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !part.is_empty() && part.bytes().all(is_allowed)
    };
    text.split('-').all(is_part)
}

/// Whether a text starts as `http://host` or `https://host` does. What follows the host is left to the browser.
#[must_use]
pub fn is_web_address(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    is_web && !host.is_empty() && !host.starts_with(':') && !authority.contains(char::is_whitespace)
}

/// Whether there is anything in a text that can be seen.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

/// Characters that take no place or no ink: Unicode's `Default_Ignorable_Code_Point`, and two letters that are drawn as blanks.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Two ways to write "é" are one text: what looks the same is found and compared as the same.
#[must_use]
pub fn normalised(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

/// Whether a text has at most so many characters in its normal form.
///
/// # Errors
///
/// With the number of its characters.
pub fn check_normalised_length(text: &str, limit: usize) -> Result<(), usize> {
    // Each character has a byte or more, and one of ASCII is its own normal form.
    let length = if text.len() <= limit || text.is_ascii() {
        text.len()
    } else {
        text.nfc().count()
    };
    if length <= limit { Ok(()) } else { Err(length) }
}

/// Finds fault with a text that has control characters or is too long.
///
/// # Errors
///
/// See [`TextFlaw`].
pub fn check_line(text: &str, limit: usize) -> Result<(), TextFlaw> {
    check_control(text, |_| true)?;
    check_length(text, limit)
}

fn check_control(text: &str, is_forbidden: impl Fn(char) -> bool) -> Result<(), TextFlaw> {
    // Every control character has one of these bytes, and most texts have none of them. Looking at all bytes without
    // stopping is many times as fast as looking at characters.
    let is_suspect = |byte: u8| matches!(byte, 0..=0x1f | 0x7f | 0xc2);
    if !text
        .bytes()
        .fold(false, |found, byte| found | is_suspect(byte))
    {
        return Ok(());
    }
    match text.chars().find(|c| c.is_control() && is_forbidden(*c)) {
        Some('\n' | '\r') => Err(TextFlaw::LineBreak),
        Some('\t') => Err(TextFlaw::Tab),
        Some(found) => Err(TextFlaw::Control(found)),
        None => Ok(()),
    }
}

/// Finds fault with a text that is too long.
///
/// # Errors
///
/// When it has more characters.
pub fn check_length(text: &str, limit: usize) -> Result<(), TextFlaw> {
    // A text has at least as many bytes as characters.
    let length = if text.len() <= limit {
        0
    } else {
        text.chars().count()
    };
    if length > limit {
        return Err(TextFlaw::TooLong { length, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(line("Rene\u{301}e", NAME), Ok("Renée".to_owned()));
        // It is the normal form that is counted.
        assert_eq!(line("e\u{301}e\u{301}", 2), Ok("éé".to_owned()));
        assert_eq!(passage("e\u{301}\r\na", NAME), Ok("é\na".to_owned()));
    }

    proptest! {
        #[test]
        fn what_was_read_once_is_read_as_it_is(text: String) {
            for read in [line, passage] {
                if let Ok(once) = read(&text, NAME) {
                    prop_assert!(once.chars().count() <= NAME && !once.contains('\0'));
                    // A mark may stand first once the blank before it is gone, and nothing else moves.
                    prop_assert_eq!(read(&once, NAME), Ok(once));
                }
            }
        }
    }
}
