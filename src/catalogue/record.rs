//! What one line of a catalogue file says.

use chrono::NaiveDate;

use crate::{
    published_score::Kind,
    review::ScoreRule,
    score::{Points, Sentiment, Weight},
};

/// One line: a film, a critic, a publication, a published score or a review.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one record is held at a time, and nearly all of them are reviews, the largest kind"
)]
pub enum Record {
    /// A film and what is known of it.
    Film(FilmRecord),
    /// A critic and what is known of them.
    Critic(CriticRecord),
    /// A publication and what is known of it.
    Publication(PublicationRecord),
    /// What a source says of a film itself.
    PublishedScore(PublishedScoreRecord),
    /// A review.
    Review(ReviewRecord),
}

/// The name of a film, critic or review at its source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId {
    /// The source.
    pub source: String,
    /// The name there.
    pub id: String,
}

/// Which film is meant. At least one of the three is there.
///
/// The external id counts first, then the slug, then the title with the year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FilmRef {
    /// Its name at a source.
    pub external_id: Option<ExternalId>,
    /// Its slug.
    pub slug: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The year of its first release, which tells films of one title apart.
    pub year: Option<i16>,
}

/// Which critic or publication is meant. At least one of the three is there.
///
/// The external id counts first, then the slug, then the name. No source names publications by ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NamedRef {
    /// Its name at a source.
    pub external_id: Option<ExternalId>,
    /// Its slug.
    pub slug: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its page, for when it has to be added; one that is there keeps its own.
    pub url: Option<String>,
}

/// A film and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmRecord {
    /// Which film.
    pub film: FilmRef,
    /// Its names at sources.
    pub external_ids: Vec<ExternalId>,
    /// The day of its first release.
    pub release_date: Option<NaiveDate>,
    /// How long it runs, at least a minute.
    pub runtime_minutes: Option<i32>,
    /// Who directed it, in the order of the credits.
    pub directors: Vec<String>,
    /// Its genres.
    pub genres: Vec<String>,
    /// What it is about.
    pub synopsis: Option<String>,
    /// Its own page.
    pub url: Option<String>,
}

/// A critic and what is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticRecord {
    /// Which critic.
    pub critic: NamedRef,
    /// Their names at sources.
    pub external_ids: Vec<ExternalId>,
    /// Their own page.
    pub url: Option<String>,
}

/// A publication and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicationRecord {
    /// Which publication.
    pub publication: NamedRef,
    /// Its own page.
    pub url: Option<String>,
    /// How much its reviews count.
    pub weight: Option<Weight>,
}

/// What a source says of a film itself. A value or a label is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedScoreRecord {
    /// Which film.
    pub film: FilmRef,
    /// Who says so.
    pub source: String,
    /// What the figure measures.
    pub kind: Kind,
    /// The figure.
    pub value: Option<Points>,
    /// As the source words it.
    pub label: Option<String>,
    /// How many reviews the source counts; counts are at most `i32::MAX`.
    pub review_count: Option<u32>,
    /// How many of them it calls positive.
    pub positive_count: Option<u32>,
    /// How many of them it calls mixed.
    pub mixed_count: Option<u32>,
    /// How many of them it calls negative.
    pub negative_count: Option<u32>,
}

/// A review.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewRecord {
    /// Of which film.
    pub film: FilmRef,
    /// By whom, if the source says.
    pub critic: Option<NamedRef>,
    /// Where, if the source says.
    pub publication: Option<NamedRef>,
    /// The score.
    pub score: Option<Points>,
    /// As the critic wrote it.
    pub original_score: Option<String>,
    /// By which rule the score was read; there exactly when a score is.
    pub score_rule: Option<ScoreRule>,
    /// What the source declares.
    pub sentiment: Option<Sentiment>,
    /// The critic's own yes or no.
    pub recommended: Option<bool>,
    /// Whether the source counts the critic among its top ones.
    pub top_critic: bool,
    /// What stands after "Reviewed by".
    pub byline: Option<String>,
    /// A passage of the review.
    pub excerpt: Option<String>,
    /// The whole review.
    pub url: Option<String>,
    /// When it was published.
    pub reviewed_on: Option<NaiveDate>,
    /// Where it was read; null when it was written by hand.
    pub source: Option<String>,
    /// Its name at the source. Without one a source's review is known by its film, critic and publication, else by its text.
    pub external_id: Option<String>,
}
