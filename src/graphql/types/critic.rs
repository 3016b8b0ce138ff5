//! Critics as the API shows them.

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
        filter::substring,
        id, key, load, loader,
        order::OrderDirection,
        page_request,
        path::At,
        selection::Inlined,
        types::{
            review::{ReviewFilterInput, ReviewOrderInput, reviews_of},
            score::{ScoreDistribution, ScoringPolicyInput, distribution, score},
        },
    },
    named::{NameFilter, NamedBy, NamedOrder},
    pagination::PageArgs,
    review::{Owner, Review, store::tally::CriticTally},
    score::Summary,
    user_error::UserErrors,
};

impl ConnectionNode for Critic {
    type Total = CriticCount;
}

/// A person who reviews films.
#[object]
impl Critic {
    /// The critic's global id.
    #[interface]
    fn id(&self) -> ID {
        id(Kind::Critic, self.id.0)
    }

    /// The critic's name in addresses, such as "gunnar-rehlin". Unique.
    fn slug(&self) -> &str {
        &self.slug
    }

    /// The name, as shown. Namesakes have the same.
    fn name(&self) -> &str {
        &self.name
    }

    /// The address of a page about the critic elsewhere; null when there is none.
    fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Which of its states this is: 1 at first, and one more with each change, whoever makes it. What `expectedVersion` is for.
    fn version(&self) -> i32 {
        self.version
    }

    /// What the reviews by the critic add up to.
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
        Box::pin(score(ctx, Owner::Critic(self.id), policy, filter))
            .await
            .at(ctx)
    }

    /// How the reviews by the critic spread over sentiments and scores.
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
        Box::pin(distribution(ctx, Owner::Critic(self.id), policy, filter))
            .await
            .at(ctx)
    }

    /// The reviews by the critic.
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
            Owner::Critic(self.id),
            filter,
            order_by,
            &page,
        ))
        .await
        .at(ctx)
    }
}

/// Names one critic, by either of its unique names.
#[derive(Debug, OneofObject)]
pub enum CriticBy {
    /// By its global id.
    Id(ID),
    /// By its slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
}

/// Names one critic: by either of its unique names, or by its name as shown.
#[derive(Debug, OneofObject)]
pub enum CriticRef {
    /// By its global id.
    Id(ID),
    /// By its slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// By its name as shown, at most 300 characters. It is added if there is none of that name, and has to be told otherwise if there are
    /// several.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Name(String),
}

impl CriticRef {
    /// By what it is looked up, if it can be.
    #[must_use]
    pub fn read(self, path: &str, errors: &mut UserErrors) -> Option<NamedBy> {
        match self {
            Self::Id(id) => NamedBy::id(&id, Kind::Critic, &format!("{path}.id"), errors),
            Self::Slug(slug) => NamedBy::slug(slug, &format!("{path}.slug"), errors),
            Self::Name(name) => NamedBy::name(name, &format!("{path}.name"), errors),
        }
    }
}

/// Which critics a list is to hold. Everything given has to hold; what is null or left out says nothing.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "CriticFilter")]
pub struct CriticFilterInput {
    /// With this text somewhere in the name, at most 300 characters; case makes no difference.
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

/// What critics can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::named::NamedOrderField")]
pub enum CriticOrderField {
    /// The name, as Unicode sorts.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// An order of critics. Equals stand in the order in which they were added.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "CriticOrder")]
pub struct CriticOrderInput {
    /// What to sort by.
    field: CriticOrderField,
    /// Which end comes first. Unless said: A for names, the most for numbers of reviews.
    direction: Option<OrderDirection>,
}

impl From<CriticOrderInput> for NamedOrder {
    fn from(CriticOrderInput { field, direction }: CriticOrderInput) -> Self {
        Self::new(field.into(), direction.map(Into::into))
    }
}

/// Finds one critic.
///
/// # Errors
///
/// When the id is none of a critic, or the critic could not be read.
pub async fn critic(ctx: &Context<'_>, by: CriticBy) -> Result<Option<Arc<Critic>>> {
    let critic = match by {
        CriticBy::Id(id) => load(ctx, CriticById(CriticId(key(&id, Kind::Critic)?))).await?,
        CriticBy::Slug(slug) if slug.contains('\0') => None,
        CriticBy::Slug(slug) => load(ctx, CriticBySlug(slug)).await?,
    };
    if let Some(critic) = &critic {
        loader(ctx)?.prime(CriticById(critic.id), Arc::clone(critic));
    }
    Ok(critic)
}

/// Lists critics.
///
/// # Errors
///
/// When the page can't be, or could not be read.
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
    let listed = require_page(with_total(ctx, &total, page).await?)?;
    for (critic, _) in &listed.page.rows {
        loader.prime(CriticById(critic.id), Arc::clone(critic));
    }
    for (id, tally) in listed.tallies.iter() {
        loader.prime(CriticTally(*id), Arc::clone(tally));
    }
    Ok(Connection::of(listed.page, order.tag(), total))
}
