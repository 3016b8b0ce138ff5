//! Films as the API shows them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ID, InputObject, OneofObject, Result};
use macros::object;

use crate::{
    film::{
        Film, FilmFilter, FilmId, FilmOrder,
        store::{FilmById, FilmBySlug, FilmCount, FilmPage},
    },
    global_id::Kind,
    graphql::{
        connection::{Connection, ConnectionNode, require_page, with_total},
        constraint::{NAME, NOT_A_LIST, constraint},
        filter::{IntRangeInput, exact, substring},
        id, key, load, loader,
        order::OrderDirection,
        page_request,
        path::At,
        scalar::Date,
        selection::{Inlined, Text},
        types::{
            published_score::PublishedScoreObject,
            review::{ReviewFilterInput, ReviewOrderInput, reviews_of},
            score::{ScoreDistribution, ScoringPolicyInput, distribution, score},
        },
    },
    pagination::{Direction, PageArgs},
    published_score::store::PublishedScoresOfFilm,
    review::{Owner, Review},
    score::Summary,
};

impl ConnectionNode for Film {
    type Total = FilmCount;
}

/// A film that is reviewed.
#[object]
impl Film {
    /// The film's global id.
    #[interface]
    fn id(&self) -> ID {
        id(Kind::Film, self.id.0)
    }

    /// The film's name in addresses, such as "pusher-1996". Unique.
    fn slug(&self) -> &str {
        &self.slug
    }

    /// The title, as shown.
    fn title(&self) -> &str {
        &self.title
    }

    /// The year of the first release; null when it isn't known.
    fn year(&self) -> Option<i32> {
        self.year.map(i32::from)
    }

    /// The day of the first release; null when it isn't known.
    fn release_date(&self) -> Option<Date> {
        self.release_date.map(Date)
    }

    /// How long the film is, in minutes; null when it isn't known.
    fn runtime_minutes(&self) -> Option<i32> {
        self.runtime_minutes
    }

    /// Who directed it, in the order of the credits. Empty when it isn't known.
    fn directors(&self) -> &[String] {
        &self.directors
    }

    /// Its genres, as the site names them. Empty when it isn't known.
    fn genres(&self) -> &[String] {
        &self.genres
    }

    /// What it is about; null when nobody has said.
    fn synopsis(&self) -> Text<'_> {
        Text(self.synopsis.as_deref())
    }

    /// The address of its page elsewhere; null when there is none.
    fn url(&self) -> Text<'_> {
        Text(self.url.as_deref())
    }

    /// Which of its states this is: 1 at first, and one more with each change, whoever makes it. What `expectedVersion` is for.
    fn version(&self) -> i32 {
        self.version
    }

    /// What its reviews add up to.
    #[without_arguments(Inlined(self.tally.summary(None).as_ref()))]
    async fn score(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rules of your own; the house's when null.")] policy: Option<
            ScoringPolicyInput,
        >,
        #[graphql(desc = "Only these reviews count; all when null.")] filter: Option<
            ReviewFilterInput,
        >,
    ) -> Result<Inlined<Summary>> {
        Box::pin(score(ctx, Owner::Film(self.id), policy, filter))
            .await
            .at(ctx)
    }

    /// How its reviews spread over sentiments and scores.
    #[without_arguments(Inlined(ScoreDistribution::with_default_policy(&self.tally)))]
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Rules of your own; the house's when null.")] policy: Option<
            ScoringPolicyInput,
        >,
        #[graphql(desc = "Only these reviews count; all when null.")] filter: Option<
            ReviewFilterInput,
        >,
    ) -> Result<Inlined<ScoreDistribution>> {
        Box::pin(distribution(ctx, Owner::Film(self.id), policy, filter))
            .await
            .at(ctx)
    }

    /// What other sources say of the film, beside our own score.
    async fn published_scores(&self, ctx: &Context<'_>) -> Result<Vec<PublishedScoreObject>> {
        let published = load(ctx, PublishedScoresOfFilm(self.id))
            .await
            .at(ctx)?
            .unwrap_or_default();
        Ok(published
            .iter()
            .map(|score| PublishedScoreObject::new(score.clone(), &self.tally))
            .collect())
    }

    /// The reviews of the film.
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews that pass it; all when null.")] filter: Option<
            ReviewFilterInput,
        >,
        #[graphql(desc = "As they were added when null.")] order_by: Option<ReviewOrderInput>,
        page: PageArgs,
    ) -> Result<Inlined<Connection<Review>>> {
        Box::pin(reviews_of(
            ctx,
            Owner::Film(self.id),
            filter,
            order_by,
            &page,
        ))
        .await
        .at(ctx)
    }
}

