//! Which columns of the tables the columns of a file are about.

use crate::{
    catalogue::{Column, Columns, record::Record},
    import::rows::Given,
};

/// The columns that rows of each kind have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    film: Columns,
    critic: Columns,
    publication: Columns,
    published_score: Columns,
    review: Columns,
}

impl Seen {
    /// A file whose rows all have the same columns.
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

    /// Takes note of the columns that a row has.
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

    /// The columns of the tables that they are about.
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

/// A column of a table, and the columns of a file that are about it.
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

/// A score is what three columns say together.
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

fn those(columns: &[About], seen: Columns) -> Vec<&'static str> {
    columns
        .iter()
        .filter(|(_, about)| about.iter().any(|column| seen.contains(*column)))
        .map(|(name, _)| *name)
        .collect()
}
