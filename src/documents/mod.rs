//! Persisted documents, which a request refers to by id or hash: trusted documents, which the operator provides, and
//! automatic persisted queries, which clients have sent before.
//!
//! This module doesn't depend on HTTP. `load` reads the files.

pub mod automatic;
pub mod hash;
pub mod load;
pub mod manifest;
pub mod trusted;

use std::{fmt, sync::Arc};

use self::{automatic::Automatic, hash::Hash, trusted::Trusted};

/// A function that validates a document. It returns the names of the operations that have one, or an error message.
pub type Check = Box<dyn Fn(&str) -> Result<Vec<String>, String> + Send + Sync>;

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
pub enum Name {
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

impl Name {
    /// Returns the id or hash without the prefix `sha256:`.
    fn id(&self) -> &str {
        match self {
            Self::Extension { hash, .. } => hash,
            Self::Id(id) => id.strip_prefix(hash::PREFIX).unwrap_or(id),
        }
    }
}

/// The document that a request runs.
#[derive(Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The text of the document.
    pub text: String,
    /// The hash under which to cache the document if it is valid.
    pub remember: Option<Hash>,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.text.len();
        write!(formatter, "a document of {length} bytes")?;
        match self.remember {
            Some(hash) => write!(formatter, ", to be cached as {hash}"),
            None => Ok(()),
        }
    }
}

/// The error of a request without a document to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// The request has neither a document nor a reference to one.
    #[error("a GraphQL request needs a string `query`, or the id or hash of a persisted document")]
    Nothing,
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
pub struct Documents {
    mode: Mode,
    trusted: Trusted,
    automatic: Automatic,
    check: Check,
}

impl fmt::Debug for Documents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Documents");
        debug
            .field("mode", &self.mode)
            .field("trusted", &self.trusted);
        debug
            .field("automatic", &self.automatic)
            .finish_non_exhaustive()
    }
}

impl Documents {
    /// Creates the documents. `bytes` is the capacity for automatic persisted queries; `check` validates these before
    /// they are cached.
    #[must_use]
    pub fn new(mode: Mode, trusted: Trusted, bytes: u64, check: Check) -> Self {
        Self {
            mode,
            trusted,
            automatic: Automatic::new(bytes),
            check,
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
        name: Option<&Name>,
    ) -> Result<Resolved, Unresolved> {
        // Some clients send an empty text together with a reference.
        let text = text.filter(|text| !text.is_empty() || name.is_none());
        match (self.mode, text, name) {
            (_, None, None) => Err(Unresolved::Nothing),
            (Mode::Off, Some(text), _) | (Mode::Allow, Some(text), None) => Ok(brought(text)),
            (Mode::Off, None, Some(_)) => Err(Unresolved::NotSupported),
            (_, _, Some(Name::Extension { version, .. })) if *version != 1 => {
                Err(Unresolved::NotSupported)
            }
            (mode, None, Some(name)) => self.named(mode, name),
            (Mode::Allow, Some(text), Some(name)) => self.named_and_brought(text, name),
            (Mode::Only, Some(text), name) => self.trusted_only(text, name),
        }
    }

    /// Caches the document as an automatic persisted query, if the request sent its hash and the check accepts it.
    pub fn remember(&self, resolved: &Resolved) {
        let Resolved { text, remember } = resolved;
        if let Some(hash) = *remember
            && !self.automatic.knows(hash)
            && (self.check)(text).is_ok()
        {
            self.automatic.add(hash, text.clone());
        }
    }

    fn named(&self, mode: Mode, name: &Name) -> Result<Resolved, Unresolved> {
        let id = name.id();
        let trusted = self.trusted.find(id).cloned();
        let found = trusted.or_else(|| {
            let hash = Hash::parse(id).filter(|_| mode == Mode::Allow)?;
            self.automatic.find(hash)
        });
        let text: Arc<str> = found.ok_or(Unresolved::NotFound)?;
        Ok(brought(text.to_string()))
    }

    fn named_and_brought(&self, text: String, name: &Name) -> Result<Resolved, Unresolved> {
        let hash = Hash::of(&text);
        if Hash::parse(name.id()) == Some(hash) {
            return Ok(Resolved {
                text,
                remember: Some(hash),
            });
        }
        let is_trusted = self
            .trusted
            .find(name.id())
            .is_some_and(|own| **own == *text);
        if is_trusted {
            Ok(brought(text))
        } else {
            Err(Unresolved::Mismatch)
        }
    }

    fn trusted_only(&self, text: String, name: Option<&Name>) -> Result<Resolved, Unresolved> {
        if !self.trusted.holds(&text) {
            return Err(Unresolved::NotTrusted);
        }
        match name {
            None => Ok(brought(text)),
            Some(name) => self
                .named_and_brought(text, name)
                .map(|found| brought(found.text)),
        }
    }
}

fn brought(text: String) -> Resolved {
    Resolved {
        text,
        remember: None,
    }
}

#[cfg(test)]
mod tests;
