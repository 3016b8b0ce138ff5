//! Publications: the papers, sites and programmes that reviews appear in.

pub mod graphql;
pub mod store;

use crate::{
    pagination::{Direction, KeyKind, OrderTag, Position, SortKey},
    score::Weight,
};

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
}

/// Which publications a list is to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PublicationFilter {
    /// With this text somewhere in the name, in upper or lower case.
    pub name: Option<String>,
}

/// What publications can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PublicationOrderField {
    /// The name, as Unicode sorts.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// The order of a list of publications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicationOrder {
    /// What to sort by.
    pub field: PublicationOrderField,
    /// Which end comes first.
    pub direction: Direction,
}

impl PublicationOrder {
    /// By name, unless said.
    pub const DEFAULT: Self = Self {
        field: PublicationOrderField::Name,
        direction: Direction::Ascending,
    };

    /// The order as its cursors know it.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind) = match self.field {
            PublicationOrderField::Name => ("name", KeyKind::Text),
            PublicationOrderField::ReviewCount => ("reviewCount", KeyKind::Number),
        };
        OrderTag {
            name,
            kind,
            nullable: false,
            direction: self.direction,
        }
    }

    /// Where a publication with so many reviews stands in this order.
    #[must_use]
    pub fn position(self, publication: &Publication, review_count: u32) -> Position {
        let key = match self.field {
            PublicationOrderField::Name => SortKey::Text(publication.name.clone()),
            PublicationOrderField::ReviewCount => SortKey::Number(review_count.into()),
        };
        Position {
            key,
            id: publication.id.0,
        }
    }
}
