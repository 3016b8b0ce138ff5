//! Numbered lines with normalized whitespace, and functions to parse them.

use crate::text::normalized;

use super::{
    error::{PageError, Problem},
    errors::ErrorCollector,
};

/// Characters without a width that Unicode doesn't count as whitespace: the zero-width space, the
/// word joiner, and the byte order mark. A page assembled from several files has byte order marks
/// within its text.
const INVISIBLE: [char; 3] = ['\u{200b}', '\u{2060}', '\u{feff}'];

/// A line that is not blank.
#[derive(Debug)]
pub(super) struct Line {
    /// The line's number on the page, counted from 1, blank lines included.
    pub number: usize,
    /// The words of the line, separated by one space, without control characters; never empty.
    pub text: String,
    /// Other readings of the line; `None` if it has no control characters.
    pub damage: Option<Damage>,
}

/// The readings of a line with control characters, which are already reported. Each may stand for
/// nothing, for a space, or for a line break.
#[derive(Debug)]
pub(super) struct Damage {
    /// The line with each control character read as a space.
    pub spaced: String,
    /// The lines after the first, with each control character read as a line break.
    pub later_lines: Vec<String>,
}

impl Line {
    /// Returns whether the line has control characters. They are reported, so no other error of the
    /// line is.
    pub fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    /// Returns the readings of the line: without its control characters, then with spaces instead.
    pub fn readings(&self) -> impl Iterator<Item = &str> {
        let spaced = self.damage.iter().map(|damage| damage.spaced.as_str());
        std::iter::once(self.text.as_str()).chain(spaced)
    }
}

/// The lines that the stages haven't parsed yet.
pub(super) type RemainingLines<'a> = std::slice::Iter<'a, Line>;

/// Splits a page into its lines, with any line ending, and omits blank lines.
pub(super) fn read(page: &str, errors: &mut ErrorCollector) -> Vec<Line> {
    let page = page.replace("\r\n", "\n");
    let mut lines = Vec::new();
    for (number, raw_line) in (1..).zip(page.split(['\n', '\r'])) {
        let control = raw_line.chars().find(|c| is_control(*c));
        if let Some(control) = control {
            errors.push(PageError::new(number, Problem::ControlCharacter(control)));
        }
        let text = match control {
            None => clean(raw_line),
            Some(_) => clean(&raw_line.replace(is_control, "")),
        };
        if !text.is_empty() {
            lines.push(Line {
                number,
                text,
                damage: control.map(|_| Damage::read(raw_line)),
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

/// Normalizes a text: NFC, one space for each run of Unicode whitespace, no invisible characters.
pub(super) fn clean(text: &str) -> String {
    let visible = text.replace(INVISIBLE, "");
    let words: Vec<_> = visible.split_whitespace().collect();
    normalized(&words.join(" ")).into_owned()
}

/// Returns the text after `keyword`, if `text` starts with it. Ignores ASCII case.
pub(super) fn after_keyword<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(keyword.len())?;
    start.eq_ignore_ascii_case(keyword).then_some(rest)
}

/// Returns whether `text` is the caption, with or without a colon after it. Ignores ASCII case.
pub(super) fn is_caption(text: &str, caption: &str) -> bool {
    text.trim_end_matches([':', ' '])
        .eq_ignore_ascii_case(caption)
}

/// Returns the digits of a list number (`12.`) and the text after its dot, if `text` starts with
/// one.
pub(super) fn split_list_number(text: &str) -> Option<(&str, &str)> {
    let (digits, rest) = text.split_once('.')?;
    is_digits(digits).then_some((digits, rest))
}

/// Returns whether `text` consists of ASCII digits, at least one.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Parses a count: digits without a sign, at most [`u32::MAX`].
pub(super) fn count(text: &str) -> Option<u32> {
    if is_digits(text) {
        text.parse().ok()
    } else {
        None
    }
}
