//! The idempotency key of a mutation.

use async_graphql::{Context, InputObject, Result, Value};

use crate::{
    error::internal_error,
    graphql::constraint::{KEY, NOT_A_LIST, constraint},
    mutation::key::{IdempotencyKey, RequestKey, fingerprint, is_valid_key},
    text,
    user_error::{UserErrorCode, UserErrors},
};

/// The field of every mutation input that makes a retry safe.
#[derive(Debug, InputObject)]
pub struct Idempotency {
    /// Makes a retry safe: a mutation that is sent again with the same key and input returns the first result. 1 to 255
    /// printable ASCII characters; the header `Idempotency-Key` of the request when null, if there is one.
    #[graphql(directive = constraint::apply(KEY, NOT_A_LIST))]
    idempotency_key: Option<String>,
}

impl Idempotency {
    /// Returns the key of the input, or else the key that is derived from the request's header for this field. The
    /// inner error is the caller's: the key of the input is invalid.
    ///
    /// # Errors
    ///
    /// `INTERNAL` if the arguments of the field can't be read.
    pub fn key(self, ctx: &Context<'_>) -> Result<Result<Option<IdempotencyKey>, UserErrors>> {
        let Some(key) = self.idempotency_key else {
            let name = ctx.item.node.response_key().node.as_str();
            let header = ctx.data_opt::<RequestKey>();
            return Ok(Ok(header.map(|key| key.next_key(name))));
        };
        if let Err(errors) = check(&key) {
            return Ok(Err(errors));
        }
        let arguments = ctx
            .field()
            .arguments()
            .map_err(|error| internal_error(&std::io::Error::other(error.message)))?;
        let arguments = Value::Object(arguments.into_iter().collect());
        let arguments = arguments
            .into_json()
            .map_err(|error| internal_error(&error))?;
        Ok(Ok(Some(IdempotencyKey {
            fingerprint: fingerprint(ctx.field().name(), &arguments),
            key,
        })))
    }
}

fn check(key: &str) -> Result<(), UserErrors> {
    if is_valid_key(key) {
        return Ok(());
    }
    let (code, message) = text::check_length(key, text::MAX_IDEMPOTENCY_KEY_LENGTH).map_or_else(
        |error| (UserErrorCode::TooLong, error.to_string()),
        |()| {
            let message = "must be 1 to 255 printable ASCII characters";
            (UserErrorCode::Invalid, message.to_owned())
        },
    );
    let mut errors = UserErrors::default();
    errors.add("idempotencyKey", code, message);
    Err(errors)
}
