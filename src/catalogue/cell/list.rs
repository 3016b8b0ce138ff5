//! Lists of strings.

use std::borrow::Cow;

use super::{Cell, expected};
use crate::{catalogue::record::ExternalId, text};

/// The maximum number of items of a list.
const MAX_ITEMS: usize = 50;
/// The separator of the items of a list in one string.
const SEPARATOR: char = ';';

/// Reads a list of names, each of at most `limit` characters. Blank items are dropped.
///
/// In CSV a list is a string: items separated by `;`, or a JSON array if it begins with `[`.
pub(in crate::catalogue) fn list(cell: &Cell<'_>, limit: usize) -> Result<Vec<String>, String> {
    items(cell)?
        .into_iter()
        .map(|item| text::line(&item, limit).map_err(|flaw| format!("has an item that {flaw}")))
        .collect()
}

/// Reads a list of strings of the form `source:id`. Each half has at most `limit` characters.
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
    let is_half = |half: &&str| !half.is_empty();
    let (source, id) = item.split_once(':').unwrap_or_default();
    let halves = Some(source.trim())
        .filter(is_half)
        .zip(Some(id.trim()).filter(is_half));
    let Some((source, id)) = halves else {
        return Err(expected("strings of the form source:id", &Cell::text(item)));
    };
    let half = |half: &str| {
        text::line(half, limit).map_err(|flaw| format!("has a source or id that {flaw}"))
    };
    Ok(ExternalId {
        source: half(source)?,
        id: half(id)?,
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
            let items: Vec<String> = serde_json::from_str(text).map_err(|_| {
                expected(
                    r#"strings separated by ";", or a JSON array of strings such as ["a","b"]"#,
                    cell,
                )
            })?;
            let items = items.iter().map(|item| Cow::Owned(item.trim().to_owned()));
            Ok(items.filter(is_item).collect())
        }
        Cell::Text(text) => {
            let items = text.split(SEPARATOR).map(|item| Cow::Borrowed(item.trim()));
            Ok(items.filter(is_item).collect())
        }
        _ => Err(expected("a list of strings", cell)),
    }
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
mod tests {
    use super::*;

    fn read(cell: &Cell<'_>) -> Result<Vec<String>, String> {
        list(cell, 300)
    }

    #[test]
    fn a_list_is_read_in_each_of_its_forms() {
        for cell in [
            Cell::text("a; b"),
            Cell::text(" a;b ;; "),
            Cell::text(r#" ["a", " b", ""]"#),
            Cell::List(vec!["a".into(), " b ".into(), " ".into()]),
        ] {
            assert_eq!(
                read(&cell),
                Ok(vec!["a".to_owned(), "b".to_owned()]),
                "{cell:?}"
            );
        }
    }

    #[test]
    fn a_string_that_begins_with_a_bracket_must_be_a_json_array() {
        for text in ["[a; b", "[1]", "[Not Credited]"] {
            let reason = format!(
                r#"must be strings separated by ";", or a JSON array of strings such as ["a","b"], not "{text}""#
            );
            assert_eq!(read(&Cell::text(text)), Err(reason));
        }
        assert_eq!(
            read(&Cell::Flag(true)),
            Err("must be a list of strings, not true".to_owned())
        );
    }

    #[test]
    fn a_list_and_its_items_have_limits() {
        assert_eq!(
            read(&Cell::text(&"a;".repeat(50))).map(|items| items.len()),
            Ok(50)
        );
        assert_eq!(
            read(&Cell::text(&"a;".repeat(51))),
            Err("has 51 items, and at most 50 are allowed".to_owned())
        );
        assert_eq!(
            read(&Cell::text(&"a".repeat(301))),
            Err("has an item that is 301 characters long, and at most 300 are allowed".to_owned())
        );
        assert_eq!(
            read(&Cell::text("a\tb")),
            Err("has an item that contains a tab".to_owned())
        );
    }

    #[test]
    fn the_first_colon_separates_source_and_id() {
        let read = |text| external_ids(&Cell::text(text), 4);
        let id = |source: &str, id: &str| ExternalId {
            source: source.to_owned(),
            id: id.to_owned(),
        };
        assert_eq!(
            read("imdb: tt:1; b:2"),
            Ok(vec![id("imdb", "tt:1"), id("b", "2")])
        );
        for text in ["tt1", ":1", "a:", "a: "] {
            let reason = format!(
                r#"must be strings of the form source:id, not "{}""#,
                text.trim()
            );
            assert_eq!(read(text), Err(reason));
        }
        assert_eq!(
            read("im:tt123"),
            Err(
                "has a source or id that is 5 characters long, and at most 4 are allowed"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_list_becomes_a_json_array_only_if_necessary() {
        let joined = |items: &[&str]| {
            let items: Vec<_> = items.iter().map(|item| Cow::Borrowed(*item)).collect();
            joined(&items).unwrap()
        };
        assert_eq!(joined(&["a", "b, [c"]), "a; b, [c");
        assert_eq!(joined(&["a;b", "c"]), r#"["a;b","c"]"#);
        assert_eq!(joined(&[r#"a "b""#]), r#"["a \"b\""]"#);
        assert_eq!(joined(&["[a"]), r#"["[a"]"#);
    }
}
