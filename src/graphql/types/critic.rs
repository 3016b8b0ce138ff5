//! The type `Critic`, and its filter and order.

pub mod agreement;
pub mod field;
pub mod filter;
pub mod reference;

use std::sync::Arc;

use async_graphql::{Context, ID, Result};
use macros::object;

use self::{
    agreement::{CriticAgreement, agreement, by_distance},
    filter::{CriticFilterInput, CriticOrderInput},
    reference::CriticBy,
};
use crate::{
    critic::{
        Critic, CriticId,
        store::{CriticById, CriticBySlug, CriticCount, CriticPage},
    },
    external_id::IdentifiedKind,
    global_id::Kind,
    graphql::{
        connection::{
            Connection, ConnectionNode,
            loaded_page::{LoadedPage, load_page},
        },
        decode_id, encode_id, load, loader,
        lookup::{of_external, of_name},
        page_request,
        path::WithPath,
        selection::{Inlined, InlinedList},
        to_nullable_field,
        types::{
            external_id::{ExternalIdObject, external_ids},
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
    review::{
        Review,
        owner::{Owner, OwnerKind},
        store::{agreement::Distance, tally::CriticTally, years::YearOfReviews},
    },
    score::{Agreement, Bias},
};

impl ConnectionNode for Critic {
    type Total = CriticCount;
}

/// A person who reviews films.
#[object]
impl Critic {
    /// The global ID of the critic.
    #[interface]
    fn id(&self) -> ID {
        encode_id(Kind::Critic, self.id.0)
    }

    /// The unique slug of the critic for URLs, such as "gunnar-rehlin".
    fn slug(&self) -> &str {
        &self.slug
    }

    /// The name of the critic. Several critics can have the same name.
    fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the critic's page on another site; null if there is none.
    fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The identifiers of the critic at sources, ordered by source and id; empty if there are none. No other critic has one
    /// of them.
    #[price(Lookup)]
    async fn external_ids(&self, ctx: &Context<'_>) -> Result<Vec<ExternalIdObject>> {
        external_ids(ctx, IdentifiedKind::Critic, self.id.0)
            .await
            .with_path(ctx)
    }

    /// The version of the critic: 1 at first, and one higher after each change. Mutations compare it with
    /// `expectedVersion`.
    fn version(&self) -> i32 {
        self.version
    }

    /// The score of the reviews by the critic.
    #[price(Score(OwnerKind::Critic))]
    async fn score(
        &self,
        ctx: &Context<'_>,
        arguments: ScoreArguments,
    ) -> Result<Inlined<ScoreObject>> {
        Box::pin(score(ctx, Owner::Critic(self.id), arguments))
            .await
            .with_path(ctx)
    }

    /// The distribution of the reviews by the critic by sentiment and by score.
    #[price(Score(OwnerKind::Critic))]
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
        arguments: ScoreArguments,
    ) -> Result<Inlined<ScoreDistribution>> {
        Box::pin(distribution(ctx, Owner::Critic(self.id), arguments))
            .await
            .with_path(ctx)
    }

    /// The history of the score of the reviews by the critic: a point for each interval in which a review that counts was
    /// published, oldest first. Reviews without a date count in none.
    #[price(History(OwnerKind::Critic))]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        arguments: HistoryArguments,
        page: PageArgs,
    ) -> Result<Inlined<Connection<ScorePoint>>> {
        let owner = Owner::Critic(self.id);
        Box::pin(history(ctx, owner, arguments, &page))
            .await
            .with_path(ctx)
    }

    /// How far the critic agrees with another one; null if both have reviewed fewer than 3 of the same films, or the other
    /// one doesn't exist.
    #[price(Agreement)]
    async fn agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ID, the slug, the name or an external ID of the other critic.")]
        with: CriticBy,
    ) -> Option<Result<Inlined<Agreement>>> {
        let agreement = Box::pin(agreement(ctx, self.id, with)).await;
        to_nullable_field(agreement.with_path(ctx))
    }

    /// The critics whose scores differ least from those of this critic: by `meanAbsoluteDifference`, then those with the most
    /// films first.
    #[price(CriticsByDistance)]
    async fn closest_critics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The maximum number of critics, 0 to 100; 20 when null.")] first: Option<
            i32,
        >,
        #[graphql(
            desc = "The number of films that both must have given a score, 3 to 1,000; 5 when null."
        )]
        minimum_films: Option<i32>,
    ) -> Result<InlinedList<CriticAgreement>> {
        let arguments = (first, minimum_films);
        Box::pin(by_distance(ctx, self.id, Distance::Closest, arguments))
            .await
            .with_path(ctx)
    }

    /// The critics whose scores differ most from those of this critic: by `meanAbsoluteDifference`, then those with the most
    /// films first.
    #[price(CriticsByDistance)]
    async fn furthest_critics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The maximum number of critics, 0 to 100; 20 when null.")] first: Option<
            i32,
        >,
        #[graphql(
            desc = "The number of films that both must have given a score, 3 to 1,000; 5 when null."
        )]
        minimum_films: Option<i32>,
    ) -> Result<InlinedList<CriticAgreement>> {
        let arguments = (first, minimum_films);
        Box::pin(by_distance(ctx, self.id, Distance::Furthest, arguments))
            .await
            .with_path(ctx)
    }

    /// How much kinder or harsher the reviews by the critic are than the other reviews of the same films; null if none of them has
    /// a score, or no film has a score without them.
    #[price(Outliers(OwnerKind::Critic))]
    async fn bias(&self, ctx: &Context<'_>) -> Option<Result<Inlined<Bias>>> {
        let bias = Box::pin(bias(ctx, Owner::Critic(self.id))).await;
        to_nullable_field(bias.with_path(ctx))
    }

    /// The reviews by the critic that differ most from the other reviews of their films, in one direction: by `difference`, then
    /// oldest addition first.
    #[price(Outliers(OwnerKind::Critic))]
    async fn outliers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether the reviews are below or above the others.")]
        direction: OutlierDirection,
        #[graphql(desc = "The maximum number of reviews, 0 to 100; 20 when null.")] first: Option<
            i32,
        >,
    ) -> Result<InlinedList<ReviewOutlier>> {
        Box::pin(outliers(ctx, Owner::Critic(self.id), direction, first))
            .await
            .with_path(ctx)
    }

    /// The years in which reviews by the critic were published, the oldest first, and at most the last 100. Reviews without a date
    /// are in none.
    #[price(PerYear(OwnerKind::Critic))]
    async fn per_year(&self, ctx: &Context<'_>) -> Result<InlinedList<YearOfReviews>> {
        Box::pin(per_year(ctx, Owner::Critic(self.id)))
            .await
            .with_path(ctx)
    }

    /// The reviews by the critic.
    #[price(ReviewsOf(OwnerKind::Critic))]
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
            Owner::Critic(self.id),
            filter,
            order_by,
            &page,
        ))
        .await
        .with_path(ctx)
    }
}

