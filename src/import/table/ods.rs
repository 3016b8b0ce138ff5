//! `OpenDocument` spreadsheets.
//!
//! calamine expands the repeated cells of a whole document in memory before it checks a bound, so that a small file takes
//! up all of it. Here the rows are read one by one.

use std::io::Read;

use quick_xml::events::{BytesStart, Event};

use super::{
    MAX_COLUMNS, TableError,
    header::HeaderRule,
    sheet::{self, MAX_ROWS, SheetTable, SheetWriter, check_sheets, moment, number, percentage},
    xml::{XmlReader, attribute, push_text},
};
use crate::import::source::MAX_ROW_BYTES;

/// Reads the sheets of `content.xml`. `header` says where their names of columns are, `size` is the size of the file.
///
/// Each sheet has its name, and its table unless it is empty.
pub(super) fn read(
    content: impl Read,
    header: HeaderRule,
    size: u64,
) -> Result<Vec<(String, Option<SheetTable>)>, TableError> {
    let mut reader = XmlReader::new(content, size);
    let mut sheets: Vec<(String, Option<SheetTable>)> = Vec::new();
    loop {
        match reader.next()? {
            Event::Start(tag) if tag.name().as_ref() == "table:table" => {
                check_sheets(&sheets, |(_, table)| table.is_some())?;
                let name = attribute(&tag, "name")?.unwrap_or_default();
                let table = read_sheet(&mut reader, header, size);
                let table = table.map_err(|error| error.in_part(&name))?;
                sheets.push((name, table));
            }
            // Changes that the author has not accepted have cells of their own.
            Event::Start(tag) if tag.name().as_ref() == "table:tracked-changes" => {
                skip(&mut reader)?;
            }
            Event::Eof => return Ok(sheets),
            _ => {}
        }
    }
}

fn read_sheet<R: Read>(
    reader: &mut XmlReader<R>,
    header: HeaderRule,
    size: u64,
) -> Result<Option<SheetTable>, TableError> {
    let mut writer = SheetWriter::new(header, size)?;
    let mut row = 1;
    loop {
        match reader.next()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table-row" => {
                    let repeats = repeats(&tag, "number-rows-repeated")?;
                    let (cells, faults) = read_row(reader)?;
                    let is_blank = cells.iter().all(String::is_empty);
                    for number in row..row + if is_blank { 0 } else { repeats } {
                        writer.write(number, &cells, &faults)?;
                    }
                    row += repeats;
                }
                "table:shapes" | "office:forms" => skip(reader)?,
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == "table:table" => return writer.finish(),
            Event::Eof => return Err(truncated()),
            _ => {}
        }
    }
}

/// Returns the number of times that a row or cell stands there. An absurd one is cut, and refused with the next text.
fn repeats(tag: &BytesStart<'_>, name: &str) -> Result<u64, TableError> {
    let Some(text) = attribute(tag, name)? else {
        return Ok(1);
    };
    let repeats: u64 = text
        .parse()
        .map_err(|_| TableError::Sheet(format!("{name} is {text:?}")))?;
    Ok(repeats.min(MAX_ROWS + 1))
}

/// Reads the cells of a row without the blank ones at its end, and the indexes of those without a value.
fn read_row<R: Read>(reader: &mut XmlReader<R>) -> Result<(Vec<String>, Vec<usize>), TableError> {
    let mut cells: Vec<String> = Vec::new();
    let mut faults = Vec::new();
    // Sheets are filled up with blank cells to their full width.
    let mut blank: usize = 0;
    let mut length: usize = 0;
    loop {
        let (repeats, value) = match reader.next()? {
            Event::Start(tag)
                if matches!(
                    tag.name().as_ref(),
                    "table:table-cell" | "table:covered-table-cell"
                ) =>
            {
                let repeats = repeats(&tag, "number-columns-repeated")?;
                (repeats, CellValue::of(&tag)?)
            }
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => {
                return Ok((cells, faults));
            }
            Event::Eof => return Err(truncated()),
            _ => continue,
        };
        let text = read_text(reader)?;
        let (text, is_fault) = value.text(text);
        let repeats = usize::try_from(repeats).unwrap_or(usize::MAX);
        if text.is_empty() {
            blank = blank.saturating_add(repeats);
            continue;
        }
        let width = cells.len().saturating_add(blank).saturating_add(repeats);
        if width > MAX_COLUMNS {
            return Err(TableError::ManyColumns { hint: "" });
        }
        cells.resize(cells.len() + blank, String::new());
        blank = 0;
        length += text.len() * repeats;
        if length > MAX_ROW_BYTES {
            return Err(TableError::SheetBound("a row of more than 1 MiB"));
        }
        if is_fault {
            faults.extend(cells.len()..width);
        }
        cells.resize(width, text);
    }
}

