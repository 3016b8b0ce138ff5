//! Whitespace and quotes around a score, and limits of its length.

/// The maximum number of characters of a score. The longest real ones have about thirty.
const MAX_CHARACTERS: usize = 100;
/// The maximum number of digits of a score, of all its numbers together. It keeps the products in the
/// rounding within 128 bits.
const MAX_DIGITS: usize = 18;
/// The pairs of quotes.
const QUOTES: [(char, char); 4] = [('\'', '\''), ('"', '"'), ('‘', '’'), ('“', '”')];

/// Removes surrounding whitespace and one pair of quotes.
pub(super) fn strip(text: &str) -> &str {
    let text = text.trim_matches(is_whitespace);
    QUOTES
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .map_or(text, |quoted| quoted.trim_matches(is_whitespace))
}

/// Returns whether a character is whitespace: Unicode's, or one of the invisible zero-width
/// characters that web pages contain.
pub(super) fn is_whitespace(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Returns whether a string is too long for a score.
pub(super) fn is_too_long(text: &str) -> bool {
    text.chars().nth(MAX_CHARACTERS).is_some()
        || text.chars().filter(char::is_ascii_digit).count() > MAX_DIGITS
}
