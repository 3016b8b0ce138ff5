//! Rejected rows in the form of the table that they are from, so that they can be corrected and imported again.

use std::{
    io::{self, ErrorKind, Write as _},
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{RejectsFile, RejectsPath, check_path, path_of_dry_run};
use crate::{
    commands::output::Target,
    config::RejectsArgs,
    import::{
        rows::{RowError, RowPosition},
        store::bulk::error::Rejection,
        table::{Table, TableOptions, TableRows},
    },
    json,
};

/// The name of the column with the errors of a row.
const ERRORS: &str = "marquee error";

/// The byte-order mark of UTF-8, which comes before `--encoding`.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The maximum number of bytes of the name of a table in that of its file. File systems take 255 bytes for all of it.
const MAX_NAME: usize = 80;

/// The files for the rejected rows of tables, one for each table.
pub struct TableTargets {
    tables: Vec<Table>,
    form: TableOptions,
    paths: Vec<RejectsPath>,
}

impl TableTargets {
    /// Determines the files. The one of a single table is that of `--rejects`.
    pub fn resolve(
        args: &RejectsArgs,
        inputs: &[&Path],
        is_dry_run: bool,
        tables: Vec<Table>,
        form: TableOptions,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let is_stream = args
            .rejects
            .metadata()
            .is_ok_and(|metadata| !metadata.is_file());
        if is_stream && tables.len() > 1 {
            let count = tables.len();
            return Err(format!(
                "--rejects: the {count} tables of this import need a file each, so pass the name of a file"
            )
            .into());
        }
        let mut paths: Vec<RejectsPath> = Vec::new();
        for (number, table) in (1..).zip(&tables) {
            let mut path = if is_stream {
                args.rejects.clone()
            } else {
                path_of(&args.rejects, table, number, tables.len() > 1)
            };
            check_path(&path, inputs, false)?;
            if is_dry_run && !is_stream {
                path = path_of_dry_run(&path);
                check_path(&path, inputs, true)?;
            }
            paths.push(RejectsPath {
                target: Target::resolve(&path)?,
                path,
                may_replace: is_dry_run,
            });
        }
        Ok(Self {
            tables,
            form,
            paths,
        })
    }

    /// Creates the files.
    pub fn create(self) -> io::Result<TablesWriter> {
        let files = self.paths.into_iter().map(RejectsPath::create);
        Ok(TablesWriter {
            files: files.collect::<io::Result<_>>()?,
            form: self.form,
            finder: RowFinder::new(self.tables),
            row: None,
        })
    }
}

/// Returns the path of the file of a table: `rejected.jsonl` for JSON, and `rejected.1-movies.csv` if there are several.
fn path_of(path: &Path, table: &Table, number: usize, has_others: bool) -> PathBuf {
    let is_csv = path.extension().is_none_or(|end| end == "csv");
    let end = match path.extension() {
        _ if is_csv && table.form().is_json() => "jsonl".into(),
        end => end.unwrap_or("csv".as_ref()).to_owned(),
    };
    if !has_others {
        return if is_csv && table.form().is_json() {
            path.with_extension(end)
        } else {
            path.to_owned()
        };
    }
    let name = Path::new(table.name()).file_stem().unwrap_or_default();
    let name = name.to_string_lossy();
    let name = &name[..name.floor_char_boundary(MAX_NAME)];
    let mut file = path.file_stem().unwrap_or_default().to_owned();
    file.push(format!(".{number}-{name}."));
    file.push(end);
    path.with_file_name(file)
}

/// A writer of the rejected rows of tables.
pub struct TablesWriter {
    files: Vec<RejectsFile>,
    form: TableOptions,
    finder: RowFinder,
    /// The row whose errors are being collected.
    row: Option<(RowPosition, Vec<String>)>,
}

impl TablesWriter {
    /// Adds an error of a row. Rows come in the order of the tables, and the errors of a row one after the other.
    pub fn add(&mut self, rejection: &Rejection) -> io::Result<()> {
        let (position, error) = (rejection.position, &rejection.error);
        match &mut self.row {
            Some((current, errors)) if *current == position => errors.push(error.to_string()),
            _ => {
                self.write_row()?;
                self.row = Some((position, vec![error.to_string()]));
            }
        }
        Ok(())
    }

    /// Writes the row whose errors were collected.
    fn write_row(&mut self) -> io::Result<()> {
        let Some((position, errors)) = self.row.take() else {
            return Ok(());
        };
        let (table, cells) = self.finder.find(position)?;
        let file = self.files.get_mut(position.file());
        let file = file.ok_or(ErrorKind::NotFound)?;
        let errors = errors.join("; ");
        let mut text = Vec::new();
        if table.form().is_json() {
            write_object(&mut text, table.header(), &cells, &errors)?;
        } else {
            if !file.has_header {
                write_header(&mut text, table, &self.form)?;
            }
            write_record(&mut text, table, &cells, &errors, &self.form)?;
        }
        if !file.has_header && self.form.encoding.is_some() {
            file.output.write_all(BYTE_ORDER_MARK)?;
        }
        file.has_header = true;
        file.output.write_all(&text)?;
        file.output.finish()
    }

    /// Renames the files with rows to their final paths, and returns these.
    pub fn finish(mut self) -> io::Result<Vec<PathBuf>> {
        self.write_row()?;
        let mut paths = Vec::new();
        for file in self.files {
            paths.extend(file.finish()?);
        }
        Ok(paths)
    }
}

/// Returns the number of columns without that of the errors of an earlier import.
fn own_width(table: &Table) -> usize {
    let header = table.header();
    let has_errors = header.last().is_some_and(|name| name.trim() == ERRORS);
    header.len() - usize::from(has_errors)
}

fn delimiter(table: &Table, form: &TableOptions) -> u8 {
    form.delimiter
        .or_else(|| table.form().delimiter())
        .unwrap_or(b',')
}

fn write_header(text: &mut Vec<u8>, table: &Table, form: &TableOptions) -> io::Result<()> {
    if !form.has_header {
        return Ok(());
    }
    // The names stand in the line in which `--header-row` looks for them.
    let line = form.header_row.map_or(1, NonZeroU32::get);
    text.extend((1..line).map(|_| b'\n'));
    let names = table.header().iter().map(String::as_str);
    let names = names.take(own_width(table)).chain([ERRORS]);
    write_fields(text, names, delimiter(table, form))
}

fn write_record(
    text: &mut Vec<u8>,
    table: &Table,
    cells: &[String],
    errors: &str,
    form: &TableOptions,
) -> io::Result<()> {
    let is_even = cells.len() == table.header().len();
    let width = if is_even {
        own_width(table)
    } else {
        cells.len()
    };
    let cells = cells.iter().map(String::as_str).take(width);
    write_fields(text, cells.chain([errors]), delimiter(table, form))
}

fn write_fields<'f>(
    text: &mut Vec<u8>,
    fields: impl Iterator<Item = &'f str>,
    delimiter: u8,
) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_writer(text);
    writer.write_record(fields)?;
    writer.flush()
}

