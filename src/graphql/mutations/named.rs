//! The common part of the mutations of critics and publications, which have different inputs and payloads.

use async_graphql::{Context, ID, Result};

use crate::{
    access::Role,
    graphql::{
        mutations::{commit::commit, idempotency::Idempotency},
        types::viewer::require_role,
    },
    mutation::{Command, DeletedRow, UpdatedRow, WrittenRow},
    named::{
        NamedKind, decode_key,
        draft::{NamedDraft, NamedPatch},
        store::{AddNamed, DeleteNamed, MergeNamed, Merged, UpdateNamed},
    },
    user_error::{UserError, UserErrors},
};

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
pub async fn update(
    ctx: &Context<'_>,
    kind: NamedKind,
    (id, expected_version): (&ID, Option<i32>),
    patch: NamedPatch,
    idempotency: Idempotency,
) -> Result<NamedResult<UpdatedRow>> {
    let mut errors = UserErrors::default();
    let id = decode_key(id, kind.global_id_kind(), "id", &mut errors);
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
pub async fn delete(
    ctx: &Context<'_>,
    kind: NamedKind,
    (id, expected_version): (&ID, Option<i32>),
    detach_reviews: Option<bool>,
    idempotency: Idempotency,
) -> Result<NamedResult<DeletedRow>> {
    let mut errors = UserErrors::default();
    let id = decode_key(id, kind.global_id_kind(), "id", &mut errors);
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
pub async fn merge(
    ctx: &Context<'_>,
    kind: NamedKind,
    (from, into): (&ID, &ID),
    idempotency: Idempotency,
) -> Result<NamedResult<Merged>> {
    let mut errors = UserErrors::default();
    let from = decode_key(from, kind.global_id_kind(), "from", &mut errors);
    let into = decode_key(into, kind.global_id_kind(), "into", &mut errors);
    let command = MergeNamed {
        kind,
        from,
        into,
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
