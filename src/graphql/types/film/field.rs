//! The fields of a film that can change.

use async_graphql::Enum;

/// A field of a film that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FilmField {
    /// The slug.
    Slug,
    /// The title.
    Title,
    /// The year of the first release.
    Year,
    /// The date of the first release.
    ReleaseDate,
    /// The running time.
    RuntimeMinutes,
    /// The directors.
    Directors,
    /// The genres.
    Genres,
    /// The synopsis.
    Synopsis,
    /// The URL of the page on another site.
    Url,
}

impl FilmField {
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
            "title" => Self::Title,
            "year" => Self::Year,
            "release_date" => Self::ReleaseDate,
            "runtime_minutes" => Self::RuntimeMinutes,
            "directors" => Self::Directors,
            "genres" => Self::Genres,
            "synopsis" => Self::Synopsis,
            "url" => Self::Url,
            _ => return None,
        })
    }
}
