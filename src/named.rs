//! What critics and publications have in common as lists: they are found by their names and sorted by name or by number of reviews.

use crate::pagination::{Direction, KeyKind, OrderTag, Position, SortKey};

/// Which named things a list is to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NameFilter {
    /// With this text somewhere in the name, in upper or lower case.
    pub name: Option<String>,
}

/// What named things can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedOrderField {
    /// The name, as Unicode sorts.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// The order of a list of named things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedOrder {
    /// What to sort by.
    pub field: NamedOrderField,
    /// Which end comes first.
    pub direction: Direction,
}

impl NamedOrder {
    /// By name, unless said.
    pub const DEFAULT: Self = Self::new(NamedOrderField::Name, None);

    /// An order in a direction; the natural one unless said: A first for names, the most for numbers of reviews.
    #[must_use]
    pub const fn new(field: NamedOrderField, direction: Option<Direction>) -> Self {
        let direction = match (direction, field) {
            (Some(direction), _) => direction,
            (None, NamedOrderField::Name) => Direction::Ascending,
            (None, NamedOrderField::ReviewCount) => Direction::Descending,
        };
        Self { field, direction }
    }

    /// The order as its cursors know it.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind) = match self.field {
            NamedOrderField::Name => ("name", KeyKind::Text),
            NamedOrderField::ReviewCount => ("reviewCount", KeyKind::Number),
        };
        OrderTag {
            name,
            kind,
            nullable: false,
            direction: self.direction,
        }
    }

    /// Where what is called `name`, has the key `id` and so many reviews stands in this order.
    #[must_use]
    pub fn position(self, name: &str, id: i64, review_count: u32) -> Position {
        let key = match self.field {
            NamedOrderField::Name => SortKey::Text(name.to_owned()),
            NamedOrderField::ReviewCount => SortKey::Number(review_count.into()),
        };
        Position { key, id }
    }
}
