//! Critics: the people who review films.

pub mod erasure;
pub mod store;

/// A critic's key in the database.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize,
)]
pub struct CriticId(pub i64);

/// A critic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Critic {
    /// The critic's key.
    pub id: CriticId,
    /// The slug: lower-case letters, digits and hyphens.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The address of the critic's page on another site.
    pub url: Option<String>,
    /// The version of the row, from 1 on.
    pub version: i32,
}
