//! Documents that a request names instead of bringing them: trusted ones, which the site lays down, and those that clients have brought
//! before.
//!
//! The rules are here and know nothing of HTTP; what reads files stands in `load`.

pub mod automatic;
pub mod hash;
pub mod load;
pub mod manifest;
pub mod trusted;

use std::{fmt, sync::Arc};

use self::{automatic::Automatic, hash::Hash, trusted::Trusted};

/// Tells the names of a document's operations, as far as they have some; or what is wrong with it, in words.
pub type Check = Box<dyn Fn(&str) -> Result<Vec<String>, String> + Send + Sync>;

/// What requests may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What they bring; nothing by a name.
    Off,
    /// What they bring, trusted documents by their ids, and what was brought before by its hash.
    #[default]
    Allow,
    /// Trusted documents.
    Only,
}

/// How a request names a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// By the extension `persistedQuery` of Apollo's.
    Extension {
        /// Which version of it; there has been one.
        version: i64,
        /// The hash, or the id if the document is a trusted one.
        hash: String,
    },
    /// By an id: `documentId` as GraphQL over HTTP has it, `doc_id` and `id` as Relay's clients do.
    Id(String),
}

impl Name {
    /// Without the prefix that says how it was made.
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
    /// Its text.
    pub text: String,
    /// By which hash it is to be found from now on, if it turns out to be good.
    pub remember: Option<Hash>,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.text.len();
        write!(formatter, "a document of {length} bytes")?;
        match self.remember {
            Some(hash) => write!(formatter, ", to be remembered by {hash}"),
            None => Ok(()),
        }
    }
}

/// Why there is no document to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// The request neither brings one nor names one.
    #[error("a GraphQL request has a string `query`, or names a persisted document")]
    Nothing,
    /// Nobody knows a document of that name. The words are those that clients wait for before they bring it.
    #[error("PersistedQueryNotFound")]
    NotFound,
    /// Documents can't be named, or not in this version. The words are those by which clients know to bring them always.
    #[error("PersistedQueryNotSupported")]
    NotSupported,
    /// The document isn't the one that is named.
    #[error("the document is not the one whose hash or id the request names")]
    Mismatch,
    /// The document isn't trusted.
    #[error("only trusted documents are executed here, and this is none of them")]
    NotTrusted,
}

/// All documents that can be named. One a process, shared by all its workers.
pub struct Documents {
    mode: Mode,
    trusted: Trusted,
    automatic: Automatic,
    check: Check,
}

impl fmt::Debug for Documents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = formatter.debug_struct("Documents");
        told.field("mode", &self.mode)
            .field("trusted", &self.trusted);
        told.field("automatic", &self.automatic)
            .finish_non_exhaustive()
    }
}

impl Documents {
    /// With trusted documents, room in bytes for those that clients bring, and what tells whether those are good.
    #[must_use]
    pub fn new(mode: Mode, trusted: Trusted, bytes: u64, check: Check) -> Self {
        Self {
            mode,
            trusted,
            automatic: Automatic::new(bytes),
            check,
        }
    }

    /// Finds the document that a request runs by what it brings and by what it names.
    ///
    /// # Errors
    ///
    /// When there is none, or it may not be run.
    pub fn resolve(
        &self,
        text: Option<String>,
        name: Option<&Name>,
    ) -> Result<Resolved, Unresolved> {
        // Who names a document may leave its text empty.
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

    /// Remembers a document for requests that name it, if it is good. It has been found so far that it can be executed.
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
