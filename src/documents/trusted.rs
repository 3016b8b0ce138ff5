//! Documents that the site lays down.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::Arc,
};

use super::hash::Hash;

/// Trusted documents, by their ids and by their texts.
#[derive(Clone, Default)]
pub struct Trusted {
    by_id: HashMap<String, Arc<str>>,
    by_hash: HashMap<Hash, Arc<str>>,
}

/// Two documents have the same id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two documents have the id \"{0}\"")]
pub struct Twice(String);

impl Trusted {
    /// Takes one in. It is found by its id, and by its text's hash whatever its id.
    ///
    /// # Errors
    ///
    /// When another one has its id.
    pub fn add(&mut self, id: String, text: &str) -> Result<(), Twice> {
        let text: Arc<str> = text.into();
        match self.by_id.entry(id) {
            Entry::Occupied(other) if **other.get() != *text => {
                return Err(Twice(other.key().clone()));
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(place) => {
                place.insert(Arc::clone(&text));
            }
        }
        self.by_hash.insert(Hash::of(&text), text);
        Ok(())
    }

    /// The text of an id, or of a text's hash.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Arc<str>> {
        let by_hash = || self.by_hash.get(&Hash::parse(id)?);
        self.by_id.get(id).or_else(by_hash)
    }

    /// Whether a text is one of them, byte for byte.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        self.by_hash.contains_key(&Hash::of(text))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }
}

impl fmt::Debug for Trusted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} trusted documents", self.len())
    }
}
