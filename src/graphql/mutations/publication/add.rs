//! The mutation `addPublication`.

use async_graphql::{Context, InputObject, Object, Result};

use super::KIND;
use crate::{
    graphql::{
        constraint::{NAME, NOT_A_LIST, URL, constraint},
        mutations::{idempotency::Idempotency, named},
        selection::Linked,
    },
    named::draft::NamedPatch,
    patch::Patch,
    publication::{PublicationId, store::PublicationById},
    user_error::UserError,
};

/// The input of `addPublication`.
#[derive(Debug, InputObject)]
pub struct AddPublicationInput {
    /// The name of the publication, at most 300 characters.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    name: String,
    /// The URL of the publication's page on another site, at most 2,000 characters; none when null.
    #[graphql(directive = constraint::apply(URL, NOT_A_LIST))]
    url: Option<String>,
    /// The weight of its reviews in scores: 0.01 to 100, with at most two decimal places; 1 when null.
    weight: Option<f64>,
    /// The unique slug for URLs: lower-case letters, digits and hyphens; derived from the name when null. With a slug,
    /// the publication is added even if one with the same name exists.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    slug: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn add(
    ctx: &Context<'_>,
    input: AddPublicationInput,
) -> Result<AddPublicationPayload> {
    let patch = NamedPatch {
        slug: input.slug.into(),
        name: Patch::Set(input.name),
        url: input.url.into(),
        weight: input.weight.into(),
        external_ids: Patch::Keep,
    };
    let added = named::add(ctx, KIND, patch, input.idempotency).await?;
    Ok(AddPublicationPayload {
        publication: added.row_id.map(PublicationId),
        user_errors: added.user_errors,
    })
}

/// The result of `addPublication`.
#[derive(Debug)]
pub struct AddPublicationPayload {
    publication: Option<PublicationId>,
    user_errors: Vec<UserError>,
}

/// The result of `addPublication`.
#[Object]
impl AddPublicationPayload {
    /// The added publication; null if it was not added, or has been deleted since.
    fn publication(&self) -> Linked<PublicationById> {
        Linked(self.publication.map(PublicationById))
    }

    /// All errors in the input; empty if the publication was added.
    fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}
