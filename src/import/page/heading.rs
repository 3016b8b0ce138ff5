//! The heading: `Mixed or average reviews - based on 12 Critics`.

use super::{
    error::{PageError, Problem},
    lines::{self, Rest},
};

const EXPECTED: &str = r#"a heading such as "Mixed or average reviews - based on 12 Critics""#;
/// Hyphens, dashes and the minus sign, which pages use alike.
const DASHES: [char; 7] = [
    '-', '\u{2010}', '\u{2011}', '\u{2012}', '–', '—', '\u{2212}',
];

/// What the first line of a page says.
#[derive(Debug)]
pub(super) struct Heading {
    /// The line on which it stands.
    pub line: usize,
    /// The label, never empty.
    pub label: String,
    /// How many reviews the page says that it lists.
    pub critics: u32,
}

/// Reads the heading, which is the first line that isn't blank.
pub(super) fn read(rest: &mut Rest) -> Result<Heading, PageError> {
    let line = rest
        .next()
        .ok_or_else(|| PageError::new(1, Problem::Ended { expected: EXPECTED }))?;
    let (label, critics) = split(&line.text)
        .ok_or_else(|| PageError::new(line.number, Problem::unexpected(EXPECTED, &line.text)))?;
    Ok(Heading {
        line: line.number,
        label: label.to_owned(),
        critics,
    })
}

/// Takes a heading apart from its end, since the label can be any words.
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
