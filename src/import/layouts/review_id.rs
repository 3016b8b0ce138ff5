//! The ids of reviews whose tables have none.

use std::{collections::HashMap, fmt::Write as _};

use sha2::{Digest as _, Sha256};

use crate::import::store::{DERIVED_ID_PREFIX_LENGTH, MAX_DERIVED_ID_LENGTH};

/// The number of hexadecimal digits of a digest.
const DIGEST_LENGTH: usize = 24;

/// The ids of the reviews of a table.
#[derive(Default)]
pub(super) struct Occurrences(HashMap<String, u32>);

impl Occurrences {
    /// Returns the id of the next review that these parts identify. The second review with the same parts has another
    /// id than the first.
    pub fn id<'p>(&mut self, parts: impl Iterator<Item = &'p str>) -> String {
        let parts: Vec<String> = parts.map(one_line).collect();
        let id = shortened(&parts.join("/"));
        let count = self.0.entry(id.clone()).or_default();
        *count += 1;
        match count {
            1 => id,
            number => format!("{id}/{number}"),
        }
    }

    /// Takes the ids.
    pub fn take(&mut self) -> impl Iterator<Item = String> + use<> {
        let ids = std::mem::take(&mut self.0).into_iter();
        ids.flat_map(|(id, count)| {
            let numbered = (2..=count).map({
                let id = id.clone();
                move |number| format!("{id}/{number}")
            });
            std::iter::once(id).chain(numbered).collect::<Vec<_>>()
        })
    }
}

/// Returns a text with its blanks and control characters as single spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn shortened(id: &str) -> String {
    if id.chars().count() <= MAX_DERIVED_ID_LENGTH {
        return id.to_owned();
    }
    let prefix: String = id.chars().take(DERIVED_ID_PREFIX_LENGTH).collect();
    format!("{prefix}~{}", digest(id))
}

/// Returns the first hexadecimal digits of the digest of a text.
pub(super) fn digest(text: &str) -> String {
    let bytes = Sha256::digest(text.as_bytes());
    let mut digest = String::new();
    for byte in bytes.iter().take(DIGEST_LENGTH / 2) {
        // Writing to a string can't fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_have_numbers_and_long_ids_have_digests() {
        let mut ids = Occurrences::default();
        let mut id = |text: &str| ids.id([text, "2021"].into_iter());
        assert_eq!(id("The  Amber\nTide"), "The Amber Tide/2021");
        assert_eq!(id("The Amber Tide"), "The Amber Tide/2021/2");
        let (long, other) = ("a".repeat(300), format!("{}b", "a".repeat(300)));
        assert_eq!(
            id(&long).chars().count(),
            DERIVED_ID_PREFIX_LENGTH + 1 + DIGEST_LENGTH
        );
        assert_ne!(id(&long), id(&other));
        let taken: Vec<String> = ids.take().collect();
        assert!(taken.contains(&"The Amber Tide/2021/2".to_owned()));
    }
}
