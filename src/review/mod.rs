//! Reviews: a critic's opinion of a film, published in a publication.

pub mod class;
pub mod counting;
pub mod draft;
pub mod filter;
pub mod order;
pub mod original_score;
pub mod owner;
pub mod rating;
pub mod revision;
pub mod statistics;
pub mod store;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    critic::CriticId,
    film::FilmId,
    publication::PublicationId,
    score::{Points, Sentiment},
};

/// A review's key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReviewId(pub i64);

/// A review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The review's key.
    pub id: ReviewId,
    /// The reviewed film.
    pub film: FilmId,
    /// The critic, if one is named.
    pub critic: Option<CriticId>,
    /// The publication, if one is named.
    pub publication: Option<PublicationId>,
    /// The score, 0 to 100.
    pub score: Option<Points>,
    /// The score as the critic wrote it.
    pub original_score: Option<String>,
    /// The rule that the score was read by; `Some` exactly when `score` is.
    pub score_rule: Option<ScoreRule>,
    /// The sentiment that the source declared, with or without a score.
    pub declared_sentiment: Option<Sentiment>,
    /// Whether the critic recommends the film.
    pub recommended: Option<bool>,
    /// Whether the source lists the critic as a top critic.
    pub top_critic: bool,
    /// The text after "Reviewed by".
    pub byline: Option<String>,
    /// A passage of the review.
    pub excerpt: Option<String>,
    /// The address of the whole review.
    pub url: Option<String>,
    /// The date of publication.
    pub reviewed_on: Option<NaiveDate>,
    /// The version of the row, from 1 on.
    pub version: i32,
    /// The time at which the row was inserted.
    pub created_at: DateTime<Utc>,
    /// The time at which the row was last changed.
    pub updated_at: DateTime<Utc>,
}

/// The rule by which a score was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScoreRule {
    /// The score was entered as a whole number from 0 to 100.
    Given,
    /// A fraction, such as `3/4` or `3 out of 4`.
    Fraction,
    /// Stars, in digits, words or asterisks.
    Stars,
    /// A school grade.
    Letter,
    /// A percentage.
    Percent,
}
