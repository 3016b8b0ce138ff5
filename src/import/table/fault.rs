//! The cells of a sheet that have no value, although the sheet has something in them.

use std::fmt;

/// A cell of a sheet without a value: its formula has failed, or was never calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellFault<'r> {
    /// The index of the column.
    pub column: usize,
    /// The number of the row, counted from 1.
    row: u64,
    /// The text of the cell: an error such as `#N/A`, or a formula that begins with an equals sign.
    text: &'r str,
}

impl<'r> CellFault<'r> {
    pub(super) const fn new(row: u64, column: usize, text: &'r str) -> Self {
        Self { column, row, text }
    }
}

impl fmt::Display for CellFault<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, row, text } = self;
        let column = letters(*column);
        if text.starts_with('=') {
            return write!(
                formatter,
                "the cell {column}{row} has the formula {text} without a value: open the file in a spreadsheet program, and save it \
                 there"
            );
        }
        write!(
            formatter,
            "the cell {column}{row} has the error {text}: correct its formula, or clear the cell if there is no value"
        )
    }
}

/// Returns the letters by which spreadsheet programs name a column.
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 26]));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_spreadsheets() {
        for (column, expected) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(letters(column), expected);
        }
    }
}
