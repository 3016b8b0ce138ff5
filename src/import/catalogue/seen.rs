//! The mapping from the columns of a file to the columns of the tables.

use crate::{
    catalogue::{Column, Columns, record::Record},
    import::rows::Given,
};

/// The columns of the file that rows of each kind have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    film: Columns,
    critic: Columns,
    publication: Columns,
    published_score: Columns,
    review: Columns,
}

impl Seen {
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
    pub fn note(&mut self, record: &Record, columns: Columns) {
        let seen = match record {
            Record::Film(_) => &mut self.film,
            Record::Critic(_) => &mut self.critic,
            Record::Publication(_) => &mut self.publication,
            Record::Review(_) => &mut self.review,
            Record::PublishedScore(_) => &mut self.published_score,
        };
        *seen = seen.with(columns);
    }

    /// Returns the table columns for which the file has values.
    #[must_use]
    pub fn given(self) -> Given {
        Given {
            film: those(&FILM, self.film),
            critic: those(&CRITIC, self.critic),
            publication: those(&PUBLICATION, self.publication),
            published_score: those(&PUBLISHED_SCORE, self.published_score),
            review: those(&REVIEW, self.review),
        }
    }
}

/// A column of a table, and the columns of a file that provide its value.
type About = (&'static str, &'static [Column]);

const FILM: [About; 8] = [
    ("title", &[Column::Film]),
    ("year", &[Column::FilmYear]),
    ("release_date", &[Column::ReleaseDate]),
    ("runtime_minutes", &[Column::RuntimeMinutes]),
    ("directors", &[Column::Directors]),
    ("genres", &[Column::Genres]),
    ("synopsis", &[Column::Synopsis]),
    ("url", &[Column::Url]),
];

const CRITIC: [About; 2] = [("name", &[Column::Critic]), ("url", &[Column::Url])];

const PUBLICATION: [About; 3] = [
    ("name", &[Column::Publication]),
    ("url", &[Column::Url]),
    ("weight", &[Column::Weight]),
];

const PUBLISHED_SCORE: [About; 6] = [
    ("value", &[Column::Score]),
    ("label", &[Column::Label]),
    ("review_count", &[Column::ReviewCount]),
    ("positive_count", &[Column::PositiveCount]),
    ("mixed_count", &[Column::MixedCount]),
    ("negative_count", &[Column::NegativeCount]),
];

/// The three columns that together provide a score.
const SCORE: &[Column] = &[Column::Score, Column::OriginalScore, Column::ScoreRule];

const REVIEW: [About; 13] = [
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
fn those(columns: &[About], seen: Columns) -> Vec<&'static str> {
    columns
        .iter()
        .filter(|(_, about)| about.iter().any(|column| seen.contains(*column)))
        .map(|(name, _)| *name)
        .collect()
}
