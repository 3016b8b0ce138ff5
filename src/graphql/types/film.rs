//! The type `Film`, and its filter and order.

pub mod details;
pub mod facets;
pub mod field;
pub mod filter;
mod json_ld;
pub mod recommendations;
pub mod reference;

use std::sync::Arc;

use async_graphql::{Context, ID, Result};
use macros::object;

use self::{
    filter::{FilmFilterInput, FilmOrderInput},
    json_ld::json_ld,
    recommendations::{SimilarFilm, similar_films, top_quotes},
    reference::FilmBy,
};
use crate::{
    external_id::IdentifiedKind,
    film::{
        Film, FilmId, FilmOrder,
        details::Poster,
        store::{
            FilmById, FilmBySlug,
            page::{FilmCount, FilmPage},
        },
    },
    global_id::Kind,
    graphql::{
        connection::{Connection, ConnectionNode, loaded_page::load_page},
        decode_id, encode_id, load, loader,
        lookup::{of_external, of_title},
        page_request,
        path::WithPath,
        scalar::Date,
        selection::{Inlined, InlinedList, Text},
        site_rules,
        types::{
            external_id::{ExternalIdObject, external_ids},
            published_score::PublishedScoreObject,
            review::{
                filter::{ReviewFilterInput, ReviewOrderInput},
                list::reviews_of,
            },
            score::{ScoreArguments, ScoreObject, Sentiment, distribution, score},
            score_distribution::ScoreDistribution,
            score_history::{HistoryArguments, ScorePoint, history},
        },
    },
    pagination::PageArgs,
    published_score::store::PublishedScoresOfFilm,
    review::{
        Review,
        owner::{Owner, OwnerKind},
    },
    text::alternative_title::AlternativeTitle,
};

impl ConnectionNode for Film {
    type Total = FilmCount;
}

/// A film.
#[object]
impl Film {
    /// The global ID of the film.
    #[interface]
    fn id(&self) -> ID {
        encode_id(Kind::Film, self.id.0)
    }

    /// The unique slug of the film for URLs, such as "pusher-1996".
    fn slug(&self) -> &str {
        &self.slug
    }

    /// The title of the film.
    fn title(&self) -> &str {
        &self.title
    }

    /// The year of the first release; null if unknown. It is the year of `releaseDate`, unless an import had both.
    fn year(&self) -> Option<i32> {
        self.year.map(i32::from)
    }

    /// The date of the first release; null if unknown.
    fn release_date(&self) -> Option<Date> {
        self.release_date.map(Date)
    }

    /// The running time in minutes; null if unknown.
    fn runtime_minutes(&self) -> Option<i32> {
        self.runtime_minutes
    }

    /// The directors, in the order of the credits; empty if unknown.
    fn directors(&self) -> &[String] {
        &self.directors
    }

    /// The genres, as the source names them; empty if unknown.
    fn genres(&self) -> &[String] {
        &self.genres
    }