/// Writes an object with the keys of a JSON file, of which those of nested objects are paths. They are read as the
/// objects are.
fn write_object(
    text: &mut Vec<u8>,
    header: &[String],
    cells: &[String],
    errors: &str,
) -> io::Result<()> {
    let members = || header.iter().zip(cells);
    // The members of the objects of a list are read from the list again.
    let is_of_list = |name: &str| {
        members().any(|(other, cell)| {
            let rest = name.strip_prefix(other.as_str());
            rest.is_some_and(|rest| rest.starts_with('.')) && is_list_of_objects(cell)
        })
    };
    text.push(b'{');
    for (name, cell) in members() {
        if cell.is_empty() || name == ERRORS || is_of_list(name) {
            continue;
        }
        serde_json::to_writer(&mut *text, name)?;
        text.push(b':');
        serde_json::to_writer(&mut *text, &value(cell))?;
        text.push(b',');
    }
    serde_json::to_writer(&mut *text, ERRORS)?;
    text.push(b':');
    serde_json::to_writer(&mut *text, errors)?;
    text.extend_from_slice(b"}\n");
    Ok(())
}

/// Returns the value whose text is in a cell: a list, a number or a boolean if it is written in the same way, or a string.
fn is_list_of_objects(cell: &str) -> bool {
    matches!(value(cell), Value::Array(items) if items.iter().any(Value::is_object))
}

fn value(cell: &str) -> Value {
    let parsed: Result<Value, _> = json::from_str(cell);
    let is_same = |value: &Value| {
        matches!(value, Value::Array(_) | Value::Number(_) | Value::Bool(_))
            && serde_json::to_string(value).is_ok_and(|text| text == cell)
    };
    let value = parsed.ok().filter(is_same);
    value.unwrap_or_else(|| Value::String(cell.to_owned()))
}

/// The rows of tables, which are looked up in their order.
struct RowFinder {
    tables: Vec<Table>,
    /// The pass over the table of the last row: its index, and its last line.
    pass: Option<(usize, TableRows, u64)>,
}

impl RowFinder {
    const fn new(tables: Vec<Table>) -> Self {
        Self { tables, pass: None }
    }

    /// Returns the cells of a row and its table. The number of cells may be another one than that of the columns.
    fn find(&mut self, position: RowPosition) -> io::Result<(&Table, Vec<String>)> {
        let (index, wanted) = (position.file(), position.line().unsigned_abs());
        let table = self.tables.get(index).ok_or(ErrorKind::NotFound)?;
        let (mut rows, mut last_line) = match self.pass.take() {
            Some((current, rows, line)) if current == index => (rows, line),
            _ => (table.rows().map_err(io::Error::other)?, 0),
        };
        loop {
            let found = match rows.next_row() {
                Ok(Some(row)) => {
                    last_line = row.line.max(last_line + 1);
                    (last_line == wanted).then(|| row.cells().map(str::to_owned).collect())
                }
                Ok(None) => {
                    let name = table.name();
                    return Err(io::Error::other(format!(
                        "line {wanted} of {name} can't be read again: the file has changed"
                    )));
                }
                Err(error) => {
                    let (line, _) = RowError::from_source_error(error).map_err(io::Error::other)?;
                    let fields = rows.uneven_fields().map_err(io::Error::other)?;
                    (line == wanted).then_some(fields)
                }
            };
            if let Some(cells) = found {
                self.pass = Some((index, rows, last_line));
                return Ok((table, cells));
            }
        }
    }
}
