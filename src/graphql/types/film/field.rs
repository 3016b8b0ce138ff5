//! The fields of a film that can change.

use async_graphql::Enum;

use crate::graphql::types::changed_field::ChangedField;

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
    /// The identifiers at sources.
    ExternalIds,
    /// The countries of production.
    Countries,
    /// The cast.
    Cast,
    /// The other titles.
    AlternativeTitles,
    /// The poster.
    Poster,
}

impl ChangedField for FilmField {
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
            "external_ids" => Self::ExternalIds,
            "countries" => Self::Countries,
            "cast_members" => Self::Cast,
            "alternative_titles" => Self::AlternativeTitles,
            "poster" => Self::Poster,
            _ => return None,
        })
    }
}
