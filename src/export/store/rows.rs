//! The rows that the statements of an export return, and their conversion into records.

use chrono::NaiveDate;
use entity::{
    published_score::{PublishedScoreAudience, PublishedScoreKind},
    review::{ScoreRule, Sentiment},
};
use sea_orm::FromQueryResult;

use crate::{
    catalogue::record::{
        CriticRecord, ExternalId, FilmRecord, FilmRef, NamedRef, PosterRecord, PublicationRecord,
        PublishedScoreRecord, Record, ReviewRecord,
    },
    published_score::store::scale_of_column,
    score::{Points, Weight},
};

/// A row of one kind of record.
pub trait ExportRow: FromQueryResult + Send {
    /// Converts the row into a record.
    fn into_record(self) -> Record;
}

/// A film.
#[derive(FromQueryResult)]
pub struct FilmRow {
    slug: String,
    title: String,
    year: Option<i16>,
    release_date: Option<NaiveDate>,
    runtime_minutes: Option<i32>,
    directors: Vec<String>,
    genres: Vec<String>,
    synopsis: Option<String>,
    url: Option<String>,
    countries: Vec<String>,
    cast_members: Vec<String>,
    alternative_titles: Vec<String>,
    poster_url: Option<String>,
    poster_width: Option<i32>,
    poster_height: Option<i32>,
    poster_alt: Option<String>,
    external_ids: Vec<String>,
}

impl ExportRow for FilmRow {
    fn into_record(self) -> Record {
        Record::Film(FilmRecord {
            film: film_ref(self.slug, self.title, self.year),
            external_ids: split_external_ids(self.external_ids),
            release_date: self.release_date,
            runtime_minutes: self.runtime_minutes,
            directors: self.directors,
            genres: self.genres,
            countries: self.countries,
            cast: self.cast_members,
            alternative_titles: self.alternative_titles,
            poster: PosterRecord {
                url: self.poster_url,
                width: self.poster_width,
                height: self.poster_height,
                alt: self.poster_alt,
            },
            synopsis: self.synopsis,
            url: self.url,
        })
    }
}

/// A critic.
#[derive(FromQueryResult)]
pub struct CriticRow {
    slug: String,
    name: String,
    url: Option<String>,
    external_ids: Vec<String>,
}

impl ExportRow for CriticRow {
    fn into_record(self) -> Record {
        Record::Critic(CriticRecord {
            critic: named_ref(self.slug, self.name),
            external_ids: split_external_ids(self.external_ids),
            url: self.url,
        })
    }
}

/// A publication.
#[derive(FromQueryResult)]
pub struct PublicationRow {
    slug: String,
    name: String,
    url: Option<String>,
    weight: i32,
}

impl ExportRow for PublicationRow {
    fn into_record(self) -> Record {
        Record::Publication(PublicationRecord {
            publication: named_ref(self.slug, self.name),
            url: self.url,
            weight: Weight::from_hundredths(self.weight),
        })
    }
}

/// A score that a source publishes for a film.
#[derive(FromQueryResult)]
pub struct PublishedScoreRow {
    slug: String,
    title: String,
    year: Option<i16>,
    source: String,
    kind: PublishedScoreKind,
    audience: PublishedScoreAudience,
    value: Option<i16>,
    scale: Option<i16>,
    original_value: Option<String>,
    label: Option<String>,
    review_count: Option<i32>,
    positive_count: Option<i32>,
    mixed_count: Option<i32>,
    negative_count: Option<i32>,
}

impl ExportRow for PublishedScoreRow {
    fn into_record(self) -> Record {
        // A constraint of the table forbids negative counts.
        let count = |count: Option<i32>| count.map(i32::unsigned_abs);
        Record::PublishedScore(PublishedScoreRecord {
            film: film_ref(self.slug, self.title, self.year),
            source: self.source,
            kind: self.kind.into(),
            audience: self.audience.into(),
            value: self.value.and_then(Points::new),
            scale: self.scale.and_then(scale_of_column),
            original_value: self.original_value,
            label: self.label,
            review_count: count(self.review_count),
            positive_count: count(self.positive_count),
            mixed_count: count(self.mixed_count),
            negative_count: count(self.negative_count),
        })
    }
}

/// A review.
#[derive(FromQueryResult)]
pub struct ReviewRow {
    film_slug: String,
    film_title: String,
    film_year: Option<i16>,
    critic_slug: Option<String>,
    critic_name: Option<String>,
    publication_slug: Option<String>,
    publication_name: Option<String>,
    score: Option<i16>,
    original_score: Option<String>,
    score_rule: Option<ScoreRule>,
    sentiment: Option<Sentiment>,
    recommended: Option<bool>,
    top_critic: bool,
    byline: Option<String>,
    excerpt: Option<String>,
    url: Option<String>,
    reviewed_on: Option<NaiveDate>,
    source: Option<String>,
    external_id: Option<String>,
}

impl ExportRow for ReviewRow {
    fn into_record(self) -> Record {
        let named = |slug: Option<String>, name: Option<String>| Some(named_ref(slug?, name?));
        Record::Review(ReviewRecord {
            film: film_ref(self.film_slug, self.film_title, self.film_year),
            critic: named(self.critic_slug, self.critic_name),
            publication: named(self.publication_slug, self.publication_name),
            score: self.score.and_then(Points::new),
            original_score: self.original_score,
            score_rule: self.score_rule.map(Into::into),
            sentiment: self.sentiment.map(Into::into),
            recommended: self.recommended,
            top_critic: self.top_critic,
            byline: self.byline,
            excerpt: self.excerpt,
            url: self.url,
            reviewed_on: self.reviewed_on,
            source: self.source,
            external_id: self.external_id,
        })
    }
}

fn film_ref(slug: String, title: String, year: Option<i16>) -> FilmRef {
    FilmRef {
        external_id: None,
        slug: Some(slug),
        title: Some(title),
        year,
    }
}

fn named_ref(slug: String, name: String) -> NamedRef {
    NamedRef {
        slug: Some(slug),
        name: Some(name),
        ..NamedRef::default()
    }
}

/// Splits the values that the statement's `external_ids` concatenates. The name of a source has no line break.
fn split_external_ids(ids: Vec<String>) -> Vec<ExternalId> {
    ids.into_iter()
        .filter_map(|text| {
            let (source, id) = text.split_once('\n')?;
            Some(ExternalId {
                source: source.to_owned(),
                id: id.to_owned(),
            })
        })
        .collect()
}
