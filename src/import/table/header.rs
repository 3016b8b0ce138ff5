//! The names of columns.

use super::{TableError, TableOptions};
use crate::catalogue::{Column, Columns, translated_column};

/// The number of cells that the refusal of a header shows.
const SHOWN_CELLS: usize = 3;
/// The maximum length of a shown cell, in characters.
const SHOWN_LENGTH: usize = 40;

/// The number of rows among which the names of the columns are looked for.
const SEARCHED_ROWS: usize = 20;

/// Where the names of the columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderRule {
    /// Nowhere: the first row is data.
    Absent,
    /// In the row of this line.
    Line(u64),
    /// In the first row, or below a title.
    Search,
}

impl From<&TableOptions> for HeaderRule {
    fn from(options: &TableOptions) -> Self {
        match options.header_row {
            Some(row) => Self::Line(row.get().into()),
            None if options.has_header => Self::Search,
            None => Self::Absent,
        }
    }
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The next rows decide.
    Undecided,
    /// It has the names of the columns. Those above it are not read.
    Names,
    /// A row below the one with the names, which is the first one.
    FirstHasNames,
}

/// Finds the row with the names of the columns: the first one, unless there is one below it that has more cells than all
/// above it, of which two are known names. Spreadsheets and the tables of newspapers have a title above the names.
pub(super) struct HeaderSearch {
    rule: HeaderRule,
    rows: usize,
    widest: usize,
}

impl HeaderSearch {
    pub const fn new(rule: HeaderRule) -> Self {
        Self {
            rule,
            rows: 0,
            widest: 0,
        }
    }

    /// Takes the next row that is not blank.
    pub fn step<T: AsRef<str>>(&mut self, line: u64, cells: &[T]) -> Result<Step, TableError> {
        match self.rule {
            HeaderRule::Absent => return Ok(Step::FirstHasNames),
            HeaderRule::Line(wanted) if line < wanted => return Ok(Step::Undecided),
            HeaderRule::Line(wanted) if line == wanted => return Ok(Step::Names),
            HeaderRule::Line(wanted) => return Err(TableError::NoHeaderRow(wanted)),
            HeaderRule::Search => {}
        }
        let filled = cells.iter().filter(|cell| !cell.as_ref().trim().is_empty());
        let filled = filled.count();
        let known = known_names(cells);
        self.rows += 1;
        // One word of a title may be the name of a column by chance.
        if known > 1 && filled > self.widest {
            return Ok(Step::Names);
        }
        self.widest = self.widest.max(filled);
        Ok(if self.rows < SEARCHED_ROWS {
            Step::Undecided
        } else {
            Step::FirstHasNames
        })
    }

    /// Ends the search after the last row, without a decision.
    pub const fn end(&self) -> Result<(), TableError> {
        match self.rule {
            HeaderRule::Line(wanted) => Err(TableError::NoHeaderRow(wanted)),
            HeaderRule::Absent | HeaderRule::Search => Ok(()),
        }
    }
}

/// Returns the number of different columns of which cells are names.
pub(super) fn known_names<T: AsRef<str>>(cells: &[T]) -> usize {
    let known = cells.iter().filter_map(|cell| {
        let name = cell.as_ref();
        Column::find(name).or_else(|| translated_column(name))
    });
    known.collect::<Columns>().iter().count()
}

/// Returns whether no cell has a text.
pub(super) fn is_blank<T: AsRef<str>>(cells: &[T]) -> bool {
    cells.iter().all(|cell| cell.as_ref().trim().is_empty())
}

/// Returns the names of columns without a header.
pub(super) fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(number).collect()
}

/// Returns the name of the column with that number, counted from 1.
pub(super) fn number(number: usize) -> String {
    format!("column_{number}")
}

