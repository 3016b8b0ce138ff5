//! What is wrong with an input, as payloads show it.

use async_graphql::Enum;
use macros::{InlineEnum, object};

use crate::user_error::UserError;

/// Something that is wrong with a mutation's input. If there is any, nothing was changed.
#[object]
impl UserError {
    /// The way to the value from the mutation's arguments, one step an element: `input`, `critic`, `name`.
    fn field(&self) -> &[String] {
        &self.field
    }

    /// What kind of thing is wrong.
    fn code(&self) -> UserErrorCode {
        self.code.into()
    }

    /// What is wrong, in words for the person who wrote it.
    fn message(&self) -> &str {
        &self.message
    }
}

/// What can be wrong with an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::user_error::UserErrorCode")]
pub enum UserErrorCode {
    /// What it names isn't there (any more).
    NotFound,
    /// The name fits several.
    Ambiguous,
    /// Something is there already that it would double.
    AlreadyExists,
    /// The critic has reviewed the film for this publication already.
    AlreadyReviewed,
    /// Others hang on it, and the input doesn't say that they may go or be changed along.
    InUse,
    /// Blank, or missing.
    Blank,
    /// Longer than it may be.
    TooLong,
    /// A list with more values than it may have.
    TooManyValues,
    /// Outside of what a number may be.
    OutOfRange,
    /// Not of the form that it must have.
    Invalid,
    /// It contradicts something else.
    Contradiction,
    /// What is to be changed has been changed since it was read; the payload has it as it is now.
    Stale,
    /// The idempotency key was used with another input before.
    KeyReused,
}
