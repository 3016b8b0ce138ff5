//! Global ids: one id space for all nodes, as Relay's Global Object Identification requires.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The type of the object that a global id identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A film.
    Film,
    /// A critic.
    Critic,
    /// A publication.
    Publication,
    /// A review.
    Review,
    /// An API token, which `node` doesn't return.
    ApiToken,
}

impl Kind {
    /// Every type.
    pub const ALL: [Self; 5] = [
        Self::Film,
        Self::Critic,
        Self::Publication,
        Self::Review,
        Self::ApiToken,
    ];

    /// Returns the name of the GraphQL type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Film => "Film",
            Self::Critic => "Critic",
            Self::Publication => "Publication",
            Self::Review => "Review",
            Self::ApiToken => "ApiToken",
        }
    }
}

/// An id that is unique over all kinds. It is opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GlobalId {
    /// The type of the object.
    pub kind: Kind,
    /// The primary key of the row.
    pub key: i64,
}

impl GlobalId {
    /// Encodes the id for clients.
    #[must_use]
    pub fn encode(self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{}", self.kind.name(), self.key))
    }

    /// Decodes the result of [`encode`](Self::encode); returns `None` for any other string.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (name, key) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
        let id = Self {
            kind: Kind::ALL.into_iter().find(|kind| kind.name() == name)?,
            key: key.parse().ok().filter(|key| *key > 0)?,
        };
        // Only the canonical encoding is accepted, because client caches compare ids as strings.
        (id.encode() == text).then_some(id)
    }
}

#[cfg(any(test, feature = "properties"))]
pub mod properties;

#[cfg(test)]
mod tests;
