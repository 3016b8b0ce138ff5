//! Publications: the papers, sites and programmes that reviews appear in.

pub mod store;

use crate::score::Weight;

/// A publication's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicationId(pub i64);

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its key.
    pub id: PublicationId,
    /// Its name in addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// As shown.
    pub name: String,
    /// Its page elsewhere.
    pub url: Option<String>,
    /// How much a review in it counts.
    pub weight: Weight,
    /// Which of its states this is, from 1 on.
    pub version: i32,
}
