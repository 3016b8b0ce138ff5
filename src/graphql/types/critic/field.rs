//! The fields of a critic that can change.

use async_graphql::Enum;

/// A field of a critic that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CriticField {
    /// The slug.
    Slug,
    /// The name.
    Name,
    /// The URL of the page on another site.
    Url,
}

impl CriticField {
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
            _ => return None,
        })
    }
}
