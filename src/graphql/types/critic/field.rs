//! The fields of a critic that can change.

use async_graphql::Enum;

use crate::graphql::types::changed_field::ChangedField;

/// A field of a critic that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CriticField {
    /// The slug.
    Slug,
    /// The name.
    Name,
    /// The URL of the page on another site.
    Url,
    /// The identifiers at sources.
    ExternalIds,
}

impl ChangedField for CriticField {
    fn of_column(column: &str) -> Option<Self> {
        Some(match column {
            "slug" => Self::Slug,
            "name" => Self::Name,
            "url" => Self::Url,
            "external_ids" => Self::ExternalIds,
            _ => return None,
        })
    }
}
