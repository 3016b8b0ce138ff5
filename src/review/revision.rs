//! The revisions of a review.

use chrono::{DateTime, Utc};

use super::Review;
use crate::pagination::{Direction, KeyKind, OrderTag, Position, SortKey};

/// A version of a review that an update or a deletion has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRevision {
    /// The replaced version. Its `created_at` and `updated_at` are both the time at which this version began.
    pub state: Review,
    /// The time at which the version was replaced.
    pub replaced_at: DateTime<Utc>,
    /// The actor that replaced the version: an actor of the API, a command, or a role of the database.
    pub replaced_by: String,
    /// The names of the changed columns.
    pub changed: Vec<String>,
    /// The operation that replaced the version.
    pub end: RevisionEnd,
}

impl ReviewRevision {
    /// The order of lists of revisions: the latest first.
    pub const ORDER: OrderTag = OrderTag {
        name: "version",
        kind: KeyKind::None,
        is_nullable: false,
        direction: Direction::Descending,
    };

    /// Returns the position of the revision in its list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            key: SortKey::Missing,
            id: self.state.version.into(),
        }
    }
}

/// The operation that replaced a version of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevisionEnd {
    /// The review was changed.
    Updated,
    /// The review was deleted.
    Deleted,
}
