//! Critics: the people who review films.

pub mod graphql;
pub mod store;

use crate::pagination::{Direction, KeyKind, OrderTag, Position, SortKey};

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
}

/// Which critics a list is to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CriticFilter {
    /// With this text somewhere in the name, in upper or lower case.
    pub name: Option<String>,
}

/// What critics can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CriticOrderField {
    /// The name, as Unicode sorts.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// The order of a list of critics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CriticOrder {
    /// What to sort by.
    pub field: CriticOrderField,
    /// Which end comes first.
    pub direction: Direction,
}

impl CriticOrder {
    /// By name, unless said.
    pub const DEFAULT: Self = Self {
        field: CriticOrderField::Name,
        direction: Direction::Ascending,
    };

    /// The order as its cursors know it.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind) = match self.field {
            CriticOrderField::Name => ("name", KeyKind::Text),
            CriticOrderField::ReviewCount => ("reviewCount", KeyKind::Number),
        };
        OrderTag {
            name,
            kind,
            nullable: false,
            direction: self.direction,
        }
    }

    /// Where a critic with so many reviews stands in this order.
    #[must_use]
    pub fn position(self, critic: &Critic, review_count: u32) -> Position {
        let key = match self.field {
            CriticOrderField::Name => SortKey::Text(critic.name.clone()),
            CriticOrderField::ReviewCount => SortKey::Number(review_count.into()),
        };
        Position {
            key,
            id: critic.id.0,
        }
    }
}
