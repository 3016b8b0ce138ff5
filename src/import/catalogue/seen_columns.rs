//! The mapping from the columns of a file to the columns of the tables.

use crate::{
    catalogue::{Column, Columns, record::Record},
    import::rows::TableColumns,
};

/// The columns of the file that rows of each kind have.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeenColumns {
    film: Columns,
    critic: Columns,
    publication: Columns,
    published_score: Columns,
    review: Columns,
}

impl SeenColumns {
    /// Creates the columns of a file whose rows all have the same columns.
    #[must_use]
    pub const fn in_every_row(columns: Columns) -> Self {
        Self {
            film: columns,
            critic: columns,
            publication: columns,
            published_score: columns,
            review: columns,
        }
    }

    /// Adds the columns of a row.
    pub fn add(&mut self, record: &Record, columns: Columns) {
        let seen = match record {
            Record::Film(_) => &mut self.film,
            Record::Critic(_) => &mut self.critic,
            Record::Publication(_) => &mut self.publication,
            Record::Review(_) => &mut self.review,
            Record::PublishedScore(_) => &mut self.published_score,
        };
        *seen = seen.union(columns);
    }

    /// Returns the table columns for which the file has values.
    #[must_use]
    pub fn table_columns(self) -> TableColumns {
        TableColumns {
            film: provided_columns(&FILM, self.film),
            critic: provided_columns(&CRITIC, self.critic),
            publication: provided_columns(&PUBLICATION, self.publication),
            published_score: provided_columns(&PUBLISHED_SCORE, self.published_score),
            review: provided_columns(&REVIEW, self.review),
        }
    }
}

/// A column of a table, and the columns of a file that provide its value.
type ColumnSources = (&'static str, &'static [Column]);

const FILM: [ColumnSources; 15] = [
    ("title", &[Column::Film]),
    // A release date implies the year.
    ("year", &[Column::FilmYear, Column::ReleaseDate]),
    ("release_date", &[Column::ReleaseDate]),
    ("runtime_minutes", &[Column::RuntimeMinutes]),
    ("directors", &[Column::Directors]),
    ("genres", &[Column::Genres]),
    ("synopsis", &[Column::Synopsis]),
    ("url", &[Column::Url]),
    ("countries", &[Column::Countries]),
    ("cast_members", &[Column::Cast]),
    (
        "alternative_titles",
        &[Column::AlternativeTitles, Column::OriginalTitle],
    ),
    ("poster_url", &[Column::PosterUrl]),
    ("poster_width", &[Column::PosterWidth]),
    ("poster_height", &[Column::PosterHeight]),
    ("poster_alt", &[Column::PosterAlt]),
];

const CRITIC: [ColumnSources; 2] = [("name", &[Column::Critic]), ("url", &[Column::Url])];

const PUBLICATION: [ColumnSources; 3] = [
    ("name", &[Column::Publication]),
    ("url", &[Column::Url]),
    ("weight", &[Column::Weight]),
];

/// The three columns that together provide the value of a published score.
const VALUE: &[Column] = &[Column::Score, Column::OriginalScore, Column::Scale];

const PUBLISHED_SCORE: [ColumnSources; 8] = [
    ("value", VALUE),
    ("scale", VALUE),
    ("original_value", VALUE),
    ("label", &[Column::Label]),
    ("review_count", &[Column::ReviewCount]),
    ("positive_count", &[Column::PositiveCount]),
    ("mixed_count", &[Column::MixedCount]),
    ("negative_count", &[Column::NegativeCount]),
];

/// The three columns that together provide a score.
const SCORE: &[Column] = &[Column::Score, Column::OriginalScore, Column::ScoreRule];

const REVIEW: [ColumnSources; 13] = [
    ("film_id", &[Column::Film, Column::FilmSlug]),
    ("critic_id", &[Column::Critic, Column::CriticSlug]),
    (
        "publication_id",
        &[Column::Publication, Column::PublicationSlug],
    ),
    ("score", SCORE),
    ("original_score", SCORE),
    ("score_rule", SCORE),
    ("sentiment", &[Column::Sentiment]),
    ("recommended", &[Column::Recommended]),
    ("top_critic", &[Column::TopCritic]),
    ("byline", &[Column::Byline]),
    ("excerpt", &[Column::Excerpt]),
    ("url", &[Column::Url]),
    ("reviewed_on", &[Column::ReviewedOn]),
];

/// Returns the table columns for which at least one column of the file was seen.
fn provided_columns(columns: &[ColumnSources], seen: Columns) -> Vec<&'static str> {
    columns
        .iter()
        .filter(|(_, sources)| sources.iter().any(|column| seen.contains(*column)))
        .map(|(name, _)| *name)
        .collect()
}
