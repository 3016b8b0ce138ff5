//! What the surfaces of all mutations share.

use std::sync::Arc;

use async_graphql::{Context, MaybeUndefined, Result};

use crate::{
    access::Principal,
    database::session::Session,
    error::{bad_input, code, internal},
    graphql::{data, loader, mutations::idempotency::Idempotency, types::token::forbidden},
    mutation::{
        Mutation, Outcome, Trial,
        store::{
            RunError,
            group::{self, Grouped, Groups},
            run,
        },
    },
    patch::Patch,
    user_error::{UserError, UserErrors},
};

impl<T> From<MaybeUndefined<T>> for Patch<T> {
    fn from(value: MaybeUndefined<T>) -> Self {
        match value {
            MaybeUndefined::Undefined => Self::Keep,
            MaybeUndefined::Null => Self::Clear,
            MaybeUndefined::Value(value) => Self::Set(value),
        }
    }
}

/// Runs a mutation in the name of who asks for it. `Err` in the inner result holds what is wrong with its input.
///
/// # Errors
///
/// When who asks may not, the database is away, or something failed on our side.
pub async fn commit<M: Mutation>(
    ctx: &Context<'_>,
    principal: &Principal,
    idempotency: Idempotency,
    mutation: &M,
) -> Result<Result<M::Done, Vec<UserError>>> {
    let session = loader(ctx)?.session();
    let key = match idempotency.key(ctx)? {
        Ok(key) => key,
        Err(errors) => return refused(errors, mutation, principal, session).await,
    };
    concluded(
        ctx,
        run(mutation, &principal.actor, key.as_ref(), session).await,
    )
}

/// The same for one that is done together with others, if there are any.
///
/// # Errors
///
/// Those of [`commit`].
pub async fn commit_grouped<M: Grouped>(
    ctx: &Context<'_>,
    principal: &Principal,
    idempotency: Idempotency,
    mutation: &Arc<M>,
) -> Result<Result<M::Done, Vec<UserError>>> {
    let session = loader(ctx)?.session();
    let key = match idempotency.key(ctx)? {
        Ok(key) => key,
        Err(errors) => return refused(errors, &**mutation, principal, session).await,
    };
    let groups = data::<Arc<Groups>>(ctx)?;
    let outcome = group::run(mutation, &principal.actor, key.as_ref(), session, groups).await;
    concluded(ctx, outcome)
}

/// What is told of what came of a mutation.
fn concluded<D>(
    ctx: &Context<'_>,
    outcome: Result<Outcome<D>, RunError>,
) -> Result<Result<D, Vec<UserError>>> {
    // What an earlier mutation of the request has shown may be another now.
    loader(ctx)?.clear();
    match outcome {
        Ok(Outcome::Done(done)) => Ok(Ok(done)),
        Ok(Outcome::Refused(errors)) => Ok(Err(errors)),
        Ok(Outcome::Forbidden(message)) => Err(forbidden(message)),
        Err(error) => Err(run_error(&error)),
    }
}

/// Tries a mutation that is refused already, to tell what else is wrong with it.
async fn refused<M: Mutation>(
    mut errors: UserErrors,
    mutation: &M,
    principal: &Principal,
    session: &Session,
) -> Result<Result<M::Done, Vec<UserError>>> {
    match run(&Trial(mutation), &principal.actor, None, session).await {
        Ok(Outcome::Done(_)) => {}
        Ok(Outcome::Refused(others)) => errors.extend(others),
        Ok(Outcome::Forbidden(message)) => return Err(forbidden(message)),
        Err(error) => return Err(run_error(&error)),
    }
    Ok(Err(errors.into_vec()))
}

fn run_error(error: &RunError) -> async_graphql::Error {
    match error {
        RunError::Away(cause) => {
            tracing::warn!(error.cause = %cause, "a mutation found no database");
            bad_input(
                code::UNAVAILABLE,
                "the database can't be reached; nothing was changed, so try again later",
            )
        }
        RunError::Busy(cause) => {
            tracing::warn!(error.cause = %cause, "a mutation gave way to others");
            bad_input(
                code::UNAVAILABLE,
                "others are changing the same, such as an import; nothing was changed, so try again later",
            )
        }
        RunError::Unknown(cause) => {
            tracing::error!(error.cause = %cause, "nobody knows what came of a mutation");
            bad_input(
                code::OUTCOME_UNKNOWN,
                "the database did not confirm the change, and nobody knows whether it is there; if you gave an idempotency key, send the same again with it, else look",
            )
        }
        RunError::TooLate => {
            tracing::warn!("a mutation took too long and was given up");
            bad_input(
                code::DEADLINE_EXCEEDED,
                "the change took too long; nothing was changed, so try again later",
            )
        }
        RunError::Failed(cause) => internal(cause),
    }
}
