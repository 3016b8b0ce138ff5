//! Runs the mutations, and converts their outcomes and errors for the API.

use std::sync::Arc;

use async_graphql::{Context, MaybeUndefined, Result};

use crate::{
    access::Principal,
    database::{error::DbErrorKind, error_message::describe, session::Session},
    error::{code, error_with_code, internal_error},
    graphql::{
        loader, mutations::idempotency::Idempotency, request_data, types::viewer::forbidden,
    },
    mutation::{
        Command, CommandOutcome, DryRun,
        store::{
            CommandError,
            group::{self, GroupCommand, GroupCommit},
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

/// Runs a mutation on behalf of a principal. The inner error has all errors in the input.
///
/// # Errors
///
/// `FORBIDDEN` if the principal may not make the change, `UNAVAILABLE` if the database is unavailable or busy,
/// `DEADLINE_EXCEEDED`, `OUTCOME_UNKNOWN` if the commit was not confirmed, or `INTERNAL`.
pub async fn commit<C: Command>(
    ctx: &Context<'_>,
    principal: &Principal,
    idempotency: Idempotency,
    command: &C,
) -> Result<Result<C::Done, Vec<UserError>>> {
    let session = loader(ctx)?.session();
    let key = match idempotency.key(ctx)? {
        Ok(key) => key,
        Err(errors) => {
            return Box::pin(collect_all_errors(errors, command, principal, session)).await;
        }
    };
    // The future of a mutation is a part of that of the field of every mutation, which is copied for each request.
    let outcome = Box::pin(run(command, &principal.actor, key.as_ref(), session));
    to_payload_result(ctx, outcome.await)
}

/// Runs a mutation like [`commit`], if possible in one transaction with other mutations of the same kind.
///
/// # Errors
///
/// See [`commit`].
pub async fn commit_grouped<C: GroupCommand>(
    ctx: &Context<'_>,
    principal: &Principal,
    idempotency: Idempotency,
    command: &Arc<C>,
) -> Result<Result<C::Done, Vec<UserError>>> {
    let session = loader(ctx)?.session();
    let key = match idempotency.key(ctx)? {
        Ok(key) => key,
        Err(errors) => {
            return Box::pin(collect_all_errors(errors, &**command, principal, session)).await;
        }
    };
    let groups = request_data::<Arc<GroupCommit>>(ctx)?;
    let outcome = group::run(command, &principal.actor, key.as_ref(), session, groups);
    to_payload_result(ctx, Box::pin(outcome).await)
}

/// Converts the outcome of a mutation.
fn to_payload_result<D>(
    ctx: &Context<'_>,
    outcome: Result<CommandOutcome<D>, CommandError>,
) -> Result<Result<D, Vec<UserError>>> {
    // The rows that the payload of an earlier mutation of the request has loaded may have changed.
    loader(ctx)?.clear();
    match outcome {
        Ok(CommandOutcome::Done(done)) => Ok(Ok(done)),
        Ok(CommandOutcome::Refused(errors)) => Ok(Err(errors)),
        Ok(CommandOutcome::Forbidden(message)) => Err(forbidden(message)),
        Err(error) => Err(run_error(&error)),
    }
}

/// Runs a dry run of a mutation whose idempotency key is invalid, to report all errors in the input together.
async fn collect_all_errors<C: Command>(
    mut errors: UserErrors,
    command: &C,
    principal: &Principal,
    session: &Session,
) -> Result<Result<C::Done, Vec<UserError>>> {
    match run(&DryRun(command), &principal.actor, None, session).await {
        Ok(CommandOutcome::Done(_)) => {}
        Ok(CommandOutcome::Refused(others)) => errors.extend(others),
        Ok(CommandOutcome::Forbidden(message)) => return Err(forbidden(message)),
        Err(error) => return Err(run_error(&error)),
    }
    Ok(Err(errors.into_vec()))
}

fn run_error(error: &CommandError) -> async_graphql::Error {
    match error {
        CommandError::Unavailable(cause) => {
            tracing::warn!(error.cause = %describe(cause), "a mutation failed: the database is unavailable");
            let kind = DbErrorKind::of_dyn_error(cause);
            error_with_code(code::UNAVAILABLE, unavailable_message(kind))
        }
        CommandError::ReadOnly(cause) => {
            tracing::warn!(error.cause = %describe(cause), "a mutation failed: the database is read-only");
            error_with_code(
                code::UNAVAILABLE,
                "the database is read-only at the moment; nothing was changed, so try again later",
            )
        }
        CommandError::Overloaded(cause) => {
            tracing::warn!(error.cause = %describe(cause), "a mutation failed: no connection was free in time");
            error_with_code(
                code::UNAVAILABLE,
                "no connection to the database was free in time; nothing was changed, so try again later",
            )
        }
        CommandError::OverShare(cause) => {
            tracing::warn!(error.cause = %describe(cause), "a mutation waited too long for other requests of its caller");
            error_with_code(
                code::RATE_LIMITED,
                "your other requests use your share of the database connections; nothing was changed, so send fewer at the same time, and try again later",
            )
        }
        CommandError::Busy(cause) => {
            tracing::warn!(error.cause = %describe(cause), "a mutation failed: it conflicts with other transactions");
            error_with_code(
                code::UNAVAILABLE,
                "another transaction, such as an import, is changing the same data; nothing was changed, so try again later",
            )
        }
        CommandError::Unconfirmed(cause) => {
            tracing::error!(error.cause = %describe(cause), "the commit of a mutation was not confirmed");
            error_with_code(
                code::OUTCOME_UNKNOWN,
                "the database did not confirm the change, which may have been made; if you sent an idempotency key, retry with the same key, otherwise check the current data",
            )
        }
        CommandError::TimedOut => {
            tracing::warn!("a mutation exceeded its deadline and was cancelled");
            error_with_code(
                code::DEADLINE_EXCEEDED,
                "the mutation exceeded its deadline and was cancelled; nothing was changed, so try again later",
            )
        }
        CommandError::Internal(cause) => internal_error(cause),
    }
}

/// Returns the message for the client of a mutation that the database can't run at the moment.
fn unavailable_message(kind: Option<DbErrorKind>) -> &'static str {
    match kind {
        Some(DbErrorKind::Exhausted) => {
            "the database has no memory or disk space left; nothing was changed, so try again later"
        }
        Some(DbErrorKind::SchemaMissing) => {
            "a part of the database is missing or being restored; nothing was changed, so try again later"
        }
        _ => "the database can't be reached; nothing was changed, so try again later",
    }
}
