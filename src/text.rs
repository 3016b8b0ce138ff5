//! Normalizes and checks strings before they are stored: trimmed, in Unicode's normal form NFC, without control
//! characters, and within a maximum length.
//!
//! Lengths are in characters (Unicode scalar values) of the normalized string.

pub mod alternative_title;
pub mod search;
pub mod shorten;
pub mod sort_title;

use std::borrow::Cow;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The maximum number of characters of a name. Titles, bylines, labels and slugs are names as well.
pub const MAX_NAME_LENGTH: usize = 300;
/// The maximum number of characters of a source, of an original score, and of the name of an object at a source.
pub const MAX_SHORT_LENGTH: usize = 200;
/// The maximum number of characters of a URL.
pub const MAX_URL_LENGTH: usize = 2_000;
/// The maximum number of characters of a passage: an excerpt or a synopsis.
pub const MAX_PASSAGE_LENGTH: usize = 10_000;

/// The maximum number of characters of the name of an API token.
pub const MAX_TOKEN_NAME_LENGTH: usize = 100;
/// The maximum number of characters of an idempotency key.
pub const MAX_IDEMPOTENCY_KEY_LENGTH: usize = 255;
/// The maximum number of characters of a page of reviews in a request. That is about 6,000 reviews with an excerpt of
/// one line each; the longest real pages have some hundreds.
pub const MAX_PAGE_LENGTH: usize = 450_000;
/// The maximum number of characters of a file in a request, as text or in Base64. By default, all variables of a request
/// may have a little more.
pub const MAX_FILE_LENGTH: usize = 450_000;

/// An error in a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The string has more than one line.
    #[error("contains a line break")]
    LineBreak,
    /// The string contains a tab.
    #[error("contains a tab")]
    Tab,
    /// The string contains another control character.
    #[error("contains the control character U+{:04X}", u32::from(*.0))]
    Control(char),
    /// The string is too long.
    #[error("is {length} characters long, and at most {limit} are allowed")]
    TooLong {
        /// The length in characters.
        length: usize,
        /// The maximum length in characters.
        limit: usize,
    },
}

/// Normalizes a string of one line, of at most `limit` characters.
///
/// # Errors
///
/// When the string has a line break, another control character, or too many characters.
pub fn line(text: &str, limit: usize) -> Result<String, TextError> {
    let line = normalized(text.trim());
    check_line(&line, limit)?;
    Ok(line.into_owned())
}

/// Normalizes a name of at most `limit` characters as [`line()`] does. Each run of blanks in it becomes one space, so that
/// names don't differ in what nobody sees.
///
/// # Errors
///
/// When the name has a line break, another control character, or too many characters.
pub fn name(text: &str, limit: usize) -> Result<String, TextError> {
    let name = normalized(text.trim());
    // Line breaks and tabs are blanks as well, and errors.
    check_control(&name, |_| true)?;
    let words: Vec<&str> = name.split_whitespace().collect();
    let name = words.join(" ");
    check_length(&name, limit)?;
    Ok(name)
}

/// Normalizes a string of any number of lines, of at most `limit` characters. Line breaks become `\n`. Tabs are
/// allowed.
///
/// # Errors
///
/// When the string has another control character, or too many characters.
pub fn passage(text: &str, limit: usize) -> Result<String, TextError> {
    let content = normalized(text.trim());
    let passage = if content.contains('\r') {
        content.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        content.into_owned()
    };
    check_control(&passage, |c| !matches!(c, '\n' | '\t'))?;
    check_length(&passage, limit)?;
    Ok(passage)
}

/// Returns whether a string is a slug: lower-case letters a to z and digits, with single hyphens between them.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let is_part = |part: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !part.is_empty() && part.bytes().all(is_allowed)
    };
    text.split('-').all(is_part)
}

/// Returns whether a string starts with `http://` or `https://` and a host. The rest isn't checked.
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

/// Returns whether a string has a visible character.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

/// Returns whether a character is invisible: Unicode's `Default_Ignorable_Code_Point`, and characters that are drawn as
/// blanks.
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

/// Converts a string to NFC, so that canonically equivalent strings compare as equal: "é" has two encodings.
#[must_use]
pub fn normalized(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

/// The case folding of Unicode.
const CASE_MAPPER: CaseMapperBorrowed<'static> = CaseMapper::new();

/// Returns the string with its case folded, in NFC. Filters compare folded strings.
///
/// It is Unicode's full case folding, which doesn't depend on the language or on what stands around a character. Only
/// the Turkish "İ" and "ı" are folded to "i" as well, so that a search without a Turkish keyboard finds them. The
/// database folds in the same way, by its function `fold_text`.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = CASE_MAPPER.fold_string(&normalized(text)).replace('ı', "i");
    // "İ" is folded to "i" and the dot above.
    let folded = folded.replace("i\u{307}", "i");
    normalized(&folded).into_owned()
}

/// Returns whether two texts differ at most in case, by [`folded`].
#[must_use]
pub fn is_same_folded(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// Checks that a string has at most `limit` characters in NFC.
///
/// # Errors
///
/// The number of characters, when there are more.
pub fn check_normalized_length(text: &str, limit: usize) -> Result<(), usize> {
    // A character has at least one byte, and ASCII is already in NFC.
    let length = if text.len() <= limit || text.is_ascii() {
        text.len()
    } else {
        text.nfc().count()
    };
    if length <= limit { Ok(()) } else { Err(length) }
}

/// Checks a string for control characters and its length.
///
/// # Errors
///
/// See [`TextError`].
pub fn check_line(text: &str, limit: usize) -> Result<(), TextError> {
    check_control(text, |_| true)?;
    check_length(text, limit)
}

fn check_control(text: &str, is_forbidden: impl Fn(char) -> bool) -> Result<(), TextError> {
    // Every control character contains one of these bytes, and most strings contain none of them. A loop over all bytes
    // without an early exit is much faster than a loop over characters.
    let may_be_in_control_character = |byte: u8| matches!(byte, 0..=0x1f | 0x7f | 0xc2);
    if !text.bytes().fold(false, |found, byte| {
        found | may_be_in_control_character(byte)
    }) {
        return Ok(());
    }
    match text.chars().find(|c| c.is_control() && is_forbidden(*c)) {
        Some('\n' | '\r') => Err(TextError::LineBreak),
        Some('\t') => Err(TextError::Tab),
        Some(found) => Err(TextError::Control(found)),
        None => Ok(()),
    }
}

/// Checks that a string has at most `limit` characters.
///
/// # Errors
///
/// When the string has more characters.
pub fn check_length(text: &str, limit: usize) -> Result<(), TextError> {
    // A string has at least as many bytes as characters.
    let length = if text.len() <= limit {
        0
    } else {
        text.chars().count()
    };
    if length > limit {
        return Err(TextError::TooLong { length, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
