//! Excel workbooks.

use std::{
    collections::HashMap,
    io::{BufReader, Read, Seek},
};

use calamine::{
    DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Style, Xlsx, XlsxError,
    XlsxFormulaMetadata, open_workbook_from_rs,
};
use quick_xml::events::Event;
use zip::ZipArchive;

use super::{
    MAX_COLUMNS, TableError,
    header::HeaderRule,
    shared_file::{FileReader, SharedFile},
    sheet::{self, SheetTable, SheetWriter, check_sheets, moment, number, percentage},
    xml::{XmlReader, attribute},
};
use crate::import::source::{MAX_ROW_BYTES, is_bomb};

/// The maximum memory for the strings that cells share, in bytes.
const MAX_STRINGS: u64 = 256 << 20;
/// The memory for a shared string beside its text, in bytes.
const STRING_OVERHEAD: u64 = 40;
/// The maximum length of each of the parts that calamine holds in memory as a whole, in bytes.
const MAX_PART: u64 = 8 << 20;

/// The maximum number of formulas without a value, which are held in memory.
const MAX_UNCALCULATED: usize = 100_000;

/// The formulas of a sheet that have no value, by the row and the column of their cell.
type Uncalculated = HashMap<(u32, u32), String>;

/// The result for a sheet.
pub(super) enum Sheet {
    /// A table.
    Table(SheetTable),
    /// The reason why there is none.
    Skipped(&'static str),
}

/// Reads the sheets of a workbook, each with its name.
pub(super) fn read(
    file: &SharedFile,
    archive: &mut ZipArchive<BufReader<FileReader>>,
    header: HeaderRule,
) -> Result<Vec<(String, Sheet)>, TableError> {
    let has_uncalculated = check_parts(archive, file.size())?;
    let reader = BufReader::new(file.reader());
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(reader).map_err(|error| sheet_error(&error))?;
    let mut sheets = Vec::new();
    for sheet in workbook.sheets_metadata().to_vec() {
        check_sheets(&sheets, |(_, sheet)| matches!(sheet, Sheet::Table(_)))?;
        let result = if sheet.typ != SheetType::WorkSheet {
            Sheet::Skipped("it has no cells, but a chart or a macro")
        } else if sheet.visible != SheetVisible::Visible {
            Sheet::Skipped("it is hidden")
        } else {
            let formulas = if has_uncalculated {
                uncalculated(&mut workbook, &sheet.name)
            } else {
                Ok(Uncalculated::new())
            };
            let table = formulas.and_then(|formulas| {
                let writer = SheetWriter::new(header, file.size())?;
                read_sheet(&mut workbook, &sheet.name, writer, &formulas)
            });
            match table.map_err(|error| error.in_part(&sheet.name))? {
                Some(table) => Sheet::Table(table),
                None => Sheet::Skipped("it is empty"),
            }
        };
        sheets.push((sheet.name, result));
    }
    Ok(sheets)
}

fn sheet_error(error: &XlsxError) -> TableError {
    TableError::Sheet(match error {
        // calamine 0.38 reads no cell of a sheet with an error that it doesn't know, such as `#GETTING_DATA` of ECMA-376.
        XlsxError::CellError(cell) => {
            format!("a cell has the error {cell}, with which no cell of its sheet can be read")
        }
        error => error.to_string(),
    })
}

fn read_sheet<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    name: &str,
    mut writer: SheetWriter,
    formulas: &Uncalculated,
) -> Result<Option<SheetTable>, TableError> {
    let reader = workbook.worksheet_cells_reader(name);
    let mut reader = reader.map_err(|error| sheet_error(&error))?;
    let (mut row, mut length) = (0, 0);
    let mut cells: Vec<String> = Vec::new();
    let mut faults = Vec::new();
    loop {
        let next = reader.next_cell_with_style_id();
        let Some((cell, style)) = next.map_err(|error| sheet_error(&error))? else {
            break;
        };
        let (cell_row, column) = cell.get_position();
        if cell_row < row {
            return Err(TableError::Sheet("its rows aren't in order".to_owned()));
        }
        if cell_row > row {
            writer.write(u64::from(row) + 1, &cells, &faults)?;
            cells.clear();
            faults.clear();
            (row, length) = (cell_row, 0);
        }
        let (text, is_fault) = match (cell.get_value(), formulas.get(&(cell_row, column))) {
            (DataRef::Empty, Some(formula)) => (formula.clone(), true),
            (DataRef::Error(error), _) => (error.to_string(), true),
            (value, _) => (text(value, reader.styles().get(style)), false),
        };
        // Many cells may share one long string.
        length += text.len();
        if length > MAX_ROW_BYTES {
            return Err(TableError::SheetBound("a row of more than 1 MiB"));
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if text.is_empty() {
            continue;
        }
        if column >= MAX_COLUMNS {
            return Err(TableError::ManyColumns { hint: "" });
        }
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        if let Some(cell) = cells.get_mut(column) {
            *cell = text;
        }
        if let (true, Err(index)) = (is_fault, faults.binary_search(&column)) {
            faults.insert(index, column);
        }
    }
    writer.write(u64::from(row) + 1, &cells, &faults)?;
    writer.finish()
}

/// Returns the formulas of a sheet that have no value.
fn uncalculated<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    name: &str,
) -> Result<Uncalculated, TableError> {
    let reader = workbook.worksheet_cells_reader(name);
    let mut reader = reader.map_err(|error| sheet_error(&error))?;
    let mut formulas = Uncalculated::new();
    loop {
        let next = reader.next_cell_with_formula_metadata();
        let Some(cell) = next.map_err(|error| sheet_error(&error))? else {
            return Ok(formulas);
        };
        let Some(formula) = cell.formula.filter(|_| cell.value == DataRef::Empty) else {
            continue;
        };
        if formulas.len() == MAX_UNCALCULATED {
            let reason = "it has more than 100,000 formulas without a value";
            return Err(TableError::Sheet(reason.to_owned()));
        }
        let text = match &formula {
            XlsxFormulaMetadata::Normal { formula }
            | XlsxFormulaMetadata::Shared { formula, .. } => formula.as_str(),
            _ => "…",
        };
        formulas.insert(cell.pos, sheet::formula(text));
    }
}

