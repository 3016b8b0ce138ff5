//! Names in a file that match no column.

use std::{borrow::Cow, fmt};

/// The maximum number of different names that are stored.
const MAX_NAMES: usize = 20;
/// The maximum number of characters that a message quotes from a file.
pub(super) const MAX_QUOTE_CHARS: usize = 60;

/// Headers or keys that match no column, for a warning. A file can contain any number of them, so the number of stored
/// names is limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownNames {
    names: Vec<String>,
    omitted: u64,
}

impl UnknownNames {
    /// Records a name.
    pub(super) fn add(&mut self, name: &str) {
        let name = truncated(name, MAX_QUOTE_CHARS);
        if self.names.iter().any(|known| *known == name) {
            return;
        }
        if self.names.len() < MAX_NAMES {
            self.names.push(name.into_owned());
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// Returns whether every name matched a column.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the first 20 different names, each truncated to 60 characters.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the number of occurrences of names that are not stored.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }
}

/// Returns the string, truncated to `limit` characters and with an ellipsis if it is longer.
pub(super) fn truncated(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

impl fmt::Display for UnknownNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name:?}")?;
        }
        match self.omitted {
            0 => Ok(()),
            1 => write!(f, ", and another"),
            omitted => write!(f, ", and others, {omitted} times"),
        }
    }
}

#[cfg(test)]
mod tests;