/// The value of a cell, as its attributes state it.
enum CellValue {
    /// The value as text, which is independent of the display.
    Given(String),
    /// The displayed text is the value.
    Displayed,
    /// There is no value; the displayed text is an error.
    Error,
    /// There is no value unless a text is displayed: this formula was never calculated.
    Formula(String),
}

impl CellValue {
    fn of(tag: &BytesStart<'_>) -> Result<Self, TableError> {
        let (mut kind, mut has_formula) = (String::new(), false);
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| TableError::Sheet(error.to_string()))?;
            match (attribute.key.as_ref(), &*attribute.value) {
                // LibreOffice marks errors beside the standard's own type.
                ("calcext:value-type", "error") => return Ok(Self::Error),
                ("table:formula", _) => has_formula = true,
                ("office:value-type", value) => value.clone_into(&mut kind),
                _ => {}
            }
        }
        let value = |name| attribute(tag, name);
        let given = match kind.as_str() {
            "float" | "currency" => value("value")?.map(|text| numeric(&text, number)),
            "percentage" => value("value")?.map(|text| numeric(&text, percentage)),
            "date" => value("date-value")?.map(|text| moment(&text)),
            "time" => value("time-value")?.map(|text| time(&text)),
            "boolean" => value("boolean-value")?,
            "string" => value("string-value")?,
            _ => None,
        };
        Ok(match given {
            Some(given) => Self::Given(given),
            None if has_formula && kind.is_empty() => {
                Self::Formula(value("formula")?.unwrap_or_default())
            }
            None => Self::Displayed,
        })
    }

    /// Returns the text of the cell, and whether it is what is wrong with it instead of a value.
    fn text(self, displayed: String) -> (String, bool) {
        match self {
            Self::Given(text) => (text, false),
            Self::Formula(formula) if displayed.is_empty() => (shown_formula(&formula), true),
            Self::Displayed | Self::Formula(_) => (displayed, false),
            Self::Error if displayed.is_empty() => ("#N/A".to_owned(), true),
            Self::Error => (displayed, true),
        }
    }
}

/// Returns a formula without the name of its language, `of:=A1+1`.
fn shown_formula(formula: &str) -> String {
    let formula = formula.split_once('=').map_or(formula, |(_, text)| text);
    sheet::formula(formula)
}

fn numeric(text: &str, format: fn(f64) -> String) -> String {
    text.parse().map_or_else(|_| text.to_owned(), format)
}

/// Returns a duration like `PT18H00M00S` as a time like `18:00:00`.
fn time(text: &str) -> String {
    let parts = || {
        let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds = rest.strip_suffix('S')?;
        let seconds = seconds
            .split_once(['.', ','])
            .map_or(seconds, |(whole, _)| whole);
        Some(format!("{hours}:{minutes}:{seconds}"))
    };
    parts().unwrap_or_else(|| text.to_owned())
}

/// Reads the displayed text of a cell up to the cell's end: its paragraphs, each as a line, without comments and drawings.
fn read_text<R: Read>(reader: &mut XmlReader<R>) -> Result<String, TableError> {
    let mut text = String::new();
    let mut paragraphs = 0;
    let mut depth = 0;
    loop {
        let event = reader.next()?;
        match &event {
            Event::Start(tag) => match tag.name().as_ref() {
                "office:annotation" | "draw:frame" | "draw:custom-shape" | "table:table" => {
                    skip(reader)?;
                    continue;
                }
                "text:p" | "text:h" => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                }
                "text:s" => {
                    let spaces = attribute(tag, "c")?.and_then(|count| count.parse().ok());
                    let spaces: usize = spaces.unwrap_or(1);
                    text.extend(std::iter::repeat_n(' ', spaces.min(MAX_ROW_BYTES)));
                }
                "text:tab" => text.push('\t'),
                "text:line-break" => text.push('\n'),
                _ => {}
            },
            Event::End(_) if depth == 0 => return Ok(text),
            Event::Eof => return Err(truncated()),
            // Text between the elements of a cell is the indentation of the XML.
            event if depth > 0 => push_text(event, &mut text)?,
            _ => {}
        }
        depth += usize::from(matches!(event, Event::Start(_)));
        depth -= usize::from(matches!(event, Event::End(_)));
        if text.len() > MAX_ROW_BYTES {
            return Err(TableError::SheetBound("a row of more than 1 MiB"));
        }
    }
}

/// Skips the rest of an element.
fn skip<R: Read>(reader: &mut XmlReader<R>) -> Result<(), TableError> {
    let mut depth: usize = 1;
    while depth > 0 {
        match reader.next()? {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => return Err(truncated()),
            _ => {}
        }
    }
    Ok(())
}

fn truncated() -> TableError {
    TableError::Sheet("it ends too early".to_owned())
}