/// Refuses a first row that is data: at least one cell is a number, a date or an address, and none is the known name of
/// a column.
pub(super) fn check<T: AsRef<str>>(line: u64, cells: &[T]) -> Result<(), TableError> {
    let cells = || cells.iter().map(|cell| cell.as_ref().trim());
    if cells().any(|cell| Column::find(cell).is_some()) {
        return Ok(());
    }
    let data: Vec<String> = cells().filter(|cell| is_data(cell)).map(shown).collect();
    if data.is_empty() {
        return Ok(());
    }
    Err(TableError::NoHeader {
        line,
        cells: data.get(..SHOWN_CELLS).unwrap_or(&data).join(", "),
    })
}

/// Returns whether a cell is a number, a date or an address, which no name of a column is.
fn is_data(cell: &str) -> bool {
    let is_number = cell.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && cell.contains(|c: char| c.is_ascii_digit())
        && cell
            .chars()
            .all(|c| c.is_ascii_digit() || " .,:;/+-%TZ".contains(c));
    is_number || cell.contains("://")
}

fn shown(cell: &str) -> String {
    match cell.char_indices().nth(SHOWN_LENGTH) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_header(cells: &[&str]) -> bool {
        check(1, cells).is_ok()
    }

    #[test]
    fn names_are_a_header() {
        assert!(is_header(&["Titre", "Année de sortie", "Réalisateur"]));
        assert!(is_header(&["Const", "Your Rating", "Runtime (mins)"]));
        assert!(is_header(&["Unnamed: 0", "T1", "4K"]));
        assert!(is_header(&[""]));
    }

    #[test]
    fn a_known_name_makes_a_header_even_beside_numbers() {
        assert!(is_header(&["Title", "2019", "2020"]));
    }

    #[test]
    fn numbers_dates_and_addresses_are_data() {
        for cell in [
            "2021",
            "4.5",
            "4/5",
            "2021-03-06T10:00:00Z",
            "04.04.10 18:36",
            "-1,5",
            "67%",
        ] {
            assert!(!is_header(&["The Amber Tide", cell]), "{cell}");
        }
        assert!(!is_header(&["https://example.com/salt", "The Amber Tide"]));
        let error = check(2, &["1", "The Amber Tide", "2021", "9", "8"]).expect_err("data");
        assert_eq!(
            error.to_string(),
            "line 2 has no names of columns, but data (1, 2021, 9); add a line with the names of the columns above it, \
             or pass --no-header"
        );
    }

    #[test]
    fn columns_without_a_header_are_numbered_from_1() {
        assert_eq!(numbered(2), ["column_1", "column_2"]);
    }

    /// Returns the index of the row with the names, of rows whose cells are separated by commas.
    fn found(rows: &[&str]) -> usize {
        let mut search = HeaderSearch::new(HeaderRule::Search);
        for (index, row) in rows.iter().enumerate() {
            let cells: Vec<&str> = row.split(',').collect();
            match search.step(index as u64 + 1, &cells).expect("a step") {
                Step::Undecided => {}
                Step::Names => return index,
                Step::FirstHasNames => break,
            }
        }
        0
    }

    #[test]
    fn names_are_found_below_a_title() {
        assert_eq!(found(&["Title,Year", "Amber Tide,2019"]), 0);
        assert_eq!(found(&["Reviews of 2021,,", "Title,Year,Rating"]), 1);
        assert_eq!(found(&["Reviews", "by month,", "Title,Rating,Critic"]), 2);
        assert_eq!(found(&["Naslov,Godina", "Title,Year"]), 0);
        assert_eq!(found(&["Naslov", "Amber Tide", "Glass Meadow"]), 0);
    }

    #[test]
    fn the_line_of_the_names_can_be_given() {
        let mut search = HeaderSearch::new(HeaderRule::Line(3));
        assert_eq!(
            search.step(1, &["Title", "Year"]).expect("a step"),
            Step::Undecided
        );
        assert_eq!(search.step(3, &["a", "b"]).expect("a step"), Step::Names);
        let error = search.step(4, &["a"]).expect_err("a later line");
        assert!(error.to_string().contains("line 3"), "{error}");
    }
}
