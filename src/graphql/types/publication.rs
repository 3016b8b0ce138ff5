//! The type `Publication`, and its filter and order.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ID, InputObject, OneofObject, Result};
use macros::object;

use crate::{
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
    publication::{
        Publication, PublicationId,
        store::{PublicationById, PublicationBySlug, PublicationCount, PublicationPage},
    },
    review::{Owner, Review, store::tally::PublicationTally},
    score::{Score, Weight},
    user_error::UserErrors,
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
        factor(self.weight)
    }

    /// The version of the publication: 1 at first, and one higher after each change. Mutations compare it with
    /// `expectedVersion`.
    fn version(&self) -> i32 {
        self.version
    }

    /// The score of the reviews in the publication.
    async fn score(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The scoring policy; the default policy when null.")] policy: Option<
            ScoringPolicyInput,
        >,
        #[graphql(desc = "Only reviews that match the filter count; all reviews when null.")]
        filter: Option<ReviewFilterInput>,
    ) -> Result<Inlined<Score>> {
        Box::pin(score(ctx, Owner::Publication(self.id), policy, filter))
            .await
            .with_path(ctx)
    }

    /// The distribution of the reviews in the publication by sentiment and by score.
    async fn score_distribution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The scoring policy; the default policy when null.")] policy: Option<
            ScoringPolicyInput,
        >,
        #[graphql(desc = "Only reviews that match the filter count; all reviews when null.")]
        filter: Option<ReviewFilterInput>,
    ) -> Result<Inlined<ScoreDistribution>> {
        Box::pin(distribution(
            ctx,
            Owner::Publication(self.id),
            policy,
            filter,
        ))
        .await
        .with_path(ctx)
    }

    /// The reviews in the publication.
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

fn factor(weight: Weight) -> f64 {
    f64::from(weight.hundredths()) / 100.0
}

/// A reference to a publication, by ID or by slug.
#[derive(Debug, OneofObject)]
pub enum PublicationBy {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
}

/// A reference to a publication, by ID, by slug or by name.
#[derive(Debug, OneofObject)]
pub enum PublicationRef {
    /// The global ID.
    Id(ID),
    /// The slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Slug(String),
    /// The name, at most 300 characters. If no publication has this name, one is added. If several have it, the user
    /// error is `AMBIGUOUS`: use the ID or the slug.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    Name(String),
}

impl PublicationRef {
    /// Parses the reference; adds an error at `path` if it is invalid.
    #[must_use]
    pub fn read(self, path: &str, errors: &mut UserErrors) -> Option<NamedReference> {
        match self {
            Self::Id(id) => {
                NamedReference::from_id(&id, Kind::Publication, &format!("{path}.id"), errors)
            }
            Self::Slug(slug) => NamedReference::from_slug(slug, &format!("{path}.slug"), errors),
            Self::Name(name) => NamedReference::from_name(name, &format!("{path}.name"), errors),
        }
    }
}

/// A filter of publications. A publication must match all fields that aren't null.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "PublicationFilter")]
pub struct PublicationFilterInput {
    /// Only publications whose name contains this string, ignoring case; at most 300 characters.
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

/// The sort keys of publications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::named::NamedOrderField")]
pub enum PublicationOrderField {
    /// The name, in Unicode's collation order.
    Name,
    /// The number of reviews.
    ReviewCount,
}

/// An order of publications. Publications with equal sort keys are in the order of their addition.
#[derive(Clone, Copy, Debug, InputObject)]
#[graphql(name = "PublicationOrder")]
pub struct PublicationOrderInput {
    /// The sort key.
    field: PublicationOrderField,
    /// The direction; when null, ascending for `NAME` and descending for `REVIEW_COUNT`.
    direction: Option<OrderDirection>,
}

impl From<PublicationOrderInput> for NamedOrder {
    fn from(PublicationOrderInput { field, direction }: PublicationOrderInput) -> Self {
        Self::new(field.into(), direction.map(Into::into))
    }
}

/// Loads a publication; `None` if it doesn't exist.
///
/// # Errors
///
/// `INVALID_ID` if the ID isn't the ID of a publication; `UNAVAILABLE` or `INTERNAL` if the statement fails.
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
    let page = loader.load(PublicationPage {
        filter,
        order,
        page: request,
    });
    let list = require_page(with_total(ctx, &total, page).await?)?;
    for (publication, _) in &list.page.rows {
        loader.prime(PublicationById(publication.id), Arc::clone(publication));
    }
    for (id, tally) in list.tallies.iter() {
        loader.prime(PublicationTally(*id), Arc::clone(tally));
    }
    Ok(Connection::of(list.page, order.tag(), total))
}
