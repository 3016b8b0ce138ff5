//! Persisted documents, which a request refers to by id or hash: trusted documents, which the operator provides, and
//! automatic persisted queries, which clients have sent before.
//!
//! This module doesn't depend on HTTP. `load` reads the files.

pub mod apq_cache;
pub mod hash;
pub mod load;
pub mod manifest;
pub mod trusted;

use std::{fmt, sync::Arc};

use self::{apq_cache::ApqCache, hash::DocumentHash, trusted::TrustedDocuments};

/// A function that validates a document. It returns the names of the operations that have one, or an error message.
pub type DocumentValidator = Box<dyn Fn(&str) -> Result<Vec<String>, String> + Send + Sync>;

/// The documents that requests may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Documents sent with the request; no persisted documents.
    Off,
    /// Documents sent with the request, trusted documents by id, and automatic persisted queries by hash.
    #[default]
    Allow,
    /// Trusted documents only.
    Only,
}

/// A request's reference to a persisted document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentReference {
    /// Apollo's extension `persistedQuery`.
    Extension {
        /// The version of the extension; only version 1 exists.
        version: i64,
        /// The hash of the document, or the id of a trusted document.
        hash: String,
    },
    /// An id: `documentId` of GraphQL over HTTP, or `doc_id` or `id` of Relay clients.
    Id(String),
}

impl DocumentReference {
    /// Returns the id or hash without the prefix `sha256:`.
    fn id(&self) -> &str {
        match self {
            Self::Extension { hash, .. } => hash,
            Self::Id(id) => id.strip_prefix(hash::ID_PREFIX).unwrap_or(id),
        }
    }
}

/// The document that a request runs.
#[derive(Clone, PartialEq, Eq)]
pub struct ResolvedDocument {
    /// The text of the document.
    pub text: String,
    /// The hash under which to cache the document if it is valid.
    pub cache_key: Option<DocumentHash>,
}

impl fmt::Debug for ResolvedDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.text.len();
        write!(formatter, "a document of {length} bytes")?;
        match self.cache_key {
            Some(hash) => write!(formatter, ", to be cached as {hash}"),
            None => Ok(()),
        }
    }
}

/// The error of a request without a document to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The request has neither a document nor a reference to one.
    #[error("a GraphQL request needs a string `query`, or the id or hash of a persisted document")]
    MissingDocument,
    /// No persisted document has that id or hash. On this message, clients of automatic persisted queries send the
    /// text.
    #[error("PersistedQueryNotFound")]
    NotFound,
    /// Persisted documents are disabled, or the version of the extension is unknown. On this message, clients send the
    /// text with every request.
    #[error("PersistedQueryNotSupported")]
    NotSupported,
    /// The text isn't that of the referenced document.
    #[error("the document doesn't match the id or hash that the request refers to")]
    Mismatch,
    /// The document isn't trusted.
    #[error("this server executes only trusted documents, and this document isn't one of them")]
    NotTrusted,
}

/// All persisted documents. A process has one instance, shared by its workers.
pub struct PersistedDocuments {
    mode: Mode,
    trusted: TrustedDocuments,
    apq_cache: ApqCache,
    validator: DocumentValidator,
}

impl fmt::Debug for PersistedDocuments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("PersistedDocuments");
        debug
            .field("mode", &self.mode)
            .field("trusted", &self.trusted);
        debug
            .field("apq_cache", &self.apq_cache)
            .finish_non_exhaustive()
    }
}

impl PersistedDocuments {
    /// Creates the documents. `apq_cache_bytes` is the capacity for automatic persisted queries; `validator` validates
    /// these before they are cached.
    #[must_use]
    pub fn new(
        mode: Mode,
        trusted: TrustedDocuments,
        apq_cache_bytes: u64,
        validator: DocumentValidator,
    ) -> Self {
        Self {
            mode,
            trusted,
            apq_cache: ApqCache::new(apq_cache_bytes),
            validator,
        }
    }

    /// Returns the document that a request runs, by its text and its reference to a persisted document.
    ///
    /// # Errors
    ///
    /// When there is no such document, it doesn't match the reference, or the mode doesn't allow it.
    pub fn resolve(
        &self,
        text: Option<String>,
        reference: Option<&DocumentReference>,
    ) -> Result<ResolvedDocument, ResolveError> {
        // Some clients send an empty text together with a reference.
        let text = text.filter(|text| !text.is_empty() || reference.is_none());
        match (self.mode, text, reference) {
            (_, None, None) => Err(ResolveError::MissingDocument),
            (Mode::Off, Some(text), _) | (Mode::Allow, Some(text), None) => Ok(uncached(text)),
            (Mode::Off, None, Some(_)) => Err(ResolveError::NotSupported),
            (_, _, Some(DocumentReference::Extension { version, .. })) if *version != 1 => {
                Err(ResolveError::NotSupported)
            }
            (mode, None, Some(reference)) => self.resolve_reference(mode, reference),
            (Mode::Allow, Some(text), Some(reference)) => {
                self.resolve_text_and_reference(text, reference)
            }
            (Mode::Only, Some(text), reference) => self.resolve_trusted(text, reference),
        }
    }

    /// Caches the document as an automatic persisted query, if the request sent its hash and the validator accepts it.
    pub fn cache_if_valid(&self, resolved: &ResolvedDocument) {
        let ResolvedDocument { text, cache_key } = resolved;
        if let Some(hash) = *cache_key
            && !self.apq_cache.contains(hash)
            && (self.validator)(text).is_ok()
        {
            self.apq_cache.insert(hash, text.clone());
        }
    }

    fn resolve_reference(
        &self,
        mode: Mode,
        reference: &DocumentReference,
    ) -> Result<ResolvedDocument, ResolveError> {
        let id = reference.id();
        let trusted = self.trusted.find(id).cloned();
        let text = trusted.or_else(|| {
            let hash = DocumentHash::parse(id).filter(|_| mode == Mode::Allow)?;
            self.apq_cache.get(hash)
        });
        let text: Arc<str> = text.ok_or(ResolveError::NotFound)?;
        Ok(uncached(text.to_string()))
    }

    fn resolve_text_and_reference(
        &self,
        text: String,
        reference: &DocumentReference,
    ) -> Result<ResolvedDocument, ResolveError> {
        let hash = DocumentHash::of(&text);
        if DocumentHash::parse(reference.id()) == Some(hash) {
            return Ok(ResolvedDocument {
                text,
                cache_key: Some(hash),
            });
        }
        let is_trusted = self
            .trusted
            .find(reference.id())
            .is_some_and(|trusted| **trusted == *text);
        if is_trusted {
            Ok(uncached(text))
        } else {
            Err(ResolveError::Mismatch)
        }
    }

    fn resolve_trusted(
        &self,
        text: String,
        reference: Option<&DocumentReference>,
    ) -> Result<ResolvedDocument, ResolveError> {
        if !self.trusted.contains_text(&text) {
            return Err(ResolveError::NotTrusted);
        }
        match reference {
            None => Ok(uncached(text)),
            Some(reference) => self
                .resolve_text_and_reference(text, reference)
                .map(|resolved| uncached(resolved.text)),
        }
    }
}

fn uncached(text: String) -> ResolvedDocument {
    ResolvedDocument {
        text,
        cache_key: None,
    }
}

#[cfg(test)]
mod tests;
