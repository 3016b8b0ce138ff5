//! The raw values of a row, by column.

use super::{Byline, Cell, Column, Columns, InvalidValue, Warning, byline_names};

/// The values of a row before validation.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells<'a> {
    /// One value for each column, at the column's index.
    values: [Cell<'a>; Column::ALL.len()],
    present: Columns,
    filled: Columns,
}

impl<'a> Cells<'a> {
    /// Creates an empty row.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            values: [const { Cell::Blank }; Column::ALL.len()],
            present: Columns::of(&[]),
            filled: Columns::of(&[]),
        }
    }

    /// Sets the value of a column. A second value for the same column, even a blank one, makes the column
    /// invalid, because it is ambiguous.
    pub fn insert(&mut self, column: Column, cell: Cell<'a>) {
        let cell = if self.present.insert(column) {
            cell
        } else {
            Cell::Invalid(InvalidValue::Repeated)
        };
        if !cell.is_blank() {
            self.filled.insert(column);
            self.values[column.index()] = cell;
        }
    }

    /// Sets the value of a column, in place of the one that it has.
    pub fn replace(&mut self, column: Column, cell: Cell<'a>) {
        self.present.insert(column);
        if !cell.is_blank() {
            self.filled.insert(column);
        }
        self.values[column.index()] = cell;
    }

    /// Sets the critic by a byline such as "By Ann Example". A byline that names several critics, or none, becomes the
    /// byline as it is. Several critics are a warning.
    pub fn insert_byline(&mut self, byline: &'a str) -> Option<Warning> {
        match byline_names(byline) {
            Byline::Critic(name) => self.insert(Column::Critic, Cell::text(name)),
            Byline::Critics(_) => {
                self.insert(Column::Byline, Cell::text(byline));
                return Some(Warning::SeveralCritics);
            }
            Byline::Uncredited => self.insert(Column::Byline, Cell::text(byline)),
        }
        None
    }

    /// Returns the value of a column.
    #[must_use]
    pub const fn get(&self, column: Column) -> &Cell<'a> {
        &self.values[column.index()]
    }

    /// Returns the columns that occur in the row, including blank ones.
    #[must_use]
    pub const fn present(&self) -> Columns {
        self.present
    }

    /// Returns the columns that are not blank.
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
mod tests;
