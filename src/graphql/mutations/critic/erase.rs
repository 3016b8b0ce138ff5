//! The mutation `eraseCritic`.

use async_graphql::{Context, Enum, ID, InputObject, Result, SimpleObject};

use crate::{
    access::Role,
    critic::{erasure::Erasure, store::erase::EraseCritic},
    graphql::{
        constraint::{NAME, NOT_A_LIST, constraint},
        lookup::required_key,
        mutations::{commit::commit, idempotency::Idempotency},
        types::{critic::reference::CriticBy, viewer::require_role},
    },
    patch::{self, Patch},
    user_error::{UserError, UserErrors},
};

/// What happens to the excerpts and URLs of the reviews of an erased critic, and of their earlier versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ErasedTexts {
    /// They are kept. A URL that has the name or the slug of the critic is removed nevertheless.
    Keep,
    /// They are removed.
    Remove,
}

/// The input of `eraseCritic`.
#[derive(Debug, InputObject)]
pub struct EraseCriticInput {
    /// The global ID of the critic.
    id: Option<ID>,
    /// The critic. Either this or `id` is required.
    by: Option<CriticBy>,
    /// The version that the caller has read. If the current `version` differs, nothing is changed, and the user error
    /// is `STALE`. Not checked when null.
    expected_version: Option<i32>,
    /// What happens to the excerpts and URLs of the reviews.
    texts: ErasedTexts,
    /// The byline of the reviews from now on, such as "Former critic", at most 300 characters; none when null. It must
    /// not have the critic's name.
    #[graphql(directive = constraint::apply(NAME, NOT_A_LIST))]
    byline: Option<String>,
    #[graphql(flatten)]
    idempotency: Idempotency,
}

pub(super) async fn erase(
    ctx: &Context<'_>,
    input: EraseCriticInput,
) -> Result<EraseCriticPayload> {
    let principal = require_role(ctx, Role::Admin)?;
    let mut errors = UserErrors::default();
    let id = required_key(ctx, (input.id, input.by), ["id", "by"], &mut errors).await?;
    let byline = input.byline.map_or(Patch::Clear, Patch::Set);
    let byline = patch::optional_name(byline, "byline", &mut errors);
    let command = EraseCritic {
        id,
        expected_version: input.expected_version,
        removes_texts: input.texts == ErasedTexts::Remove,
        byline: byline.value().cloned(),
        errors,
    };
    let (erasure, user_errors) = match commit(ctx, principal, input.idempotency, &command).await? {
        Ok(erasure) => (Some(erasure), Vec::new()),
        Err(user_errors) => (None, user_errors),
    };
    Ok(EraseCriticPayload {
        erasure,
        user_errors,
    })
}

/// The result of `eraseCritic`.
#[derive(Debug, SimpleObject)]
pub struct EraseCriticPayload {
    /// The record of the erasure; null if the critic was not erased.
    erasure: Option<Erasure>,
    /// All errors in the input; empty if the critic was erased.
    user_errors: Vec<UserError>,
}
