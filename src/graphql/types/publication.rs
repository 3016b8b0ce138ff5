//! The type `Publication`, and its filter and order.

pub mod field;
pub mod filter;
pub mod reference;

use std::sync::Arc;

use async_graphql::{Context, ID, Result};
use macros::object;

use self::{
    filter::{PublicationFilterInput, PublicationOrderInput},
    reference::PublicationBy,
};
use crate::{
    global_id::Kind,
    graphql::{
        connection::{
            Connection, ConnectionNode,
            loaded_page::{LoadedPage, load_page},
        },
        decode_id, encode_id, load, loader,
        lookup::of_name,
        page_request,
        path::WithPath,
        selection::{Inlined, InlinedList},
        to_nullable_field,
        types::{
            review::{
                filter::{ReviewFilterInput, ReviewOrderInput},
                list::reviews_of,
            },
            reviewer::{OutlierDirection, ReviewOutlier, bias, outliers, per_year},
            score::{ScoreArguments, ScoreObject, distribution, score},
            score_distribution::ScoreDistribution,
            score_history::{HistoryArguments, ScorePoint, history},
        },
    },
    named::{NameFilter, NamedKind, NamedOrder},
    pagination::PageArgs,
    publication::{
        Publication, PublicationId,
        store::{PublicationById, PublicationBySlug, PublicationCount, PublicationPage},
    },
    review::{
        Review,
        owner::{Owner, OwnerKind},
        store::{tally::PublicationTally, years::YearOfReviews},
    },
    score::Bias,
};

impl ConnectionNode for Publication {
    type Total = PublicationCount;
}

/// A newspaper, site or programme that publishes reviews.
#[object]
impl Publication {
    /// The global ID of the publication.
    #[interface]
    fn id(&self) -> ID {
        encode_id(Kind::Publication, self.id.0)
    }

    /// The unique slug of the publication for URLs, such as "the-harbour-gazette".
    fn slug(&self) -> &str {
        &self.slug
    }

    /// The name of the publication.
    fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the publication's page on another site; null if there is none.
    fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The weight of its reviews in scores: 0.01 to 100, and 1 by default.
    fn weight(&self) -> f64 {
        self.weight.factor()
    }

    /// The version of the publication: 1 at first, and one higher after each change. Mutations compare it with
    /// `expectedVersion`.
    fn version(&self) -> i32 {
        self.version
    }

    /// The score of the reviews in the publication.
    #[price(Score(OwnerKind::Publication))]
    async fn score(
        &self,
        ctx: &Context<'_>,
        arguments: ScoreArguments,
    ) -> Result<Inlined<ScoreObject>> {
        Box::pin(score(ctx, Owner::Publication(self.id), arguments))
            .await
            .with_path(ctx)
    }

    /// The distribution of the reviews in the publication by sentiment and by score.
    #[price(Score(OwnerKind::Publication))]
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
        arguments: ScoreArguments,
    ) -> Result<Inlined<ScoreDistribution>> {
        Box::pin(distribution(ctx, Owner::Publication(self.id), arguments))
            .await
            .with_path(ctx)
    }

    /// The history of the score of the reviews in the publication: a point for each interval in which a review that counts
    /// was published, oldest first. Reviews without a date count in none.
    #[price(History(OwnerKind::Publication))]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        arguments: HistoryArguments,
        page: PageArgs,
    ) -> Result<Inlined<Connection<ScorePoint>>> {
        let owner = Owner::Publication(self.id);
        Box::pin(history(ctx, owner, arguments, &page))
            .await
            .with_path(ctx)
    }

    /// How much kinder or harsher the reviews in the publication are than the other reviews of the same films; null if none of them has
    /// a score, or no film has a score without them.
    #[price(Outliers(OwnerKind::Publication))]
    async fn bias(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Bias>>> {
        let bias = Box::pin(bias(ctx, Owner::Publication(self.id))).await;
        to_nullable_field(bias.with_path(ctx))
    }

    /// The reviews in the publication that differ most from the other reviews of their films, in one direction: by `difference`, then
    /// oldest addition first.
    #[price(Outliers(OwnerKind::Publication))]
    async fn outliers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether the reviews are below or above the others.")]
        direction: OutlierDirection,
        #[graphql(desc = "The maximum number of reviews, 0 to 100; 20 when null.")] first: Option<
            i32,
        >,
    ) -> Result<InlinedList<ReviewOutlier>> {
        Box::pin(outliers(ctx, Owner::Publication(self.id), direction, first))
            .await
            .with_path(ctx)
    }

    /// The years in which reviews in the publication were published, the oldest first, and at most the last 100. Reviews without a date
    /// are in none.
    #[price(PerYear(OwnerKind::Publication))]
    async fn per_year(&self, ctx: &Context<'_>) -> Result<InlinedList<YearOfReviews>> {
        Box::pin(per_year(ctx, Owner::Publication(self.id)))
            .await
            .with_path(ctx)
    }

    /// The reviews in the publication.
    #[price(ReviewsOf(OwnerKind::Publication))]
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
            Owner::Publication(self.id),
            filter,
            order_by,
            &page,
        ))
        .await
        .with_path(ctx)
    }
}

/// Loads a publication; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a publication; `AMBIGUOUS` if several have the name; `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn publication(ctx: &Context<'_>, by: PublicationBy) -> Result<Option<Arc<Publication>>> {
    let publication = match by {
        PublicationBy::Id(id) => {
            load(
                ctx,
                PublicationById(PublicationId(decode_id(&id, Kind::Publication)?)),
            )
            .await?
        }
        PublicationBy::Slug(slug) if slug.contains('\0') => None,
        PublicationBy::Slug(slug) => load(ctx, PublicationBySlug(slug)).await?,
        PublicationBy::Name(name) => match of_name(ctx, NamedKind::Publication, &name)
            .await?
            .into_key()?
        {
            Some(key) => load(ctx, PublicationById(PublicationId(key))).await?,
            None => None,
        },
    };
    if let Some(publication) = &publication {
        loader(ctx)?.prime(PublicationById(publication.id), Arc::clone(publication));
    }
    Ok(publication)
}

/// Loads a page of publications.
///
/// # Errors
///
/// When the filter or the paging arguments are invalid, or the statement fails.
pub async fn publications(
    ctx: &Context<'_>,
    filter: Option<PublicationFilterInput>,
    order_by: Option<PublicationOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Publication>>> {
    let filter = NameFilter::try_from(filter.unwrap_or_default())?;
    let order = order_by.map_or(NamedOrder::DEFAULT, NamedOrder::from);
    let request = page_request(page, order.tag())?;
    let loader = loader(ctx)?;
    let total = PublicationCount(filter.clone());
    let key = PublicationPage {
        filter,
        order,
        page: request,
    };
    let list = load_page(ctx, &total, order.tag(), key).await?;
    for (publication, _) in &list.value.page.rows {
        loader.prime(PublicationById(publication.id), Arc::clone(publication));
    }
    for (id, tally) in list.value.tallies.iter() {
        loader.prime(PublicationTally(*id), Arc::clone(tally));
    }
    let page = LoadedPage {
        value: list.value.page,
        sides: list.sides,
    };
    Ok(Connection::of(page, order.tag(), total))
}
