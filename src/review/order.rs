//! The order of a list of reviews.

use super::Review;
use crate::pagination::{Direction, KeyKind, OrderTag, Position, SortKey};

/// A sort key of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReviewOrderField {
    /// The order in which the rows were inserted.
    Added,
    /// The score.
    Score,
    /// The day of publication.
    Date,
}

/// The order of a list of reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewOrder {
    /// The sort key.
    pub field: ReviewOrderField,
    /// The direction of the sort key.
    pub direction: Direction,
}

impl ReviewOrder {
    /// The default order: as inserted, which for imported reviews is the order of the imported page.
    pub const DEFAULT: Self = Self {
        field: ReviewOrderField::Added,
        direction: Direction::Ascending,
    };

    /// Returns the tag that identifies the order in cursors.
    #[must_use]
    pub const fn tag(self) -> OrderTag {
        let (name, kind) = match self.field {
            ReviewOrderField::Added => ("added", KeyKind::None),
            ReviewOrderField::Score => ("score", KeyKind::Number),
            ReviewOrderField::Date => ("date", KeyKind::Date),
        };
        OrderTag {
            name,
            kind,
            is_nullable: true,
            direction: self.direction,
        }
    }

    /// Returns the position of a review in this order.
    #[must_use]
    pub fn position(self, review: &Review) -> Position {
        let key = match self.field {
            ReviewOrderField::Added => SortKey::Missing,
            ReviewOrderField::Score => review.score.map_or(SortKey::Missing, |score| {
                SortKey::Number(score.get().into())
            }),
            ReviewOrderField::Date => review.reviewed_on.map_or(SortKey::Missing, SortKey::Date),
        };
        Position {
            key,
            id: review.id.0,
        }
    }
}
