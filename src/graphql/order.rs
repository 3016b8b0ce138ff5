//! The direction of an order.

use async_graphql::Enum;

/// The direction of an order. Items without a value (no score, no date) come last in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::pagination::Direction")]
pub enum OrderDirection {
    /// Ascending: smallest, oldest or alphabetically first values first.
    #[graphql(name = "ASC")]
    Ascending,
    /// Descending: largest, newest or alphabetically last values first.
    #[graphql(name = "DESC")]
    Descending,
}
