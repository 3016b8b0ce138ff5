//! Directions of orders.

use async_graphql::Enum;

/// Which end of an order comes first. What has no value (no score, no date) stands at the end in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::pagination::Direction")]
pub enum OrderDirection {
    /// The smallest, the oldest, or A first.
    #[graphql(name = "ASC")]
    Ascending,
    /// The greatest, the newest, or Z first.
    #[graphql(name = "DESC")]
    Descending,
}