    /// The synopsis of the film; null if there is none.
    fn synopsis(&self) -> Text<'_> {
        Text(self.synopsis.as_deref())
    }

    /// The URL of the film's page on another site; null if there is none.
    fn url(&self) -> Text<'_> {
        Text(self.url.as_deref())
    }

    /// The countries of production, as the source names them; empty if unknown.
    fn countries(&self) -> &[String] {
        self.details
            .as_deref()
            .map_or(&[], |details| &details.countries)
    }

    /// The cast, in the order of the credits; empty if unknown.
    fn cast(&self) -> &[String] {
        self.details.as_deref().map_or(&[], |details| &details.cast)
    }

    /// Other titles, such as the original one and those in other countries; empty if unknown.
    fn alternative_titles(&self) -> InlinedList<AlternativeTitle> {
        let details = self.details.as_deref();
        InlinedList(details.map_or_else(Vec::new, |details| details.alternative_titles.clone()))
    }

    /// The poster; null if there is none.
    fn poster(&self) -> Option<Inlined<Poster>> {
        let poster = self.details.as_ref()?.poster.clone();
        poster.map(Inlined)
    }

    /// The identifiers of the film at sources, ordered by source and id; empty if there are none. No other film has one of
    /// them.
    #[price(Lookup)]
    async fn external_ids(&self, ctx: &Context<'_>) -> Result<Vec<ExternalIdObject>> {
        external_ids(ctx, IdentifiedKind::Film, self.id.0)
            .await
            .with_path(ctx)
    }

    /// The version of the film: 1 at first, and one higher after each change. Mutations compare it with
    /// `expectedVersion`.
    fn version(&self) -> i32 {
        self.version
    }

    /// The score of the film's reviews.
    #[without_arguments(Inlined(ScoreObject::under_site_rules(Some(Owner::Film(self.id)), &self.tally, &writer.rules())))]
    #[price(Score(OwnerKind::Film))]
    async fn score(
        &self,
        ctx: &Context<'_>,
        arguments: ScoreArguments,
    ) -> Result<Inlined<ScoreObject>> {
        Box::pin(score(ctx, Owner::Film(self.id), arguments))
            .await
            .with_path(ctx)
    }

    /// The distribution of the film's reviews by sentiment and by score.
    #[without_arguments(Inlined(ScoreDistribution::under_site_rules(&self.tally, &writer.rules())))]
    #[price(Score(OwnerKind::Film))]
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
        arguments: ScoreArguments,
    ) -> Result<Inlined<ScoreDistribution>> {
        Box::pin(distribution(ctx, Owner::Film(self.id), arguments))
            .await
            .with_path(ctx)
    }

    /// The history of the film's score: a point for each interval in which a review that counts was published, oldest
    /// first. Reviews without a date count in none.
    #[price(History(OwnerKind::Film))]
    async fn score_history(
        &self,
        ctx: &Context<'_>,
        arguments: HistoryArguments,
        page: PageArgs,
    ) -> Result<Inlined<Connection<ScorePoint>>> {
        let owner = Owner::Film(self.id);
        Box::pin(history(ctx, owner, arguments, &page))
            .await
            .with_path(ctx)
    }

    /// The scores of the film that other sources have published.
    #[price(Lookup)]
    async fn published_scores(&self, ctx: &Context<'_>) -> Result<Vec<PublishedScoreObject>> {
        let rules = site_rules(ctx).await.with_path(ctx)?;
        let scores = load(ctx, PublishedScoresOfFilm(self.id))
            .await
            .with_path(ctx)?
            .unwrap_or_default();
        Ok(scores
            .iter()
            .map(|score| PublishedScoreObject::new(score.clone(), &self.tally, &rules.policy))
            .collect())
    }

    /// The film as JSON-LD of schema.org, for the element `<script type="application/ld+json">` of a page: a `Movie` with its
    /// newest reviews. Without a score, it has no `aggregateRating`.
    #[price(JsonLd)]
    async fn json_ld(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of reviews, 0 to 100; 20 when null.")] first: Option<i32>,
    ) -> Result<String> {
        Box::pin(json_ld(ctx, self, first)).await.with_path(ctx)
    }

    /// The films that the critics who like this one like as well: by `similarity`, then those with the most critics first.
    #[price(SimilarFilms)]
    async fn similar_films(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The maximum number of films, 0 to 100; 20 when null.")] first: Option<
            i32,
        >,
    ) -> Result<InlinedList<SimilarFilm>> {
        Box::pin(similar_films(ctx, self.id, first))
            .await
            .with_path(ctx)
    }

    /// The reviews of the film with an excerpt: those by top critics first; then those with the highest score if positive ones
    /// are asked for, the lowest if negative, the one next to the middle of the band if mixed; then the newest.
    #[price(Quotes)]
    async fn top_quotes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews with this sentiment; any when null.")] sentiment: Option<
            Sentiment,
        >,
        #[graphql(desc = "The maximum number of reviews, 0 to 100; 3 when null.")] first: Option<
            i32,
        >,
    ) -> Result<InlinedList<Arc<Review>>> {
        Box::pin(top_quotes(ctx, self.id, sentiment, first))
            .await
            .with_path(ctx)
    }

    /// The reviews of the film.
    #[price(ReviewsOf(OwnerKind::Film))]
    async fn reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only reviews that match the filter; all reviews when null.")]
        filter: Option<ReviewFilterInput>,
        #[graphql(desc = "The order; oldest addition first when null.")] order_by: Option<
            ReviewOrderInput,
        >,
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
        .with_path(ctx)
    }
}

/// Loads a film; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a film; `AMBIGUOUS` if several have the title; `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn film(ctx: &Context<'_>, by: FilmBy) -> Result<Option<Arc<Film>>> {
    let film = match by {
        FilmBy::Id(id) => load(ctx, FilmById(FilmId(decode_id(&id, Kind::Film)?))).await?,
        FilmBy::Slug(slug) if slug.contains('\0') => None,
        FilmBy::Slug(slug) => load(ctx, FilmBySlug(slug)).await?,
        FilmBy::Titled(title) => match of_title(ctx, title).await?.into_key()? {
            Some(key) => load(ctx, FilmById(FilmId(key))).await?,
            None => None,
        },
        FilmBy::External(id) => {
            match of_external(ctx, IdentifiedKind::Film, id)
                .await?
                .into_key()?
            {
                Some(key) => load(ctx, FilmById(FilmId(key))).await?,
                None => None,
            }
        }
    };
    if let Some(film) = &film {
        loader(ctx)?.prime(FilmById(film.id), Arc::clone(film));
    }
    Ok(film)
}

/// Loads a page of films.
///
/// # Errors
///
/// When the filter or the paging arguments are invalid, or the statement fails.
pub async fn films(
    ctx: &Context<'_>,
    filter: Option<FilmFilterInput>,
    order_by: Option<FilmOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Film>>> {
    let order = order_by.map_or(FilmOrder::DEFAULT, FilmOrder::from);
    let request = page_request(page, order.tag())?;
    let loader = loader(ctx)?;
    let rules = site_rules(ctx).await?.scoring();
    let filter = FilmFilterInput::resolve(ctx, filter, &rules.policy).await?;
    let total = FilmCount::new(filter.clone(), rules);
    let key = FilmPage {
        filter,
        order,
        page: request,
        rules,
    };
    let page = load_page(ctx, &total, order.tag(), key).await?;
    for (film, _) in &page.value.rows {
        loader.prime(FilmById(film.id), Arc::clone(film));
    }
    Ok(Connection::of(page, order.tag(), total))
}
