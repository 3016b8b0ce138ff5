//! The heading: `Mixed or average reviews - based on 12 Critics`.

use super::{
    distribution::line::LineKind,
    error::{PageError, Problem},
    errors::ErrorCollector,
    lines::{self, Line, RemainingLines},
};

const EXPECTED: &str = r#"a heading such as "Mixed or average reviews - based on 12 Critics""#;
/// Hyphens, dashes and the minus sign; pages use any of them.
const DASHES: [char; 7] = [
    '-', '\u{2010}', '\u{2011}', '\u{2012}', '–', '—', '\u{2212}',
];

/// The heading: the first line of a page.
#[derive(Debug)]
pub(super) struct Heading {
    /// The line of the heading, counted from 1.
    pub line: usize,
    /// The label; empty only if the heading is invalid.
    pub label: String,
    /// The number of reviews according to the heading; `None` if the heading is invalid.
    pub critics: Option<u32>,
}

/// Parses the heading, which is the first line that isn't blank.
///
/// If that line is invalid, the next lines are searched for a heading, up to the first line that
/// can only follow one. If there is one, each line above it is an error, and the rest of the page
/// is parsed. If there is none, any of these lines may be the mistyped heading, so only the first
/// is reported.
pub(super) fn read(lines: &mut RemainingLines, errors: &mut ErrorCollector) -> Heading {
    let Some(first) = lines.as_slice().first() else {
        if errors.is_empty() {
            errors.push(PageError::new(
                1,
                Problem::UnexpectedEnd { expected: EXPECTED },
            ));
        }
        return missing_heading(1);
    };
    let mut errors_above = ErrorCollector::default();
    while let Some(line) = lines.as_slice().first() {
        if line.number > first.number && LineKind::of(line).is_only_below_a_heading() {
            break;
        }
        lines.next();
        if let Some((label, critics)) = split_line(line) {
            errors.merge(errors_above);
            return Heading {
                line: line.number,
                label: label.to_owned(),
                critics: Some(critics),
            };
        }
        report_unexpected(line, &mut errors_above);
    }
    report_unexpected(first, errors);
    missing_heading(first.number)
}

fn missing_heading(line: usize) -> Heading {
    Heading {
        line,
        label: String::new(),
        critics: None,
    }
}

fn report_unexpected(line: &Line, errors: &mut ErrorCollector) {
    if !line.is_damaged() {
        let problem = Problem::unexpected(EXPECTED, &line.text);
        errors.push(PageError::new(line.number, problem));
    }
}

/// Returns the label and the count of a line. A count that contained control characters is invalid.
fn split_line(line: &Line) -> Option<(&str, u32)> {
    let Some(damage) = &line.damage else {
        return split(&line.text);
    };
    let is_unbroken_count = |critics| {
        let mut words = damage.spaced.split(' ');
        words.any(|word| lines::count(word) == Some(critics))
    };
    split(&damage.spaced)
        .or_else(|| split(&line.text).filter(|(_, critics)| is_unbroken_count(*critics)))
}

/// Splits a heading from its end, because the label can be any words.
fn split(text: &str) -> Option<(&str, u32)> {
    let mut words = text.rsplitn(5, ' ');
    let (critics, count, on, based) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_heading = ["critic", "critics"]
        .iter()
        .any(|noun| critics.eq_ignore_ascii_case(noun))
        && on.eq_ignore_ascii_case("on")
        && based.eq_ignore_ascii_case("based");
    let label = words
        .next()?
        .strip_suffix(DASHES)?
        .trim_end_matches(DASHES)
        .trim_end();
    if is_heading && !label.is_empty() {
        Some((label, lines::count(count)?))
    } else {
        None
    }
}
