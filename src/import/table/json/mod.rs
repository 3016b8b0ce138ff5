//! Tables of JSON objects.

mod objects;
mod value;

use std::{
    collections::{BTreeSet, HashMap},
    slice,
};

use serde_json::error::Category;

use self::{
    objects::Objects,
    value::{Object, Value},
};
use super::{
    MAX_COLUMNS, TableError, form::FormKind, header, shared_file::SharedFile, spool::RowWriter,
};
use crate::{
    import::source::{MAX_ROW_BYTES, Progress, Source},
    json,
};

/// The rows of a JSON file.
pub(super) struct JsonTable {
    pub kind: FormKind,
    /// The keys of all rows, in the order of their first occurrence.
    pub header: Vec<String>,
    pub rows: SharedFile,
}

/// Reads all objects. `progress` is that of the source.
pub(super) fn read(source: Source, progress: &Progress) -> Result<JsonTable, TableError> {
    let mut objects = Objects::new(source.into_text());
    let mut columns = Columns::default();
    let mut rows = RowWriter::new()?;
    let mut cells: Vec<String> = Vec::new();
    loop {
        let (line, text) = match objects.next() {
            Ok(Some(object)) => object,
            Ok(None) => break,
            Err(error) => return Err(first_error(&mut objects, error)),
        };
        let object: Object = json::from_str(text).map_err(|error| syntax_error(line, &error))?;
        for cell in &mut cells {
            cell.clear();
        }
        columns.fill(&mut cells, "", object)?;
        if !header::is_blank(&cells) {
            let written = rows.write(line, &cells, &[], progress.bytes_read());
            written.map_err(new_keys)?;
        }
    }
    let kind = if objects.is_array() {
        FormKind::JsonArray
    } else {
        FormKind::JsonLines
    };
    if columns.names.is_empty() {
        return Err(TableError::Blank);
    }
    Ok(JsonTable {
        kind,
        header: columns.names,
        rows: rows.finish()?,
    })
}

/// Explains rows that take up far more space than their text: most of their cells are blank.
fn new_keys(error: TableError) -> TableError {
    match error {
        TableError::RowBomb => TableError::NewKeys,
        error => error,
    }
}

/// Returns the error inside an object without an end, if it has one: a missing quotation mark or brace makes the rest of
/// the file a part of the object.
fn first_error(objects: &mut Objects, error: TableError) -> TableError {
    let (line, text) = objects.take_rest();
    if !matches!(error, TableError::Json { .. }) || text.is_empty() {
        return error;
    }
    // The bound may have cut a character.
    let text = String::from_utf8_lossy(&text);
    match json::from_str::<Object>(&text) {
        Err(inner) if inner.classify() != Category::Eof => syntax_error(line, &inner),
        _ => error,
    }
}

/// Returns an error of an object that begins in a line, with the line of the error.
fn syntax_error(line: u64, error: &serde_json::Error) -> TableError {
    let text = error.to_string();
    let reason = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(reason, _)| reason);
    let before = u64::try_from(error.line().saturating_sub(1)).unwrap_or_default();
    TableError::Json {
        line: line + before,
        reason: format!("not JSON: {reason}, at byte {} of the line", error.column()),
    }
}

/// The columns of all rows so far.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    indexes: HashMap<String, usize>,
    /// The length of all names.
    length: usize,
}

impl Columns {
    /// Puts the members of an object into cells. The names of those of a nested object begin with its path.
    fn fill(
        &mut self,
        cells: &mut Vec<String>,
        path: &str,
        Object(members): Object<'_>,
    ) -> Result<(), TableError> {
        for (key, value) in members {
            let name = if path.is_empty() {
                key
            } else {
                format!("{path}.{key}").into()
            };
            match value {
                Value::Object(object) => self.fill(cells, &name, object)?,
                Value::Cell(text) => self.set(cells, &name, &text)?,
                Value::Objects(objects) => {
                    self.fill_members(cells, &name, &objects)?;
                    let text = serde_json::Value::Array(objects).to_string();
                    self.set(cells, &name, &text)?;
                }
            }
        }
        Ok(())
    }

    /// Puts the members of the objects of an array into cells, under their paths: the value of a single object, or an array
    /// of the values of several.
    fn fill_members(
        &mut self,
        cells: &mut Vec<String>,
        path: &str,
        objects: &[serde_json::Value],
    ) -> Result<(), TableError> {
        if let [serde_json::Value::Object(members)] = objects {
            for (key, value) in members {
                self.fill_value(cells, &format!("{path}.{key}"), value)?;
            }
            return Ok(());
        }
        let members = objects.iter().filter_map(serde_json::Value::as_object);
        let keys: BTreeSet<&String> = members.flat_map(serde_json::Map::keys).collect();
        for key in keys {
            let values = objects.iter().map(|object| object.get(key).cloned());
            let values = values.map(Option::unwrap_or_default).collect();
            let text = serde_json::Value::Array(values).to_string();
            self.set(cells, &format!("{path}.{key}"), &text)?;
        }
        Ok(())
    }

    fn fill_value(
        &mut self,
        cells: &mut Vec<String>,
        path: &str,
        value: &serde_json::Value,
    ) -> Result<(), TableError> {
        match value {
            serde_json::Value::Null => Ok(()),
            serde_json::Value::String(text) => self.set(cells, path, text),
            serde_json::Value::Object(_) => self.fill_members(cells, path, slice::from_ref(value)),
            value => self.set(cells, path, &value.to_string()),
        }
    }

    /// Sets a cell. A column that no row has a value for may be the object of other rows.
    fn set(&mut self, cells: &mut Vec<String>, name: &str, text: &str) -> Result<(), TableError> {
        if text.is_empty() && !self.indexes.contains_key(name) {
            return Ok(());
        }
        let index = self.index(name)?;
        if cells.len() <= index {
            cells.resize(index + 1, String::new());
        }
        if let Some(cell) = cells.get_mut(index) {
            cell.clear();
            cell.push_str(text);
        }
        Ok(())
    }

    fn index(&mut self, name: &str) -> Result<usize, TableError> {
        if let Some(index) = self.indexes.get(name) {
            return Ok(*index);
        }
        let index = self.names.len();
        self.length += name.len();
        if index == MAX_COLUMNS || self.length > MAX_ROW_BYTES {
            return Err(TableError::ManyColumns {
                hint: ": its objects have ever new keys; give each row the same keys",
            });
        }
        self.names.push(name.to_owned());
        self.indexes.insert(name.to_owned(), index);
        Ok(index)
    }
}
