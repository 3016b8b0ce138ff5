//! Lists of strings.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Cell, expected};
use crate::{
    catalogue::record::ExternalId,
    json,
    text::{self, alternative_title::AlternativeTitle},
};

/// The maximum number of items of a list.
const MAX_ITEMS: usize = 50;
/// The separator of the items of a list in one string.
const SEPARATOR: char = ';';

/// Reads a list of names, each of at most `limit` characters. Blank items are dropped.
///
/// In CSV a list is a string: items separated by `;`, or an array if it begins with `[`. An array has strings, or objects
/// with a `name`, and is written as JSON or as Python writes it.
pub(in crate::catalogue) fn list(cell: &Cell<'_>, limit: usize) -> Result<Vec<String>, String> {
    items(cell)?.iter().map(|item| line(item, limit)).collect()
}

/// Reads the first items of a list, of which there may be more.
pub(in crate::catalogue) fn first(cell: &Cell<'_>, limit: usize) -> Result<Vec<String>, String> {
    let items = all_items(cell)?;
    let first = items.iter().take(MAX_ITEMS);
    first.map(|item| line(item, limit)).collect()
}

/// Reads a list of titles, each with at most `limit` characters and the tag of its language.
pub(in crate::catalogue) fn titles(
    cell: &Cell<'_>,
    limit: usize,
) -> Result<Vec<AlternativeTitle>, String> {
    items(cell)?
        .iter()
        .map(|item| {
            let AlternativeTitle { title, language } = AlternativeTitle::parse(item);
            let title = line(&title, limit)?;
            Ok(AlternativeTitle { title, language })
        })
        .collect()
}

fn line(item: &str, limit: usize) -> Result<String, String> {
    text::line(item, limit).map_err(|error| format!("has an item that {error}"))
}

/// Reads a list of strings of the form `source:id`. Each part has at most `limit` characters.
pub(in crate::catalogue) fn external_ids(
    cell: &Cell<'_>,
    limit: usize,
) -> Result<Vec<ExternalId>, String> {
    items(cell)?
        .iter()
        .map(|item| external_id(item, limit))
        .collect()
}

fn external_id(item: &str, limit: usize) -> Result<ExternalId, String> {
    let is_part = |part: &&str| !part.is_empty();
    let (source, id) = item.split_once(':').unwrap_or_default();
    let parts = Some(source.trim())
        .filter(is_part)
        .zip(Some(id.trim()).filter(is_part));
    let Some((source, id)) = parts else {
        return Err(expected("strings of the form source:id", &Cell::text(item)));
    };
    let part = |part: &str| {
        text::line(part, limit).map_err(|error| format!("has a source or id that {error}"))
    };
    Ok(ExternalId {
        source: part(source)?,
        id: part(id)?,
    })
}

/// Returns the items of a list, trimmed and without blank ones, or an error if there are too many.
fn items<'c>(cell: &'c Cell<'_>) -> Result<Vec<Cow<'c, str>>, String> {
    let items = all_items(cell)?;
    if items.len() > MAX_ITEMS {
        return Err(format!(
            "has {} items, and at most {MAX_ITEMS} are allowed",
            items.len()
        ));
    }
    Ok(items)
}

fn all_items<'c>(cell: &'c Cell<'_>) -> Result<Vec<Cow<'c, str>>, String> {
    let is_item = |item: &Cow<'_, str>| !item.is_empty();
    match cell {
        Cell::List(items) => {
            let items = items.iter().map(|item| Cow::Borrowed(item.trim()));
            Ok(items.filter(is_item).collect())
        }
        Cell::Text(text) if text.trim_start().starts_with('[') => {
            let items = array(text).ok_or_else(|| {
                expected(
                    r#"strings separated by ";", or a JSON array of strings such as ["a","b"]"#,
                    cell,
                )
            })?;
            let items = items.iter().map(Item::name);
            let items = items.map(|item| Cow::Owned(item.trim().to_owned()));
            Ok(items.filter(is_item).collect())
        }
        Cell::Text(text) => {
            let items = text.split(SEPARATOR).map(|item| Cow::Borrowed(item.trim()));
            Ok(items.filter(is_item).collect())
        }
        _ => Err(expected("a list of strings", cell)),
    }
}

/// An item of an array in a cell.
#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Text(String),
    /// An object with a name, as TMDB has for genres. Its other members are ignored.
    Named {
        name: String,
    },
}

impl Item {
    fn name(&self) -> &str {
        match self {
            Self::Text(name) | Self::Named { name } => name,
        }
    }
}

/// Parses an array, written as JSON or as Python writes a list.
fn array(text: &str) -> Option<Vec<Item>> {
    json::from_str(text).ok().or_else(|| json::from_json5(text))
}

/// Returns a cell with the items of a text that `separator` separates. A text that begins with `[` is an array, and stays
/// as it is.
#[must_use]
pub fn separated(text: &str, separator: char) -> Cell<'_> {
    if text.trim_start().starts_with('[') || !text.contains(separator) {
        return Cell::text(text);
    }
    let items = text.split(separator).map(str::trim);
    Cell::List(items.map(Cow::Borrowed).collect())
}

/// Joins a list into one string, which reads back as the same list.
pub(in crate::catalogue) fn joined(items: &[Cow<'_, str>]) -> serde_json::Result<String> {
    let is_plain = |item: &Cow<'_, str>| !item.contains([SEPARATOR, '"']) && !item.starts_with('[');
    if items.iter().all(is_plain) {
        return Ok(items.join("; "));
    }
    serde_json::to_string(items)
}

#[cfg(test)]
mod tests;
