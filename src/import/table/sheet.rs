//! The rows of a sheet, which become a table.

use std::mem;

use super::{
    MAX_COLUMNS, MAX_SHEETS, MAX_TABLES, TableError,
    header::{self, HeaderRule, HeaderSearch, Step},
    shared_file::SharedFile,
    spool::RowWriter,
};

/// The maximum number of rows of a sheet: that of the spreadsheet programs.
pub(super) const MAX_ROWS: u64 = 1_048_576;

/// The header and the rows of a sheet.
pub(super) struct SheetTable {
    pub header: Vec<String>,
    /// The row of the header, if it is not the first one with a text.
    pub header_line: Option<u64>,
    pub rows: SharedFile,
}

/// A row of a sheet.
struct SheetRow {
    number: u64,
    cells: Vec<String>,
    faults: Vec<usize>,
}

/// Takes the rows of a sheet, of which one is the header.
pub(super) struct SheetWriter {
    rows: RowWriter,
    header: Option<Vec<String>>,
    header_line: Option<u64>,
    search: HeaderSearch,
    /// The first rows, until one of them is known to be the header. Rows above a given header are not held.
    first: Vec<SheetRow>,
    /// Whether there is a row above the given header.
    has_above: bool,
    /// Where the header is.
    rule: HeaderRule,
    /// The maximum number of cells of a row.
    width: usize,
    /// The size of the file, which bounds that of the rows.
    file_size: u64,
}

impl SheetWriter {
    pub fn new(header: HeaderRule, file_size: u64) -> Result<Self, TableError> {
        Ok(Self {
            rows: RowWriter::new()?,
            header: None,
            header_line: None,
            search: HeaderSearch::new(header),
            first: Vec::new(),
            has_above: false,
            rule: header,
            width: 0,
            file_size,
        })
    }

    /// Takes a row, whose number is counted from 1, with the indexes of its cells without a value.
    pub fn write(
        &mut self,
        number: u64,
        cells: &[String],
        faults: &[usize],
    ) -> Result<(), TableError> {
        if header::is_blank(cells) {
            return Ok(());
        }
        let last = cells.iter().rposition(|cell| !cell.trim().is_empty());
        let cells = cells
            .get(..last.map_or(0, |last| last + 1))
            .unwrap_or_default();
        if number > MAX_ROWS {
            return Err(TableError::SheetBound("more than 1,048,576 rows"));
        }
        if cells.len() > MAX_COLUMNS {
            return Err(TableError::ManyColumns { hint: "" });
        }
        if self.rule == HeaderRule::Absent || self.header.is_some() {
            self.width = self.width.max(cells.len());
            return self.rows.write(number, cells, faults, self.file_size);
        }
        let step = self.search.step(number, cells)?;
        if step == Step::Undecided && matches!(self.rule, HeaderRule::Line(_)) {
            self.has_above = true;
            return Ok(());
        }
        let row = SheetRow {
            number,
            cells: cells.to_vec(),
            faults: faults.to_vec(),
        };
        match step {
            Step::Undecided => self.first.push(row),
            Step::Names => {
                self.width = cells.len();
                self.header = Some(row.cells);
                let above = mem::take(&mut self.first);
                self.header_line = (self.has_above || !above.is_empty()).then_some(number);
            }
            Step::FirstHasNames => {
                self.first.push(row);
                self.take_first()?;
            }
        }
        Ok(())
    }

    /// Takes the first row as the header, and those after it as rows.
    fn take_first(&mut self) -> Result<(), TableError> {
        let mut rows = mem::take(&mut self.first).into_iter();
        let Some(first) = rows.next() else {
            return Ok(());
        };
        header::check(first.number, &first.cells)?;
        self.width = first.cells.len();
        self.header = Some(first.cells);
        for row in rows {
            self.width = self.width.max(row.cells.len());
            self.rows
                .write(row.number, &row.cells, &row.faults, self.file_size)?;
        }
        Ok(())
    }

    /// Returns the table; `None` if no row has a text. Columns without a name in the header, but with a text in a row,
    /// are numbered.
    pub fn finish(mut self) -> Result<Option<SheetTable>, TableError> {
        if self.rule != HeaderRule::Absent && self.header.is_none() {
            if self.has_above || !self.first.is_empty() {
                self.search.end()?;
            }
            self.take_first()?;
        }
        if self.width == 0 {
            return Ok(None);
        }
        let mut header = self.header.unwrap_or_default();
        for number in header.len() + 1..=self.width {
            header.push(header::number(number));
        }
        Ok(Some(SheetTable {
            header,
            header_line: self.header_line,
            rows: self.rows.finish()?,
        }))
    }
}

/// Checks that another sheet may be read. `is_table` says which of the sheets so far have a table.
pub(super) fn check_sheets<S>(
    sheets: &[S],
    is_table: impl Fn(&S) -> bool,
) -> Result<(), TableError> {
    if sheets.len() >= MAX_SHEETS {
        return Err(TableError::SheetBound("more than 1,000 sheets"));
    }
    if sheets.iter().filter(|sheet| is_table(sheet)).count() >= MAX_TABLES {
        return Err(TableError::SheetBound("more than 255 sheets with rows"));
    }
    Ok(())
}

/// Returns a formula without a value as the text of its cell.
pub(super) fn formula(formula: &str) -> String {
    const MAX_LENGTH: usize = 60;
    let shown: String = formula.chars().take(MAX_LENGTH).collect();
    let more = if shown.len() < formula.len() {
        "…"
    } else {
        ""
    };
    format!("={shown}{more}")
}

/// Returns the text of a number in its shortest form, rounded to the 15 digits that spreadsheets have.
pub(super) fn number(number: f64) -> String {
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < LARGEST_EXACT {
        // The sum has no negative zero.
        return (number + 0.0).to_string();
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if (1e-7..1e21).contains(&rounded.abs()) {
        rounded.to_string()
    } else {
        format!("{rounded:e}")
    }
}

/// Returns the text of a number that the sheet shows as a percentage.
pub(super) fn percentage(value: f64) -> String {
    format!("{}%", number(value * 100.0))
}

/// Returns an ISO moment as a date if its time is midnight.
pub(super) fn moment(text: &str) -> String {
    match text.split_once('T') {
        Some((date, time)) if time.bytes().all(|byte| b"0:.Z".contains(&byte)) => date.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_shortest_form() {
        for (value, expected) in [
            (101.0, "101"),
            (4.5, "4.5"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1.1 * 1.1, "1.21"),
            (1_234_567_890_123_456.0, "1234567890123456"),
            (1e300, "1e300"),
            (-2.5e-10, "-2.5e-10"),
        ] {
            assert_eq!(number(value), expected);
        }
        assert_eq!(percentage(0.67), "67%");
        assert_eq!(percentage(0.145), "14.5%");
    }

    #[test]
    fn a_moment_at_midnight_is_a_date() {
        assert_eq!(moment("2021-03-06T00:00:00"), "2021-03-06");
        assert_eq!(moment("2021-03-06T10:30:00"), "2021-03-06T10:30:00");
        assert_eq!(moment("2021-03-06"), "2021-03-06");
    }
}
