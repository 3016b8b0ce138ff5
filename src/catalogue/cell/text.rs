//! Strings: single lines, passages of several lines, slugs and web addresses.

use std::borrow::Cow;

use super::{Cell, expected};
use crate::text;

/// Reads a string of one line, of at most `limit` characters.
pub(in crate::catalogue) fn line(cell: &Cell<'_>, limit: usize) -> Result<String, String> {
    text::line(&content(cell)?, limit).map_err(|error| error.to_string())
}

/// Reads a name of at most `limit` characters.
pub(in crate::catalogue) fn name(cell: &Cell<'_>, limit: usize) -> Result<String, String> {
    text::name(&content(cell)?, limit).map_err(|error| error.to_string())
}

/// Reads a string of any number of lines, of at most `limit` characters. Line ends are normalized to `\n`.
pub(in crate::catalogue) fn passage(cell: &Cell<'_>, limit: usize) -> Result<String, String> {
    text::passage(&content(cell)?, limit).map_err(|error| error.to_string())
}

/// Reads a slug, of at most `limit` characters.
pub(in crate::catalogue) fn slug(cell: &Cell<'_>, limit: usize) -> Result<String, String> {
    let slug = content(cell)?;
    if !text::is_slug(&slug) {
        return Err(expected(
            r#"lower-case letters a to z and digits with single hyphens between, such as "pusher-1996""#,
            cell,
        ));
    }
    line(cell, limit)
}

/// Reads a web address, of at most `limit` characters. Returns `None` if the string isn't a web address.
pub(in crate::catalogue) fn url(cell: &Cell<'_>, limit: usize) -> Result<Option<String>, String> {
    let url = line(cell, limit)?;
    Ok(text::is_web_address(&url).then_some(url))
}

/// Returns the trimmed string of a cell. A number is accepted too: a film may be called 1917.
fn content<'c>(cell: &'c Cell<'_>) -> Result<Cow<'c, str>, String> {
    match cell {
        Cell::Text(text) => Ok(Cow::Borrowed(text.trim())),
        Cell::Number(number) => Ok(Cow::Owned(number.to_string())),
        _ => Err(expected("a string", cell)),
    }
}

#[cfg(test)]
mod tests;
