//! Trusted documents, which the operator of the server provides.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::Arc,
};

use super::hash::DocumentHash;

/// Trusted documents, by their ids and by their texts.
#[derive(Clone, Default)]
pub struct TrustedDocuments {
    by_id: HashMap<String, Arc<str>>,
    by_hash: HashMap<DocumentHash, Arc<str>>,
}

/// The error of two different documents with the same id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two documents have the id \"{0}\"")]
pub struct DuplicateId(String);

impl TrustedDocuments {
    /// Adds a document. It can be found by its id and by the hash of its text.
    ///
    /// # Errors
    ///
    /// When another document has the same id.
    pub fn add(&mut self, id: String, text: &str) -> Result<(), DuplicateId> {
        let text: Arc<str> = text.into();
        match self.by_id.entry(id) {
            Entry::Occupied(other) if **other.get() != *text => {
                return Err(DuplicateId(other.key().clone()));
            }
            Entry::Occupied(_) => {}
            Entry::Vacant(vacant) => {
                vacant.insert(Arc::clone(&text));
            }
        }
        self.by_hash.insert(DocumentHash::of(&text), text);
        Ok(())
    }

    /// Returns the text with that id, or with that hash.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Arc<str>> {
        let by_hash = || self.by_hash.get(&DocumentHash::parse(id)?);
        self.by_id.get(id).or_else(by_hash)
    }

    /// Returns whether a text is a trusted document, byte for byte.
    #[must_use]
    pub fn contains_text(&self, text: &str) -> bool {
        self.by_hash.contains_key(&DocumentHash::of(text))
    }

    /// Returns the number of different texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Returns whether there are no documents.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }
}

impl fmt::Debug for TrustedDocuments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} trusted documents", self.len())
    }
}
