//! The contents of one line of a catalogue file.

use std::num::NonZeroU16;

use chrono::NaiveDate;

pub use crate::external_id::ExternalId;
use crate::{
    published_score::{Audience, Kind},
    review::ScoreRule,
    score::{Points, Sentiment, Weight},
};

/// One line: a film, a critic, a publication, a published score or a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A film.
    Film(FilmRecord),
    /// A critic.
    Critic(CriticRecord),
    /// A publication.
    Publication(PublicationRecord),
    /// A score that a source publishes for a film.
    PublishedScore(PublishedScoreRecord),
    /// A review.
    Review(ReviewRecord),
}

/// A reference to a film. At least one of external id, slug and title is set.
///
/// The external id takes precedence, then the slug, then the title with the year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FilmRef {
    /// The identifier at a source.
    pub external_id: Option<ExternalId>,
    /// The slug.
    pub slug: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The year of the first release, which distinguishes films of the same title.
    pub year: Option<i16>,
}

/// A reference to a critic or publication. At least one of external id, slug and name is set.
///
/// The external id takes precedence, then the slug, then the name. Publications have no external ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NamedRef {
    /// The identifier at a source.
    pub external_id: Option<ExternalId>,
    /// The slug.
    pub slug: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The home page, used only when the critic or publication is created. An existing one is not changed.
    pub url: Option<String>,
}

/// A row of the kind `film`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilmRecord {
    /// The film.
    pub film: FilmRef,
    /// The identifiers at sources.
    pub external_ids: Vec<ExternalId>,
    /// The day of the first release.
    pub release_date: Option<NaiveDate>,
    /// The running time in minutes, at least 1.
    pub runtime_minutes: Option<i32>,
    /// The directors, in the order of the credits.
    pub directors: Vec<String>,
    /// The genres.
    pub genres: Vec<String>,
    /// The synopsis.
    pub synopsis: Option<String>,
    /// The home page.
    pub url: Option<String>,
    /// The countries of production.
    pub countries: Vec<String>,
    /// The cast, in the order of the credits.
    pub cast: Vec<String>,
    /// Other titles, each as the text of an
    /// [`AlternativeTitle`](crate::text::alternative_title::AlternativeTitle).
    pub alternative_titles: Vec<String>,
    /// The poster.
    pub poster: PosterRecord,
}

/// The poster of a film.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PosterRecord {
    /// The address of the image.
    pub url: Option<String>,
    /// The width in pixels, at least 1.
    pub width: Option<i32>,
    /// The height in pixels, at least 1.
    pub height: Option<i32>,
    /// What the image shows.
    pub alt: Option<String>,
}

/// A row of the kind `critic`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticRecord {
    /// The critic.
    pub critic: NamedRef,
    /// The identifiers at sources.
    pub external_ids: Vec<ExternalId>,
    /// The home page.
    pub url: Option<String>,
}

/// A row of the kind `publication`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicationRecord {
    /// The publication.
    pub publication: NamedRef,
    /// The home page.
    pub url: Option<String>,
    /// The weight of its reviews.
    pub weight: Option<Weight>,
}

/// A row of the kind `published_score`. At least one of value and label is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedScoreRecord {
    /// The film.
    pub film: FilmRef,
    /// The publisher of the score.
    pub source: String,
    /// The measure of the value.
    pub kind: Kind,
    /// Who gave the scores.
    pub audience: Audience,
    /// The value, from 0 to 100.
    pub value: Option<Points>,
    /// The maximum of the source, at most [`MAX_SCALE`](crate::published_score::MAX_SCALE). `None` without a value.
    pub scale: Option<NonZeroU16>,
    /// The value as the source wrote it. `None` without a value.
    pub original_value: Option<String>,
    /// The score in the source's own words.
    pub label: Option<String>,
    /// The number of reviews that the source counts. All counts are at most `i32::MAX`.
    pub review_count: Option<u32>,
    /// The number of them that the source counts as positive.
    pub positive_count: Option<u32>,
    /// The number of them that the source counts as mixed.
    pub mixed_count: Option<u32>,
    /// The number of them that the source counts as negative.
    pub negative_count: Option<u32>,
}

/// A row of the kind `review`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewRecord {
    /// The reviewed film.
    pub film: FilmRef,
    /// The critic, if the source names one.
    pub critic: Option<NamedRef>,
    /// The publication, if the source names one.
    pub publication: Option<NamedRef>,
    /// The score.
    pub score: Option<Points>,
    /// The score as the critic wrote it.
    pub original_score: Option<String>,
    /// The rule by which the score was read. Set exactly when `score` is set.
    pub score_rule: Option<ScoreRule>,
    /// The sentiment that the source declares.
    pub sentiment: Option<Sentiment>,
    /// The critic's own recommendation, yes or no.
    pub recommended: Option<bool>,
    /// Whether the source counts the critic among its top critics.
    pub top_critic: bool,
    /// The name after "Reviewed by".
    pub byline: Option<String>,
    /// A passage of the review.
    pub excerpt: Option<String>,
    /// The address of the whole review.
    pub url: Option<String>,
    /// The day of publication.
    pub reviewed_on: Option<NaiveDate>,
    /// The source of the review. `None` if the review was entered by hand.
    pub source: Option<String>,
    /// The identifier at the source. Without one, a source's review is identified by its film, critic and publication,
    /// or else by its text.
    pub external_id: Option<String>,
}

impl ReviewRecord {
    /// Returns whether the record has something that only a review has: a critic, a publication, a byline, a text, a
    /// rating or a day. A row without any of them is about a film, not about a review of it.
    #[must_use]
    pub fn has_content(&self) -> bool {
        let Self {
            film: _,
            critic,
            publication,
            score,
            original_score,
            score_rule: _,
            sentiment,
            recommended,
            top_critic: _,
            byline,
            excerpt,
            url: _,
            reviewed_on,
            source: _,
            external_id: _,
        } = self;
        critic.is_some()
            || publication.is_some()
            || score.is_some()
            || original_score.is_some()
            || sentiment.is_some()
            || recommended.is_some()
            || byline.is_some()
            || excerpt.is_some()
            || reviewed_on.is_some()
    }
}
