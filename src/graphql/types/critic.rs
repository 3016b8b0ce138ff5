//! The type `Critic`, and its filter and order.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ID, InputObject, OneofObject, Result};
use macros::object;

use crate::{
    critic::{
        Critic, CriticId,
        store::{CriticById, CriticBySlug, CriticCount, CriticPage},
    },
    global_id::Kind,
    graphql::{
        connection::{Connection, ConnectionNode, require_page, with_total},
        constraint::{NAME, NOT_A_LIST, constraint},
        decode_id, encode_id,
        filter::substring,
        load, loader,
        order::OrderDirection,
        page_request,
        path::WithPath,
        selection::Inlined,
        types::{
            review::{ReviewFilterInput, ReviewOrderInput, reviews_of},
            score::{ScoreDistribution, ScoringPolicyInput, distribution, score},
        },
    },
    named::{NameFilter, NamedOrder, NamedReference},
    pagination::PageArgs,
    review::{Owner, Review, store::tally::CriticTally},
    score::Score,
    user_error::UserErrors,
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

    /// The version of the critic: 1 at first, and one higher after each change. Mutations compare it with
    /// `expectedVersion`.
    fn version(&self) -> i32 {
        self.version
    }

    /// The score of the reviews by the critic.
    async fn score(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The scoring policy; the default policy when null.")] policy: Option<
            ScoringPolicyInput,
        >,
        #[graphql(desc = "Only reviews that match the filter count; all reviews when null.")]
        filter: Option<ReviewFilterInput>,
    ) -> Result<Inlined<Score>> {
        Box::pin(score(ctx, Owner::Critic(self.id), policy, filter))
            .await
            .with_path(ctx)
    }

    /// The distribution of the reviews by the critic by sentiment and by score.
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The scoring policy; the default policy when null.")] policy: Option<
            ScoringPolicyInput,
        >,
        #[graphql(desc = "Only reviews that match the filter count; all reviews when null.")]
        filter: Option<ReviewFilterInput>,
    ) -> Result<Inlined<ScoreDistribution>> {
        Box::pin(distribution(ctx, Owner::Critic(self.id), policy, filter))
            .await
            .with_path(ctx)
    }

    /// The reviews by the critic.
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

/// A reference to a critic, by ID or by slug.
#[derive(Debug, OneofObject)]
pub enum CriticBy {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
}

/// A reference to a critic, by ID, by slug or by name.
#[derive(Debug, OneofObject)]
pub enum CriticRef {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// The name, at most 300 characters. If no critic has this name, one is added. If several have it, the user error
    /// is `AMBIGUOUS`: use the ID or the slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Name(String),
}

impl CriticRef {
    /// Parses the reference; adds an error at `path` if it is invalid.
    #[must_use]
    pub fn read(self, path: &str, errors: &mut UserErrors) -> Option<NamedReference> {
        match self {
            Self::Id(id) => {
                NamedReference::from_id(&id, Kind::Critic, &format!("{path}.id"), errors)
            }
            Self::Slug(slug) => NamedReference::from_slug(slug, &format!("{path}.slug"), errors),
            Self::Name(name) => NamedReference::from_name(name, &format!("{path}.name"), errors),
        }
    }
}

/// A filter of critics. A critic must match all fields that aren't null.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "CriticFilter")]
pub struct CriticFilterInput {
    /// Only critics whose name contains this string, ignoring case; at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: Option<String>,
}

impl TryFrom<CriticFilterInput> for NameFilter {
    type Error = Error;

    fn try_from(CriticFilterInput { name }: CriticFilterInput) -> Result<Self> {
        let name = substring("name", name)?;
        Ok(Self { name })
    }
}

/// The sort keys of critics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::named::NamedOrderField")]
pub enum CriticOrderField {
    /// The name, in Unicode's collation order.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// An order of critics. Critics with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "CriticOrder")]
pub struct CriticOrderInput {
    /// The sort key.
    field: CriticOrderField,
    /// The direction; when null, ascending for `NAME` and descending for `REVIEW_COUNT`.
    direction: Option<OrderDirection>,
}

impl From<CriticOrderInput> for NamedOrder {
    fn from(CriticOrderInput { field, direction }: CriticOrderInput) -> Self {
        Self::new(field.into(), direction.map(Into::into))
    }
}

/// Loads a critic; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a critic; `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn critic(ctx: &Context<'_>, by: CriticBy) -> Result<Option<Arc<Critic>>> {
    let critic = match by {
        CriticBy::Id(id) => load(ctx, CriticById(CriticId(decode_id(&id, Kind::Critic)?))).await?,
        CriticBy::Slug(slug) if slug.contains('\0') => None,
        CriticBy::Slug(slug) => load(ctx, CriticBySlug(slug)).await?,
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
    let page = loader.load(CriticPage {
        filter,
        order,
        page: request,
    });
    let list = require_page(with_total(ctx, &total, page).await?)?;
    for (critic, _) in &list.page.rows {
        loader.prime(CriticById(critic.id), Arc::clone(critic));
    }
    for (id, tally) in list.tallies.iter() {
        loader.prime(CriticTally(*id), Arc::clone(tally));
    }
    Ok(Connection::of(list.page, order.tag(), total))
}
