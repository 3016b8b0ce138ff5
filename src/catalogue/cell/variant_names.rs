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
        let found = match cell {
            Cell::Text(text) => self
                .all
                .iter()
                .find(|word| equal_ignoring_separators(text, (self.name)(**word))),
            _ => None,
        };
        found.copied().ok_or_else(|| expected(self.joined(), cell))
    }

    /// Returns all names as a phrase: "positive, mixed or negative".
    fn joined(&self) -> String {
        let mut words: Vec<_> = self.all.iter().map(|word| (self.name)(*word)).collect();
        let last = words.pop().unwrap_or_default();
        if words.is_empty() {
            return last.to_owned();
        }
        format!("{} or {last}", words.join(", "))
    }
}

#[cfg(test)]
mod tests;
