//! The kinds of rows.

use super::{Column, Columns, cell::VariantNames};

/// The kind of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// A review. The default of a row without a kind.
    Review,
    /// A film.
    Film,
    /// A critic.
    Critic,
    /// A publication.
    Publication,
    /// A score that a source publishes for a film.
    PublishedScore,
}

/// The names of the kinds in files.
pub(super) const KIND_NAMES: VariantNames<RowKind> = VariantNames {
    all: &RowKind::ALL,
    name: RowKind::name,
};

impl RowKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Review,
        Self::Film,
        Self::Critic,
        Self::Publication,
        Self::PublishedScore,
    ];

    /// Returns the name in the column `kind`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Film => "film",
            Self::Critic => "critic",
            Self::Publication => "publication",
            Self::PublishedScore => "published_score",
        }
    }

    /// Returns the name to use within a sentence.
    pub(super) const fn display_name(self) -> &'static str {
        match self {
            Self::PublishedScore => "published score",
            _ => self.name(),
        }
    }

    /// Returns the columns that a row of this kind uses.
    #[must_use]
    #[rustfmt::skip]
    pub const fn columns(self) -> Columns {
        use Column::{
            AlternativeTitles, Audience, Byline, Cast, Countries, Critic, CriticSlug, Directors, Excerpt, ExternalId, ExternalIds,
            Film, FilmSlug, FilmYear, Genres, Kind, Label, Measure, MixedCount, NegativeCount, OriginalScore, OriginalTitle,
            PositiveCount, PosterAlt, PosterHeight, PosterUrl, PosterWidth, Publication, PublicationSlug, Recommended, ReleaseDate, ReviewCount, ReviewedOn, RuntimeMinutes, Scale, Score, ScoreRule,
            Sentiment, Source, Synopsis, TopCritic, Url, Weight,
        };
        match self {
            Self::Review => Columns::of(&[
                Kind, FilmSlug, Film, FilmYear, CriticSlug, Critic, PublicationSlug, Publication, Score, OriginalScore,
                ScoreRule, Sentiment, Recommended, TopCritic, Byline, Excerpt, Url, ReviewedOn, Source, ExternalId,
            ]),
            Self::Film => Columns::of(&[
                Kind, FilmSlug, Film, FilmYear, Url, ReleaseDate, RuntimeMinutes, Directors, Genres, Countries,
                Cast, OriginalTitle, AlternativeTitles, PosterUrl, PosterWidth, PosterHeight, PosterAlt, Synopsis,
                ExternalIds,
            ]),
            Self::Critic => Columns::of(&[Kind, CriticSlug, Critic, Url, ExternalIds]),
            Self::Publication => Columns::of(&[Kind, PublicationSlug, Publication, Url, Weight]),
            Self::PublishedScore => Columns::of(&[
                Kind, FilmSlug, Film, FilmYear, Score, OriginalScore, Source, Measure, Audience, Scale, Label,
                ReviewCount, PositiveCount, MixedCount, NegativeCount,
            ]),
        }
    }
}
