//! A row as a file has it: a value for some of the columns.

use super::{Cell, Column, Columns, Unfit};

/// What a row holds, before it is known whether it makes sense.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells<'a> {
    /// One for each column, at its index.
    values: [Cell<'a>; Column::ALL.len()],
    seen: Columns,
    filled: Columns,
}

impl<'a> Cells<'a> {
    /// A row that holds nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            values: [const { Cell::Blank }; Column::ALL.len()],
            seen: Columns::of(&[]),
            filled: Columns::of(&[]),
        }
    }

    /// Puts a value in. A column that gets a value for the second time, even none, is unfit from then on: of two values
    /// nobody knows which is meant.
    pub fn insert(&mut self, column: Column, cell: Cell<'a>) {
        let cell = if self.seen.insert(column) {
            cell
        } else {
            Cell::Unfit(Unfit::Repeated)
        };
        if !cell.is_blank() {
            self.filled.insert(column);
            self.values[column.index()] = cell;
        }
    }

    /// The value in a column.
    #[must_use]
    pub const fn get(&self, column: Column) -> &Cell<'a> {
        &self.values[column.index()]
    }

    /// The columns that the row has, also those that hold nothing.
    #[must_use]
    pub const fn seen(&self) -> Columns {
        self.seen
    }

    /// The columns that hold something.
    #[must_use]
    pub const fn filled(&self) -> Columns {
        self.filled
    }
}

impl Default for Cells<'_> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_is_as_good_as_nothing() {
        for blank in [
            Cell::Blank,
            Cell::text(" \u{a0}\n"),
            Cell::List(vec![]),
            Cell::List(vec![" ".into()]),
        ] {
            let mut cells = Cells::new();
            cells.insert(Column::Film, blank);
            assert!(cells.filled().is_empty());
            assert_eq!(*cells.get(Column::Film), Cell::Blank);
        }
    }

    #[test]
    fn a_second_value_even_none_makes_a_column_unfit() {
        let mut cells = Cells::new();
        cells.insert(Column::Film, Cell::text("Pusher"));
        cells.insert(Column::Film, Cell::Blank);
        assert_eq!(*cells.get(Column::Film), Cell::Unfit(Unfit::Repeated));
        assert!(cells.filled().contains(Column::Film));
    }
}
