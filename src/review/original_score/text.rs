//! What stands around a score and says nothing.

/// The most characters of a score. The longest real ones have some thirty.
const LONGEST: usize = 100;
/// The most digits of a score, all numbers in it taken together: with no more, every product that
/// the rounding needs stays far within 128 bits.
const MOST_DIGITS: usize = 18;
/// The quotes that come in pairs.
const QUOTES: [(char, char); 4] = [('\'', '\''), ('"', '"'), ('‘', '’'), ('“', '”')];

/// The text without outer blanks, and without one pair of quotes around it.
pub(super) fn strip(text: &str) -> &str {
    let text = text.trim_matches(is_blank);
    QUOTES
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .map_or(text, |quoted| quoted.trim_matches(is_blank))
}

/// Whether a character is a blank: one of Unicode's, or one without a width, which pages carry
/// where nobody sees it.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Whether a text is no score for its length alone.
pub(super) fn is_too_long(text: &str) -> bool {
    text.chars().nth(LONGEST).is_some()
        || text.chars().filter(char::is_ascii_digit).count() > MOST_DIGITS
}
