//! Lines with a number and without oddities, and what the stages need to look into them.

use super::error::{PageError, Problem};

/// Characters without a width that are no blanks to Unicode: the zero-width space, the word joiner,
/// and the byte order mark, which pages carry at their start and, pasted together, elsewhere.
const INVISIBLE: [char; 3] = ['\u{200b}', '\u{2060}', '\u{feff}'];

/// A line that is not blank.
#[derive(Debug)]
pub(super) struct Line {
    /// The line's number on the page, counted from 1, blank lines included.
    pub number: usize,
    /// The words of the line, with one space between them; never empty.
    pub text: String,
}

/// The lines that the stages have not read yet.
pub(super) type Rest<'a> = std::slice::Iter<'a, Line>;

/// Takes a page apart into its lines, whichever way they end, and leaves out the blank ones.
pub(super) fn read(page: &str) -> Result<Vec<Line>, PageError> {
    let page = page.replace("\r\n", "\n");
    let mut lines = Vec::new();
    for (number, raw) in (1..).zip(page.split(['\n', '\r'])) {
        if let Some(found) = raw.chars().find(|c| c.is_control() && *c != '\t') {
            return Err(PageError::new(number, Problem::ControlCharacter(found)));
        }
        let text = clean(raw);
        if !text.is_empty() {
            lines.push(Line { number, text });
        }
    }
    Ok(lines)
}

/// The words of a text, parted by one space whatever blanks of Unicode's parted them, and freed of
/// the characters that nobody sees.
pub(super) fn clean(text: &str) -> String {
    let visible = text.replace(INVISIBLE, "");
    let words: Vec<_> = visible.split_whitespace().collect();
    words.join(" ")
}

/// What follows `keyword` at the start of `text`, whatever the case of the keyword's ASCII letters.
pub(super) fn after_keyword<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(keyword.len())?;
    start.eq_ignore_ascii_case(keyword).then_some(rest)
}

/// Whether `text` is a caption, with or without a colon after it.
pub(super) fn is_caption(text: &str, caption: &str) -> bool {
    text.trim_end_matches([':', ' '])
        .eq_ignore_ascii_case(caption)
}

/// The digits of a list number (`12.`) and what follows its dot, for a text that starts with one.
pub(super) fn split_list_number(text: &str) -> Option<(&str, &str)> {
    let (digits, rest) = text.split_once('.')?;
    is_digits(digits).then_some((digits, rest))
}

/// Whether `text` is one ASCII digit or more, and nothing else.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The count that `text` is: digits without a sign, at most [`u32::MAX`].
pub(super) fn count(text: &str) -> Option<u32> {
    if is_digits(text) {
        text.parse().ok()
    } else {
        None
    }
}
