//! Erasures: the record that a critic was erased, without the name.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::CriticId;

/// The record that a critic was erased.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Erasure {
    /// The key of the record.
    pub id: i64,
    /// The key that the critic had.
    pub critic: CriticId,
    /// The time of the erasure.
    pub erased_at: DateTime<Utc>,
    /// The actor that erased the critic.
    pub erased_by: String,
    /// The number of reviews whose byline was replaced.
    pub reviews: i64,
    /// The number of earlier versions of reviews that were changed.
    pub revisions: i64,
    /// Whether the excerpts and URLs of the reviews were removed.
    pub texts_removed: bool,
}