/// Returns the text of a cell.
fn text(value: &DataRef<'_>, style: Option<&Style>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Error(error) => error.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) if is_percentage(style) => percentage(*value),
        DataRef::Float(value) => number(*value),
        DataRef::DateTime(moment) => excel_moment(*moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => moment(text),
    }
}

/// Returns whether the format of a number shows a percentage.
fn is_percentage(style: Option<&Style>) -> bool {
    let format = style.and_then(|style| style.number_format.as_ref());
    format.is_some_and(|format| format.format_code.contains('%'))
}

/// Returns a moment as an ISO date, as an ISO date with a time, or as a time.
fn excel_moment(value: ExcelDateTime) -> String {
    const SECONDS_PER_DAY: f64 = 86_400.0;
    let serial = value.as_f64();
    if serial < 0.0 || !serial.is_finite() {
        return number(serial);
    }
    let seconds = (serial * SECONDS_PER_DAY).round();
    if value.is_duration() || serial < 1.0 {
        let minutes = (seconds / 60.0).floor();
        let (hours, minutes, seconds) = ((minutes / 60.0).floor(), minutes % 60.0, seconds % 60.0);
        return format!("{hours:02}:{minutes:02}:{seconds:02}");
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        return date;
    }
    format!("{date}T{hour:02}:{minute:02}:{second:02}")
}

/// Checks the parts that calamine reads: no tag or text in them is overlong, they don't expand to far more than the size
/// of the file, and the strings fit into memory. Returns whether a sheet may have formulas without a value.
fn check_parts(
    archive: &mut ZipArchive<BufReader<FileReader>>,
    size: u64,
) -> Result<bool, TableError> {
    let mut has_uncalculated = false;
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index)?;
        let name = part.name()?.to_ascii_lowercase();
        let is_xml = [".xml", ".rels"].iter().any(|end| name.ends_with(end));
        if part.is_dir() || !is_xml {
            continue;
        }
        let mut reader = XmlReader::new(part, size);
        let file_name = name.rsplit('/').next().unwrap_or(&name);
        if file_name == "sharedstrings.xml" {
            check_strings(&mut reader)?;
        } else {
            let extension = file_name.rsplit('.').next();
            let is_sheet = name.contains("/worksheets/") && extension == Some("xml");
            let limit = if is_sheet { u64::MAX } else { MAX_PART };
            has_uncalculated |= check_part(&mut reader, limit)?;
        }
        total += reader.bytes_read();
        if is_bomb(size, total) {
            return Err(TableError::SheetBound(
                "parts of more than 250 times its size",
            ));
        }
    }
    Ok(has_uncalculated)
}

/// Checks the length of a part. Returns whether it has a cell with a formula and without the text of a value.
fn check_part(reader: &mut XmlReader<impl Read>, limit: u64) -> Result<bool, TableError> {
    let mut has_uncalculated = false;
    let (mut has_formula, mut is_value) = (false, false);
    loop {
        match reader.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "c" => has_formula = false,
                "f" => has_formula = true,
                "v" => is_value = true,
                _ => {}
            },
            Event::Text(_) | Event::GeneralRef(_) if is_value => has_formula = false,
            Event::End(tag) => match tag.local_name().as_ref() {
                "c" => has_uncalculated |= has_formula,
                "v" => is_value = false,
                _ => {}
            },
            Event::Eof => return Ok(has_uncalculated),
            _ => {}
        }
        if reader.bytes_read() > limit {
            return Err(TableError::SheetBound(
                "a part of more than 8 MiB beside its sheets",
            ));
        }
    }
}

/// Checks the memory that the shared strings take up. Calamine allocates it for the number that the part states, before
/// it reads them.
fn check_strings(reader: &mut XmlReader<impl Read>) -> Result<(), TableError> {
    let (mut stated, mut count) = (0_u64, 0_u64);
    loop {
        match reader.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "sst" => {
                    let text = attribute(&tag, "uniqueCount")?.unwrap_or_default();
                    stated = text.trim().parse().unwrap_or(0);
                }
                "si" => count += 1,
                _ => {}
            },
            Event::Eof => return Ok(()),
            _ => {}
        }
        let memory = reader.bytes_read() + count.max(stated).saturating_mul(STRING_OVERHEAD);
        if memory > MAX_STRINGS {
            return Err(TableError::SheetBound(
                "more than 256 MiB of different texts",
            ));
        }
    }
}
