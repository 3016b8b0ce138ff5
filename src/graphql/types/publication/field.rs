//! The fields of a publication that can change.

use async_graphql::Enum;

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

impl PublicationField {
    /// Returns the fields of columns, without unknown columns.
    #[must_use]
    pub fn of(columns: &[String]) -> Vec<Self> {
        columns
            .iter()
            .filter_map(|column| Self::of_column(column))
            .collect()
    }

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
