//! The filter and the order of a list of critics.

use async_graphql::{Enum, Error, InputObject, Result};

use crate::{
    graphql::{
        constraint::{NAME, NOT_A_LIST, constraint},
        filter::substring,
        order::OrderDirection,
    },
    named::{NameFilter, NamedOrder},
};

/// A filter of critics. A critic must match all fields that aren't null.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "CriticFilter")]
pub struct CriticFilterInput {
    /// Only critics whose name contains this string, ignoring case, accents and blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: Option<String>,
}

impl TryFrom<CriticFilterInput> for NameFilter {
    type Error = Error;

    fn try_from(CriticFilterInput { name }: CriticFilterInput) -> Result<Self> {
        let name = substring("name", name)?;
        Ok(Self { name })
    }
}

/// The sort keys of critics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::named::NamedOrderField")]
pub enum CriticOrderField {
    /// The name, in Unicode's collation order.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// An order of critics. Critics with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "CriticOrder")]
pub struct CriticOrderInput {
    /// The sort key.
    field: CriticOrderField,
    /// The direction; when null, ascending for `NAME` and descending for `REVIEW_COUNT`.
    direction: Option<OrderDirection>,
}

impl From<CriticOrderInput> for NamedOrder {
    fn from(CriticOrderInput { field, direction }: CriticOrderInput) -> Self {
        Self::new(field.into(), direction.map(Into::into))
    }
}
