//! Lines with a number and without oddities, and what the stages need to look into them.

use crate::text::normalised;

use super::{
    error::{PageError, Problem},
    errors::Found,
};

/// Characters without a width that are no blanks to Unicode: the zero-width space, the word joiner,
/// and the byte order mark, which pages carry at their start and, pasted together, elsewhere.
const INVISIBLE: [char; 3] = ['\u{200b}', '\u{2060}', '\u{feff}'];

/// A line that is not blank.
#[derive(Debug)]
pub(super) struct Line {
    /// The line's number on the page, counted from 1, blank lines included.
    pub number: usize,
    /// The words of the line, with one space between them, and without control characters; never
    /// empty.
    pub text: String,
    /// What else the line may say; `None` if it has no control characters.
    pub damage: Option<Damage>,
}

/// A line with control characters, which are told already. What was meant in their place, if
/// anything, isn't known: it may have been a blank or the end of a line.
#[derive(Debug)]
pub(super) struct Damage {
    /// The words of the line if each control character was a blank.
    pub spaced: String,
    /// The lines that follow the first if each was the end of a line.
    pub later_lines: Vec<String>,
}

impl Line {
    /// Whether the line is refused for its control characters, so that nothing more is said of it.
    pub fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    /// What the line says: first as it stands there, and then with blanks instead of control
    /// characters.
    pub fn readings(&self) -> impl Iterator<Item = &str> {
        let spaced = self.damage.iter().map(|damage| damage.spaced.as_str());
        std::iter::once(self.text.as_str()).chain(spaced)
    }
}

/// The lines that the stages have not read yet.
pub(super) type Rest<'a> = std::slice::Iter<'a, Line>;

/// Takes a page apart into its lines, whichever way they end, and leaves out the blank ones.
pub(super) fn read(page: &str, found: &mut Found) -> Vec<Line> {
    let page = page.replace("\r\n", "\n");
    let mut lines = Vec::new();
    for (number, raw) in (1..).zip(page.split(['\n', '\r'])) {
        let control = raw.chars().find(|c| is_control(*c));
        if let Some(control) = control {
            found.push(PageError::new(number, Problem::ControlCharacter(control)));
        }
        let text = match control {
            None => clean(raw),
            Some(_) => clean(&raw.replace(is_control, "")),
        };
        if !text.is_empty() {
            lines.push(Line {
                number,
                text,
                damage: control.map(|_| Damage::read(raw)),
            });
        }
    }
    lines
}

impl Damage {
    fn read(raw: &str) -> Self {
        Self {
            spaced: clean(&raw.replace(is_control, " ")),
            later_lines: raw.split(is_control).skip(1).map(clean).collect(),
        }
    }
}

fn is_control(c: char) -> bool {
    c.is_control() && c != '\t'
}

/// The words of a text in the normal form NFC, parted by one space whatever blanks of Unicode's parted them, and freed of
/// the characters that nobody sees.
pub(super) fn clean(text: &str) -> String {
    let visible = text.replace(INVISIBLE, "");
    let words: Vec<_> = visible.split_whitespace().collect();
    normalised(&words.join(" ")).into_owned()
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
