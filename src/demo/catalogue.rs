//! The file of the demo catalogue.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{critic, film, publication, review};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;

use super::{DemoError, SOURCE};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogue {
    pub(super) publication: Vec<Publication>,
    pub(super) critic: Vec<Critic>,
    pub(super) film: Vec<Film>,
    pub(super) review: Vec<Review>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Publication {
    slug: String,
    name: String,
    url: Option<String>,
    weight: Option<i32>,
}

impl Publication {
    pub(super) fn row(self) -> publication::ActiveModel {
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
pub(super) struct Critic {
    slug: String,
    name: String,
    url: Option<String>,
}

impl Critic {
    pub(super) fn row(self) -> critic::ActiveModel {
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
pub(super) struct Film {
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
    pub(super) fn row(self) -> film::ActiveModel {
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
pub(super) struct Review {
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
    pub(super) fn row(
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
