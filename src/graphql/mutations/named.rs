//! The common part of the mutations of critics and publications, which have different inputs and payloads.

use async_graphql::{Context, ID, Result};

use crate::{
    access::Role,
    graphql::{
        lookup::{RowReference, required_key},
        mutations::{commit::commit, idempotency::Idempotency},
        site_rules,
        types::viewer::require_role,
    },
    mutation::{Command, DeletedRow, UpdatedRow, WrittenRow},
    named::{
        NamedKind,
        draft::{NamedDraft, NamedPatch},
        store::{AddNamed, DeleteNamed, MergeNamed, Merged, UpdateNamed},
    },
    user_error::{UserError, UserErrors},
};

/// The two forms of a reference to a row: its global ID, or a reference by any of its keys.
pub type References<R> = (Option<ID>, Option<R>);

/// The result of a mutation of a critic or a publication.
#[derive(Debug)]
pub struct NamedResult<D> {
    /// The key of the row in the payload; `None` if the input's ID is invalid, or the row was not added.
    pub row_id: Option<i64>,
    /// The outcome, if the mutation succeeded.
    pub done: Option<D>,
    /// The errors in the input.
    pub user_errors: Vec<UserError>,
}

/// Adds a critic or a publication.
///
/// # Errors
///
/// See [`commit`]; also `FORBIDDEN` without the role editor.
pub async fn add(
    ctx: &Context<'_>,
    kind: NamedKind,
    patch: NamedPatch,
    idempotency: Idempotency,
) -> Result<NamedResult<WrittenRow>> {
    let mut errors = UserErrors::default();
    let mut draft = NamedDraft::default();
    draft.apply(patch, &mut errors);
    let command = AddNamed {
        kind,
        draft,
        errors,
    };
    let mut added = run(ctx, idempotency, None, &command).await?;
    added.row_id = added.done.map(|row| row.id);
    Ok(added)
}

/// Updates a critic or a publication.
///
/// # Errors
///
/// See [`commit`]; also `FORBIDDEN` without the role editor.
pub async fn update<R: RowReference>(
    ctx: &Context<'_>,
    kind: NamedKind,
    (row, expected_version): (References<R>, Option<i32>),
    patch: NamedPatch,
    idempotency: Idempotency,
) -> Result<NamedResult<UpdatedRow>> {
    require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = required_key(ctx, row, ["id", "by"], &mut errors).await?;
    let command = UpdateNamed {
        kind,
        id,
        expected_version,
        patch,
        errors,
    };
    run(ctx, idempotency, id, &command).await
}

/// Deletes a critic or a publication.
///
/// # Errors
///
/// See [`commit`]; also `FORBIDDEN` without the role editor.
pub async fn delete<R: RowReference>(
    ctx: &Context<'_>,
    kind: NamedKind,
    (row, expected_version): (References<R>, Option<i32>),
    detach_reviews: Option<bool>,
    idempotency: Idempotency,
) -> Result<NamedResult<DeletedRow>> {
    require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let id = required_key(ctx, row, ["id", "by"], &mut errors).await?;
    let command = DeleteNamed {
        kind,
        id,
        expected_version,
        detach_reviews: detach_reviews.unwrap_or_default(),
        errors,
    };
    run(ctx, idempotency, id, &command).await
}

/// Merges two critics or two publications. The payload has the remaining one.
///
/// # Errors
///
/// See [`commit`]; also `FORBIDDEN` without the role editor.
pub async fn merge<R: RowReference>(
    ctx: &Context<'_>,
    kind: NamedKind,
    (from, into): (References<R>, References<R>),
    idempotency: Idempotency,
) -> Result<NamedResult<Merged>> {
    require_role(ctx, Role::Editor)?;
    let mut errors = UserErrors::default();
    let from = required_key(ctx, from, ["from", "fromBy"], &mut errors).await?;
    let into = required_key(ctx, into, ["into", "intoBy"], &mut errors).await?;
    let command = MergeNamed {
        kind,
        from,
        into,
        allows_more_reviews: site_rules(ctx).await?.more_reviews_per_critic,
        errors,
    };
    run(ctx, idempotency, into, &command).await
}

/// Runs a mutation that requires the role editor.
async fn run<C: Command>(
    ctx: &Context<'_>,
    idempotency: Idempotency,
    row_id: Option<i64>,
    command: &C,
) -> Result<NamedResult<C::Done>> {
    let principal = require_role(ctx, Role::Editor)?;
    Ok(match commit(ctx, principal, idempotency, command).await? {
        Ok(done) => NamedResult {
            row_id,
            done: Some(done),
            user_errors: Vec::new(),
        },
        Err(user_errors) => NamedResult {
            row_id,
            done: None,
            user_errors,
        },
    })
}
