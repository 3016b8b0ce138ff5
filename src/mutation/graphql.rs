//! What the surfaces of all mutations share.

use async_graphql::{Context, MaybeUndefined, Result, Value};

use super::{
    Mutation, Outcome,
    key::{IdempotencyKey, RequestKey, fingerprint, is_key},
    store::{RunError, run},
};
use crate::{
    access::{Principal, graphql::forbidden},
    error::{bad_input, code, internal},
    graphql::reader,
    patch::Patch,
    user_error::{UserError, UserErrorCode, UserErrors},
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
    key: Option<String>,
    mutation: &M,
) -> Result<Result<M::Done, Vec<UserError>>> {
    let key = match key_of(ctx, key)? {
        Ok(key) => key,
        Err(errors) => return Ok(Err(errors)),
    };
    let session = reader(ctx)?.session();
    match run(mutation, &principal.actor, key.as_ref(), session).await {
        Ok(Outcome::Done(done)) => Ok(Ok(done)),
        Ok(Outcome::Refused(errors)) => Ok(Err(errors)),
        Ok(Outcome::Forbidden(message)) => Err(forbidden(message)),
        Err(error) => Err(told(&error)),
    }
}

fn told(error: &RunError) -> async_graphql::Error {
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
                "the database was lost in the moment of the change; look whether it is there, or send it again with an idempotency key the next time",
            )
        }
        RunError::Failed(cause) => internal(cause),
    }
}

/// The key of a mutation: of its input, else of the whole request with the place of the mutation in it.
fn key_of(
    ctx: &Context<'_>,
    given: Option<String>,
) -> Result<Result<Option<IdempotencyKey>, Vec<UserError>>> {
    let key = match given {
        Some(key) if is_key(&key) => Some(key),
        Some(_) => {
            let mut errors = UserErrors::default();
            let message = "has to be of 1 to 255 visible characters of ASCII";
            errors.add("idempotencyKey", UserErrorCode::Invalid, message);
            return Ok(Err(errors.into_vec()));
        }
        None => {
            let header = ctx
                .data_opt::<RequestKey>()
                .and_then(|key| key.0.as_deref());
            // A request may hold several mutations; each has its name in the answer.
            header.map(|key| match ctx.field().alias() {
                Some(alias) => format!("{key}/{alias}"),
                None => format!("{key}/{}", ctx.field().name()),
            })
        }
    };
    let Some(key) = key else {
        return Ok(Ok(None));
    };
    let arguments = ctx
        .field()
        .arguments()
        .map_err(|error| internal(&std::io::Error::other(error.message)))?;
    let arguments = Value::Object(arguments.into_iter().collect());
    let arguments = arguments.into_json().map_err(|error| internal(&error))?;
    Ok(Ok(Some(IdempotencyKey {
        fingerprint: fingerprint(ctx.field().name(), &arguments),
        key,
    })))
}
