//! Publications as the API shows them.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ID, InputObject, OneofObject, Result};
use macros::object;

use crate::{
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
    publication::{
        Publication, PublicationId,
        store::{PublicationById, PublicationBySlug, PublicationCount, PublicationPage},
    },
    review::{Owner, Review, store::tally::PublicationTally},
    score::{Summary, Weight},
    user_error::UserErrors,
};

impl ConnectionNode for Publication {
    type Total = PublicationCount;
}

/// A paper, site or programme that reviews appear in.
#[object]
impl Publication {
    /// The publication's global id.
    #[interface]
    fn id(&self) -> ID {
        id(Kind::Publication, self.id.0)
    }

    /// The publication's name in addresses, such as "the-harbour-gazette". Unique.
    fn slug(&self) -> &str {
        &self.slug
    }

    /// The name, as shown.
    fn name(&self) -> &str {
        &self.name
    }

    /// The address of a page about the publication elsewhere; null when there is none.
    fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// How much a review in it counts in a film's score: 0.01 to 100, and 1 for most.
    fn weight(&self) -> f64 {
        factor(self.weight)
    }

    /// Which of its states this is: 1 at first, and one more with each change, whoever makes it. What `expectedVersion` is for.
    fn version(&self) -> i32 {
        self.version
    }

    /// What the reviews in the publication add up to.
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
        Box::pin(score(ctx, Owner::Publication(self.id), policy, filter))
            .await
            .at(ctx)
    }

    /// How the reviews in the publication spread over sentiments and scores.
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
        Box::pin(distribution(
            ctx,
            Owner::Publication(self.id),
            policy,
            filter,
        ))
        .await
        .at(ctx)
    }

    /// The reviews in the publication.
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
            Owner::Publication(self.id),
            filter,
            order_by,
            &page,
        ))
        .await
        .at(ctx)
    }
}

fn factor(weight: Weight) -> f64 {
    f64::from(weight.hundredths()) / 100.0
}

/// Names one publication, by either of its unique names.
#[derive(Debug, OneofObject)]
pub enum PublicationBy {
    /// By its global id.
    Id(ID),
    /// By its slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
}

/// Names one publication: by either of its unique names, or by its name as shown.
#[derive(Debug, OneofObject)]
pub enum PublicationRef {
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

impl PublicationRef {
    /// By what it is looked up, if it can be.
    #[must_use]
    pub fn read(self, path: &str, errors: &mut UserErrors) -> Option<NamedBy> {
        match self {
            Self::Id(id) => NamedBy::id(&id, Kind::Publication, &format!("{path}.id"), errors),
            Self::Slug(slug) => NamedBy::slug(slug, &format!("{path}.slug"), errors),
            Self::Name(name) => NamedBy::name(name, &format!("{path}.name"), errors),
        }
    }
}

/// Which publications a list is to hold. Everything given has to hold; what is null or left out says nothing.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "PublicationFilter")]
pub struct PublicationFilterInput {
    /// With this text somewhere in the name, at most 300 characters; case makes no difference.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: Option<String>,
}

impl TryFrom<PublicationFilterInput> for NameFilter {
    type Error = Error;

    fn try_from(PublicationFilterInput { name }: PublicationFilterInput) -> Result<Self> {
        let name = substring("name", name)?;
        Ok(Self { name })
    }
}

/// What publications can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::named::NamedOrderField")]
pub enum PublicationOrderField {
    /// The name, as Unicode sorts.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// An order of publications. Equals stand in the order in which they were added.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "PublicationOrder")]
pub struct PublicationOrderInput {
    /// What to sort by.
    field: PublicationOrderField,
    /// Which end comes first. Unless said: A for names, the most for numbers of reviews.
    direction: Option<OrderDirection>,
}

impl From<PublicationOrderInput> for NamedOrder {
    fn from(PublicationOrderInput { field, direction }: PublicationOrderInput) -> Self {
        Self::new(field.into(), direction.map(Into::into))
    }
}

/// Finds one publication.
///
/// # Errors
///
/// When the id is none of a publication, or the publication could not be read.
pub async fn publication(ctx: &Context<'_>, by: PublicationBy) -> Result<Option<Arc<Publication>>> {
    let publication = match by {
        PublicationBy::Id(id) => {
            load(
                ctx,
                PublicationById(PublicationId(key(&id, Kind::Publication)?)),
            )
            .await?
        }
        PublicationBy::Slug(slug) if slug.contains('\0') => None,
        PublicationBy::Slug(slug) => load(ctx, PublicationBySlug(slug)).await?,
    };
    if let Some(publication) = &publication {
        loader(ctx)?.prime(PublicationById(publication.id), Arc::clone(publication));
    }
    Ok(publication)
}

/// Lists publications.
///
/// # Errors
///
/// When the page can't be, or could not be read.
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
    let page = loader.load(PublicationPage {
        filter,
        order,
        page: request,
    });
    let listed = require_page(with_total(ctx, &total, page).await?)?;
    for (publication, _) in &listed.page.rows {
        loader.prime(PublicationById(publication.id), Arc::clone(publication));
    }
    for (id, tally) in listed.tallies.iter() {
        loader.prime(PublicationTally(*id), Arc::clone(tally));
    }
    Ok(Connection::of(listed.page, order.tag(), total))
}
