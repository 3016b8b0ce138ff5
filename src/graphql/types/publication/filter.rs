//! The filter and the order of a list of publications.

use async_graphql::{Enum, Error, InputObject, Result};

use crate::{
    graphql::{
        constraint::{NAME, NOT_A_LIST, constraint},
        filter::substring,
        order::OrderDirection,
    },
    named::{NameFilter, NamedOrder},
};

/// A filter of publications. A publication must match all fields that aren't null.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "PublicationFilter")]
pub struct PublicationFilterInput {
    /// Only publications whose name contains this string, ignoring case, accents and blanks around it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: Option<String>,
}

impl TryFrom<PublicationFilterInput> for NameFilter {
    type Error = Error;

    fn try_from(PublicationFilterInput { name }: PublicationFilterInput) -> Result<Self> {
        let name = substring("name", name)?;
        Ok(Self { name })
    }
}

/// The sort keys of publications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::named::NamedOrderField")]
pub enum PublicationOrderField {
    /// The name, in Unicode's collation order.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// An order of publications. Publications with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "PublicationOrder")]
pub struct PublicationOrderInput {
    /// The sort key.
    field: PublicationOrderField,
    /// The direction; when null, ascending for `NAME` and descending for `REVIEW_COUNT`.
    direction: Option<OrderDirection>,
}

impl From<PublicationOrderInput> for NamedOrder {
    fn from(PublicationOrderInput { field, direction }: PublicationOrderInput) -> Self {
        Self::new(field.into(), direction.map(Into::into))
    }
}
