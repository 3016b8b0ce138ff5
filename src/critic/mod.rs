//! Critics: the people who review films.

pub mod store;

/// A critic's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CriticId(pub i64);

/// A critic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Critic {
    /// Its key.
    pub id: CriticId,
    /// Its name in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// As shown.
    pub name: String,
    /// Its page elsewhere.
    pub url: Option<String>,
    /// Which of its states this is, from 1 on.
    pub version: i32,
}
