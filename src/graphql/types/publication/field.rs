//! The fields of a publication that can change.

use async_graphql::Enum;

use crate::graphql::types::changed_field::ChangedField;

/// A field of a publication that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PublicationField {
    /// The slug.
    Slug,
    /// The name.
    Name,
    /// The URL of the page on another site.
    Url,
    /// The weight of its reviews in scores.
    Weight,
}

impl ChangedField for PublicationField {
    fn of_column(column: &str) -> Option<Self> {
        Some(match column {
            "slug" => Self::Slug,
            "name" => Self::Name,
            "url" => Self::Url,
            "weight" => Self::Weight,
            _ => return None,
        })
    }
}
