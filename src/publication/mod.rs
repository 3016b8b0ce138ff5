//! Publications: the papers, sites and programmes that publish reviews.

pub mod store;

use crate::score::Weight;

/// A publication's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicationId(pub i64);

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The publication's key.
    pub id: PublicationId,
    /// The slug: lower-case letters, digits and hyphens.
    pub slug: String,
    /// The name.
    pub name: String,
    /// The address of the publication's page on another site.
    pub url: Option<String>,
    /// The weight of the publication's reviews.
    pub weight: Weight,
    /// The version of the row, from 1 on.
    pub version: i32,
}
