//! Reads JSON Lines.

use std::{collections::HashMap, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use thiserror::Error;

use super::value::Value;
use crate::catalogue::{Cells, Column, UnknownNames, names::truncated};

/// The maximum length of the parser's error message, in characters. The message may quote the whole line.
const MAX_PROBLEM_CHARS: usize = 200;
/// The maximum number of cached keys that aren't a column's own name. A file may have any number of them.
const MAX_CACHED_KEYS: usize = 200;

/// Reads the lines of a file one by one, and caches the columns of its keys.
#[derive(Clone, Debug, Default)]
pub struct JsonReader {
    unknown: UnknownNames,
    column_cache: HashMap<Box<str>, Option<Column>>,
}

/// The error for a line that is not a row.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct InvalidLine {
    reason: String,
}

impl JsonReader {
    /// Creates a reader with an empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a line, which must not be blank. The row borrows its strings from the line.
    ///
    /// # Errors
    /// Returns an error if the line is anything but a single JSON object.
    pub fn row<'l>(&mut self, line: &'l str) -> Result<Cells<'l>, InvalidLine> {
        // Some programs begin a file with a byte order mark.
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let mut cells = Cells::new();
        let mut json = serde_json::Deserializer::from_str(line);
        let object = ObjectSeed {
            reader: self,
            cells: &mut cells,
        };
        object
            .deserialize(&mut json)
            .and_then(|()| json.end())
            .map_err(|error| InvalidLine::new(line, &error))?;
        Ok(cells)
    }

    /// Returns the keys so far that match no column.
    #[must_use]
    pub const fn unknown(&self) -> &UnknownNames {
        &self.unknown
    }

    /// Returns the column of a key. The search begins at the index `start`.
    fn find(&mut self, key: &str, start: usize) -> Option<Column> {
        let column = Column::find_exact(key, start).or_else(|| self.find_by_alias(key));
        if column.is_none() {
            self.unknown.add(key);
        }
        column
    }

    /// Returns the column of a key that isn't exactly a column's own name, from the cache if possible.
    fn find_by_alias(&mut self, key: &str) -> Option<Column> {
        if let Some(column) = self.column_cache.get(key) {
            return *column;
        }
        let column = Column::find(key);
        if self.column_cache.len() < MAX_CACHED_KEYS {
            self.column_cache.insert(key.into(), column);
        }
        column
    }
}

impl InvalidLine {
    /// Creates the error with the position in the line. The parser's own line number is always 1.
    fn new(line: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let problem = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(problem, _)| problem);
        let prefix = line.as_bytes().get(..error.column()).unwrap_or_default();
        let position = String::from_utf8_lossy(prefix).chars().count().max(1);
        let hint = if error.is_eof() {
            ", and an object must end on its own line"
        } else {
            ""
        };
        Self {
            reason: format!(
                "not a JSON object: {}, at character {position}{hint}",
                truncated(problem, MAX_PROBLEM_CHARS)
            ),
        }
    }
}

/// Reads an object into cells.
struct ObjectSeed<'r, 'l> {
    reader: &'r mut JsonReader,
    cells: &'r mut Cells<'l>,
}

impl<'l> DeserializeSeed<'l> for ObjectSeed<'_, 'l> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'l> Visitor<'l> for ObjectSeed<'_, 'l> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut object: A) -> Result<(), A::Error> {
        let mut start = 0;
        loop {
            let key = KeySeed {
                reader: self.reader,
                start,
            };
            match object.next_key_seed(key)? {
                None => return Ok(()),
                Some(None) => {
                    object.next_value::<IgnoredAny>()?;
                }
                Some(Some(column)) => {
                    start = column.index() + 1;
                    let Value(cell) = object.next_value()?;
                    self.cells.insert(column, cell);
                }
            }
        }
    }
}

/// Reads a key as its column.
struct KeySeed<'r> {
    reader: &'r mut JsonReader,
    start: usize,
}

impl<'l> DeserializeSeed<'l> for KeySeed<'_> {
    type Value = Option<Column>;

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<Option<Column>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<Column>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Option<Column>, E> {
        Ok(self.reader.find(key, self.start))
    }
}

#[cfg(test)]
mod tests;
