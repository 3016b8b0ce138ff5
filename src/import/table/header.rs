//! The names of columns.

use super::TableError;
use crate::catalogue::Column;

/// The number of cells that the refusal of a header shows.
const SHOWN_CELLS: usize = 3;
/// The maximum length of a shown cell, in characters.
const SHOWN_LENGTH: usize = 40;

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
}