/// Names one film, by either of its unique names.
#[derive(Debug, OneofObject)]
pub enum FilmBy {
    /// By its global id.
    Id(ID),
    /// By its slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
}

/// Which films a list is to hold. Everything given has to hold; what is null or left out says nothing.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "FilmFilter")]
pub struct FilmFilterInput {
    /// First released in these years.
    year: Option<IntRangeInput>,
    /// Of this genre, written as the film has it; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    genre: Option<String>,
    /// With this text somewhere in the title, at most 300 characters; case makes no difference.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    title: Option<String>,
    /// With a score (of the house's rules) in this range. A film without a score has none.
    score: Option<IntRangeInput>,
    /// With at least so many reviews.
    minimum_reviews: Option<i32>,
}

impl TryFrom<FilmFilterInput> for FilmFilter {
    type Error = Error;

    fn try_from(input: FilmFilterInput) -> Result<Self> {
        Ok(Self {
            year: input.year.into(),
            genre: exact("genre", input.genre)?,
            title: substring("title", input.title)?,
            score: input.score.into(),
            minimum_reviews: input.minimum_reviews,
        })
    }
}

/// What films can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::film::FilmOrderField")]
pub enum FilmOrderField {
    /// The title, as Unicode sorts.
    Title,
    /// The day of the first release.
    ReleaseDate,
    /// The score of the house's rules.
    Score,
    /// The number of reviews.
    ReviewCount,
}

/// An order of films. Equals stand in the order in which they were added.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "FilmOrder")]
pub struct FilmOrderInput {
    /// What to sort by.
    field: FilmOrderField,
    /// Which end comes first. Unless said: A for titles; the newest, the highest, the most for the others.
    direction: Option<OrderDirection>,
}

impl From<FilmOrderInput> for FilmOrder {
    fn from(FilmOrderInput { field, direction }: FilmOrderInput) -> Self {
        let natural = match field {
            FilmOrderField::Title => Direction::Ascending,
            _ => Direction::Descending,
        };
        Self {
            field: field.into(),
            direction: direction.map_or(natural, Direction::from),
        }
    }
}

/// Finds one film.
///
/// # Errors
///
/// When the id is none of a film, or the film could not be read.
pub async fn film(ctx: &Context<'_>, by: FilmBy) -> Result<Option<Arc<Film>>> {
    let film = match by {
        FilmBy::Id(id) => load(ctx, FilmById(FilmId(key(&id, Kind::Film)?))).await?,
        FilmBy::Slug(slug) if slug.contains('\0') => None,
        FilmBy::Slug(slug) => load(ctx, FilmBySlug(slug)).await?,
    };
    if let Some(film) = &film {
        loader(ctx)?.prime(FilmById(film.id), Arc::clone(film));
    }
    Ok(film)
}

/// Lists films.
///
/// # Errors
///
/// When the page can't be, or could not be read.
pub async fn films(
    ctx: &Context<'_>,
    filter: Option<FilmFilterInput>,
    order_by: Option<FilmOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Film>>> {
    let filter = FilmFilter::try_from(filter.unwrap_or_default())?;
    let order = order_by.map_or(FilmOrder::DEFAULT, FilmOrder::from);
    let request = page_request(page, order.tag())?;
    let loader = loader(ctx)?;
    let total = FilmCount(filter.clone());
    let page = loader.load(FilmPage {
        filter,
        order,
        page: request,
    });
    let page = with_total(ctx, &total, page).await?;
    let page = require_page(page)?;
    for (film, _) in &page.rows {
        loader.prime(FilmById(film.id), Arc::clone(film));
    }
    Ok(Connection::of(page, order.tag(), total))
}
