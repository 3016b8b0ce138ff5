//! The demo catalogue: fictional films, critics, publications and reviews.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{critic, film, publication, review};
use sea_orm::{
    ActiveValue::Set, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, TransactionTrait,
};
use serde::Deserialize;

const CATALOGUE: &str = include_str!("catalogue.toml");

/// The source of the demo's reviews.
pub const SOURCE: &str = "demo";

/// An error while loading the demo catalogue.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The embedded catalogue is malformed.
    #[error("failed to parse the demo catalogue: {0}")]
    Catalogue(#[from] toml::de::Error),
    /// The embedded catalogue references an unknown slug.
    #[error("the demo catalogue references the unknown slug {0:?}")]
    UnknownSlug(String),
    /// The database returned an error.
    #[error("failed to store the demo catalogue: {0}")]
    Database(#[from] DbErr),
}

/// Loads the catalogue if the database has no films. Returns the number of its reviews if it was loaded.
///
/// # Errors
///
/// See [`DemoError`]. After an error nothing is stored.
pub async fn load_if_empty(connection: &DatabaseConnection) -> Result<Option<usize>, DemoError> {
    if film::Entity::find().count(connection).await? > 0 {
        return Ok(None);
    }
    let catalogue: Catalogue = toml::from_str(CATALOGUE)?;
    let reviews = catalogue.review.len();
    let transaction = connection.begin().await?;
    let publications = slugs_and_ids(
        publication::Entity::insert_many(catalogue.publication.into_iter().map(Publication::row))
            .exec_with_returning(&transaction)
            .await?,
        |row| (row.slug, row.id),
    );
    let critics = slugs_and_ids(
        critic::Entity::insert_many(catalogue.critic.into_iter().map(Critic::row))
            .exec_with_returning(&transaction)
            .await?,
        |row| (row.slug, row.id),
    );
    let films = slugs_and_ids(
        film::Entity::insert_many(catalogue.film.into_iter().map(Film::row))
            .exec_with_returning(&transaction)
            .await?,
        |row| (row.slug, row.id),
    );
    let rows: Result<Vec<_>, DemoError> = catalogue
        .review
        .into_iter()
        .zip(1..)
        .map(|(review, number)| review.row(number, &films, &critics, &publications))
        .collect();
    review::Entity::insert_many(rows?)
        .exec_without_returning(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Some(reviews))
}

fn slugs_and_ids<M>(rows: Vec<M>, pair: impl Fn(M) -> (String, i64)) -> HashMap<String, i64> {
    rows.into_iter().map(pair).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    publication: Vec<Publication>,
    critic: Vec<Critic>,
    film: Vec<Film>,
    review: Vec<Review>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    slug: String,
    name: String,
    url: Option<String>,
    weight: Option<i32>,
}

impl Publication {
    fn row(self) -> publication::ActiveModel {
        publication::ActiveModel {
            slug: Set(self.slug),
            name: Set(self.name),
            url: Set(self.url),
            weight: Set(self.weight.unwrap_or(100)),
            ..Default::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Critic {
    slug: String,
    name: String,
    url: Option<String>,
}

impl Critic {
    fn row(self) -> critic::ActiveModel {
        critic::ActiveModel {
            slug: Set(self.slug),
            name: Set(self.name),
            url: Set(self.url),
            ..Default::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Film {
    slug: String,
    title: String,
    year: Option<i16>,
    release_date: Option<TomlDate>,
    runtime_minutes: Option<i32>,
    #[serde(default)]
    directors: Vec<String>,
    #[serde(default)]
    genres: Vec<String>,
    synopsis: Option<String>,
    url: Option<String>,
}

impl Film {
    fn row(self) -> film::ActiveModel {
        film::ActiveModel {
            slug: Set(self.slug),
            title: Set(self.title),
            year: Set(self.year),
            release_date: Set(self.release_date.map(|day| day.0)),
            runtime_minutes: Set(self.runtime_minutes),
            directors: Set(self.directors),
            genres: Set(self.genres),
            synopsis: Set(self.synopsis),
            url: Set(self.url),
            ..Default::default()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Review {
    film: String,
    critic: Option<String>,
    publication: Option<String>,
    byline: Option<String>,
    score: Option<i16>,
    original_score: Option<String>,
    score_rule: Option<ScoreRule>,
    sentiment: Option<Sentiment>,
    recommended: Option<bool>,
    #[serde(default)]
    top_critic: bool,
    excerpt: Option<String>,
    url: Option<String>,
    reviewed_on: Option<TomlDate>,
}

impl Review {
    fn row(
        self,
        number: u32,
        films: &HashMap<String, i64>,
        critics: &HashMap<String, i64>,
        publications: &HashMap<String, i64>,
    ) -> Result<review::ActiveModel, DemoError> {
        let id = |ids: &HashMap<String, i64>, slug: String| {
            ids.get(&slug).copied().ok_or(DemoError::UnknownSlug(slug))
        };
        Ok(review::ActiveModel {
            film_id: Set(id(films, self.film)?),
            critic_id: Set(self.critic.map(|slug| id(critics, slug)).transpose()?),
            publication_id: Set(self
                .publication
                .map(|slug| id(publications, slug))
                .transpose()?),
            score: Set(self.score),
            original_score: Set(self.original_score),
            score_rule: Set(self.score_rule.map(Into::into)),
            sentiment: Set(self.sentiment.map(Into::into)),
            recommended: Set(self.recommended),
            top_critic: Set(self.top_critic),
            byline: Set(self.byline),
            excerpt: Set(self.excerpt),
            url: Set(self.url),
            reviewed_on: Set(self.reviewed_on.map(|day| day.0)),
            source: Set(Some(SOURCE.to_owned())),
            external_id: Set(Some(number.to_string())),
            ..Default::default()
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScoreRule {
    Given,
    Fraction,
    Stars,
    Letter,
    Percent,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sentiment {
    Positive,
    Mixed,
    Negative,
}

crate::review::store::enums::one_way!(
    ScoreRule,
    review::ScoreRule,
    Given,
    Fraction,
    Stars,
    Letter,
    Percent
);
crate::review::store::enums::one_way!(Sentiment, review::Sentiment, Positive, Mixed, Negative);

/// A TOML date.
#[derive(Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
struct TomlDate(NaiveDate);

impl TryFrom<toml::value::Datetime> for TomlDate {
    type Error = String;

    fn try_from(value: toml::value::Datetime) -> Result<Self, String> {
        value
            .date
            .and_then(|date| {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
            })
            .map(Self)
            .ok_or_else(|| format!("{value} has no valid date"))
    }
}
