//! The names of enum variants.

use super::{super::column::equal_ignoring_separators, Cell, expected};

/// The names of the variants of an enum in files.
pub(in crate::catalogue) struct VariantNames<T: 'static> {
    /// Every variant.
    pub all: &'static [T],
    /// Returns the name of a variant.
    pub name: fn(T) -> &'static str,
}

impl<T: Copy> VariantNames<T> {
    /// Reads the variant that a cell names. Case and separators between words are ignored.
    pub(in crate::catalogue) fn read(&self, cell: &Cell<'_>) -> Result<T, String> {
        let variant = match cell {
            Cell::Text(text) => self
                .all
                .iter()
                .find(|variant| equal_ignoring_separators(text, (self.name)(**variant))),
            _ => None,
        };
        variant
            .copied()
            .ok_or_else(|| expected(self.joined(), cell))
    }

    /// Returns all names as a phrase: "positive, mixed or negative".
    fn joined(&self) -> String {
        let mut names: Vec<_> = self
            .all
            .iter()
            .map(|variant| (self.name)(*variant))
            .collect();
        let last = names.pop().unwrap_or_default();
        if names.is_empty() {
            return last.to_owned();
        }
        format!("{} or {last}", names.join(", "))
    }
}

#[cfg(test)]
mod tests;
