//! A film as JSON-LD of schema.org, which search engines read from pages.

use async_graphql::{Context, Result};
use chrono::NaiveDate;
use futures_util::future::try_join_all;
use serde::Serialize;

use crate::{
    critic::{Critic, store::CriticById},
    error::internal_error,
    film::Film,
    graphql::{budget::charge_text, loader, page_request, site_rules},
    pagination::{Direction, PageArgs},
    publication::{Publication, store::PublicationById},
    review::{
        Review,
        filter::ReviewFilter,
        order::{ReviewOrder, ReviewOrderField},
        owner::Owner,
        store::{
            ReviewColumns,
            page::{ReviewPage, ReviewQuery},
        },
    },
    score::Score,
};

/// The order of the reviews.
const NEWEST_FIRST: ReviewOrder = ReviewOrder {
    field: ReviewOrderField::Date,
    direction: Direction::Descending,
};

/// Returns the film and its newest reviews as JSON-LD. No text in it ends the element `script` of a page.
///
/// # Errors
///
/// `INVALID_PAGE` if the number of reviews is out of range; `RESPONSE_TOO_LARGE` if the texts of the response are; or when
/// a statement fails.
pub async fn json_ld(ctx: &Context<'_>, film: &Film, first: Option<i32>) -> Result<String> {
    let args = PageArgs {
        first,
        ..PageArgs::default()
    };
    let query = ReviewQuery {
        filter: ReviewFilter::default(),
        order: NEWEST_FIRST,
        page: page_request(&args, NEWEST_FIRST.tag())?,
        columns: ReviewColumns::ALL,
    };
    let loader = loader(ctx)?;
    let rules = site_rules(ctx).await?;
    let page = ReviewPage {
        owner: Owner::Film(film.id),
        query,
    };
    let page = loader.load(page).await;
    let page = page.map_err(|error| internal_error(&error))?;
    let reviews = page.iter().flat_map(|page| &page.rows);
    let authors = reviews.clone().map(|(review, _)| async {
        let critic = async {
            match review.critic {
                Some(id) => loader.load(CriticById(id)).await,
                None => Ok(None),
            }
        };
        let publication = async {
            match review.publication {
                Some(id) => loader.load(PublicationById(id)).await,
                None => Ok(None),
            }
        };
        futures_util::try_join!(critic, publication)
    });
    let authors = try_join_all(authors).await;
    let authors = authors.map_err(|error| internal_error(&error))?;
    let score = film.tally.site_score(&rules.policy);
    let reviews = reviews
        .zip(&authors)
        .map(|((review, _), (critic, publication))| {
            CriticReview::new(review, critic.as_deref(), publication.as_deref())
        });
    let movie = Movie {
        context: "https://schema.org",
        aggregate_rating: AggregateRating::of(&score),
        review: reviews.collect(),
        ..Movie::of(film)
    };
    let json = serde_json::to_string(&movie).map_err(|error| internal_error(&error))?;
    let json = json.replace('<', "\\u003c");
    charge_text(ctx, &json)?;
    Ok(json)
}

/// A `Movie`.
#[derive(Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
struct Movie<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    director: Vec<Person<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actor: Vec<Person<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternate_name: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    country_of_origin: Vec<Country<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    genre: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregate_rating: Option<AggregateRating>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    review: Vec<CriticReview<'a>>,
}

impl<'a> Movie<'a> {
    /// Converts a film, without its score and its reviews.
    fn of(film: &'a Film) -> Self {
        let year = || film.year.map(|year| format!("{year:04}"));
        let directors = film.directors.iter().map(|name| Person { name });
        let details = film.details.as_deref();
        let actors = details.iter().flat_map(|details| &details.cast);
        let countries = details.iter().flat_map(|details| &details.countries);
        let titles = details
            .iter()
            .flat_map(|details| &details.alternative_titles);
        let poster = details.and_then(|details| details.poster.as_ref());
        Self {
            context: "",
            name: &film.title,
            date_published: film.release_date.map(iso_date).or_else(year),
            duration: film.runtime_minutes.map(|minutes| format!("PT{minutes}M")),
            director: directors.collect(),
            actor: actors.map(|name| Person { name }).collect(),
            alternate_name: titles.map(|title| title.title.as_str()).collect(),
            country_of_origin: countries.map(|name| Country { name }).collect(),
            image: poster.map(|poster| poster.url.as_str()),
            genre: &film.genres,
            description: film.synopsis.as_deref(),
            same_as: film.url.as_deref(),
            aggregate_rating: None,
            review: Vec::new(),
        }
    }
}

/// An `AggregateRating`: the score of the film.
#[derive(Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
struct AggregateRating {
    rating_value: u8,
    best_rating: u8,
    worst_rating: u8,
    rating_count: u32,
    review_count: u32,
}

impl AggregateRating {
    fn of(score: &Score) -> Option<Self> {
        let value = score.value?;
        let rating_count = if score.estimated {
            score.counted_count
        } else {
            score.scored_count
        };
        Some(Self {
            rating_value: value.get(),
            best_rating: BEST,
            worst_rating: WORST,
            rating_count,
            review_count: score.review_count,
        })
    }
}

/// The lowest score of a review or a film.
const WORST: u8 = 0;

/// The highest score of a review or a film.
const BEST: u8 = 100;

/// A `CriticReview`.
#[derive(Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
struct CriticReview<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Author<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<Organization<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_rating: Option<Rating>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

impl<'a> CriticReview<'a> {
    fn new(
        review: &'a Review,
        critic: Option<&'a Critic>,
        publication: Option<&'a Publication>,
    ) -> Self {
        let publisher = publication.map(|publication| Organization {
            name: &publication.name,
        });
        // An uncredited review is by its publication.
        let author = critic
            .map(|critic| &*critic.name)
            .or(review.byline.as_deref())
            .map(|name| Author::Person(Person { name }))
            .or(publisher.map(Author::Organization));
        Self {
            author,
            publisher,
            date_published: review.reviewed_on.map(iso_date),
            review_rating: review.score.map(|score| Rating {
                value: score.get(),
                best: BEST,
                worst: WORST,
            }),
            review_body: review.excerpt.as_deref(),
            url: review.url.as_deref(),
        }
    }
}

/// A `Rating`: the score of a review.
#[derive(Serialize)]
#[serde(tag = "@type")]
struct Rating {
    #[serde(rename = "ratingValue")]
    value: u8,
    #[serde(rename = "bestRating")]
    best: u8,
    #[serde(rename = "worstRating")]
    worst: u8,
}

/// The author of a review.
#[derive(Serialize)]
#[serde(untagged)]
enum Author<'a> {
    Person(Person<'a>),
    Organization(Organization<'a>),
}

/// A `Person`.
#[derive(Clone, Copy, Serialize)]
#[serde(tag = "@type")]
struct Person<'a> {
    name: &'a str,
}

/// A `Country`.
#[derive(Clone, Copy, Serialize)]
#[serde(tag = "@type")]
struct Country<'a> {
    name: &'a str,
}

/// An `Organization`.
#[derive(Clone, Copy, Serialize)]
#[serde(tag = "@type")]
struct Organization<'a> {
    name: &'a str,
}

fn iso_date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}