/// Loads a critic; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a critic; `AMBIGUOUS` if several have the name; `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn critic(ctx: &Context<'_>, by: CriticBy) -> Result<Option<Arc<Critic>>> {
    let critic = match by {
        CriticBy::Id(id) => load(ctx, CriticById(CriticId(decode_id(&id, Kind::Critic)?))).await?,
        CriticBy::Slug(slug) if slug.contains('\0') => None,
        CriticBy::Slug(slug) => load(ctx, CriticBySlug(slug)).await?,
        CriticBy::Name(name) => match of_name(ctx, NamedKind::Critic, &name).await?.into_key()? {
            Some(key) => load(ctx, CriticById(CriticId(key))).await?,
            None => None,
        },
        CriticBy::External(id) => {
            match of_external(ctx, IdentifiedKind::Critic, id)
                .await?
                .into_key()?
            {
                Some(key) => load(ctx, CriticById(CriticId(key))).await?,
                None => None,
            }
        }
    };
    if let Some(critic) = &critic {
        loader(ctx)?.prime(CriticById(critic.id), Arc::clone(critic));
    }
    Ok(critic)
}

/// Loads a page of critics.
///
/// # Errors
///
/// When the filter or the paging arguments are invalid, or the statement fails.
pub async fn critics(
    ctx: &Context<'_>,
    filter: Option<CriticFilterInput>,
    order_by: Option<CriticOrderInput>,
    page: &PageArgs,
) -> Result<Inlined<Connection<Critic>>> {
    let filter = NameFilter::try_from(filter.unwrap_or_default())?;
    let order = order_by.map_or(NamedOrder::DEFAULT, NamedOrder::from);
    let request = page_request(page, order.tag())?;
    let loader = loader(ctx)?;
    let total = CriticCount(filter.clone());
    let key = CriticPage {
        filter,
        order,
        page: request,
    };
    let list = load_page(ctx, &total, order.tag(), key).await?;
    for (critic, _) in &list.value.page.rows {
        loader.prime(CriticById(critic.id), Arc::clone(critic));
    }
    for (id, tally) in list.value.tallies.iter() {
        loader.prime(CriticTally(*id), Arc::clone(tally));
    }
    let page = LoadedPage {
        value: list.value.page,
        sides: list.sides,
    };
    Ok(Connection::of(page, order.tag(), total))
}
