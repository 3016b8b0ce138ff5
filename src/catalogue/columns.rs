//! Sets of columns.

use std::fmt;

use super::Column;

/// A set of columns.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Columns(u64);

impl Columns {
    /// Creates a set of these columns.
    #[must_use]
    pub const fn of(columns: &[Column]) -> Self {
        // A `const fn` can't use an iterator.
        let mut bits = 0;
        let mut remaining = columns;
        while let [column, tail @ ..] = remaining {
            bits |= 1 << column.index();
            remaining = tail;
        }
        Self(bits)
    }

    /// Adds a column and returns whether it is new.
    pub fn insert(&mut self, column: Column) -> bool {
        let is_new = !self.contains(column);
        *self = self.union(Self::of(&[column]));
        is_new
    }

    /// Returns whether the set contains the column.
    #[must_use]
    pub const fn contains(self, column: Column) -> bool {
        self.0 & 1 << column.index() != 0
    }

    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns the difference: the columns that are not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the columns in the order of an export.
    pub fn iter(self) -> impl Iterator<Item = Column> {
        Column::ALL
            .into_iter()
            .filter(move |column| self.contains(*column))
    }
}

impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<Column> for Columns {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        let mut set = Self::default();
        for column in columns {
            set.insert(column);
        }
        set
    }
}

#[cfg(test)]
mod tests;
