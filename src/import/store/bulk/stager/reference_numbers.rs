//! The numbers of films, critics and publications within an import.

use std::{collections::HashMap, hash::Hash};

use crate::catalogue::record::{ExternalId, FilmRef, NamedRef};

/// The approximate maximum size of the references of one kind, in bytes. It bounds the memory for a file of any length.
/// Beyond it, the map is cleared, and a repeated reference gets a second number. The database resolves both numbers to
/// the same row.
const MAX_REFERENCES_SIZE: usize = 16 << 20;

/// The numbers of references.
pub(super) struct ReferenceNumbers<T> {
    numbers: HashMap<T, i32>,
    bytes: usize,
}

impl<T> Default for ReferenceNumbers<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            bytes: 0,
        }
    }
}

/// A reference to a film, critic or publication.
pub(super) trait Reference: Eq + Hash + Clone {
    /// Returns the size of its strings, in bytes.
    fn text_bytes(&self) -> usize;
}

impl Reference for FilmRef {
    fn text_bytes(&self) -> usize {
        length_of_id(self.external_id.as_ref())
            + length(self.slug.as_ref())
            + length(self.title.as_ref())
    }
}

impl Reference for NamedRef {
    fn text_bytes(&self) -> usize {
        length_of_id(self.external_id.as_ref())
            + length(self.slug.as_ref())
            + length(self.name.as_ref())
            + length(self.url.as_ref())
    }
}

fn length(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}

fn length_of_id(id: Option<&ExternalId>) -> usize {
    id.map_or(0, |id| id.source.len() + id.id.len())
}

impl<T: Reference> ReferenceNumbers<T> {
    /// Returns the number of a reference, and whether it is new.
    pub(super) fn number(&mut self, reference: &T, next_ref: &mut i32) -> (i32, bool) {
        if let Some(number) = self.numbers.get(reference) {
            return (*number, false);
        }
        let bytes = size_of::<(T, i32)>() + reference.text_bytes();
        if self.bytes + bytes > MAX_REFERENCES_SIZE {
            self.numbers.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        *next_ref += 1;
        self.numbers.insert(reference.clone(), *next_ref);
        (*next_ref, true)
    }
}
