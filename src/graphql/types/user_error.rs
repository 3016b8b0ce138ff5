//! The type `UserError`.

use async_graphql::{Enum, ID};
use macros::{InlineEnum, object};

use crate::{
    graphql::selection::InlinedList,
    user_error::{Candidate, UserError},
};

/// An error in the input of a mutation. If there is any, nothing was changed.
#[object]
impl UserError {
    /// The path to the value from the mutation's arguments, such as `["input", "critic", "name"]`.
    fn field(&self) -> &[String] {
        &self.field
    }

    /// The kind of the error.
    fn code(&self) -> UserErrorCode {
        self.code.into()
    }

    /// The message for people.
    fn message(&self) -> &str {
        &self.message
    }

    /// The existing objects that the input may mean, at most 10: those that match the name for `AMBIGUOUS`, or are
    /// similar to a new one, and for `ALREADY_EXISTS` those that have the name or the title already, or a similar one.
    /// Empty for other errors.
    fn candidates(&self) -> InlinedList<Candidate> {
        InlinedList(self.candidates.clone())
    }
}

/// An existing object that an input may mean.
#[object]
impl Candidate {
    /// The global ID, for a reference by `id`.
    fn node_id(&self) -> ID {
        ID(self.id.clone())
    }

    /// The slug.
    fn slug(&self) -> &str {
        &self.slug
    }

    /// The name, or the title of a film.
    fn name(&self) -> &str {
        &self.name
    }
}

/// The kind of an error in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::user_error::UserErrorCode")]
pub enum UserErrorCode {
    /// The object doesn't exist or was deleted.
    NotFound,
    /// Several objects match the name.
    Ambiguous,
    /// The object already exists.
    AlreadyExists,
    /// The critic has already reviewed the film. The message names the review.
    AlreadyReviewed,
    /// Other objects depend on the object, and the input doesn't allow to change or delete them.
    InUse,
    /// The value is blank or missing.
    Blank,
    /// The string is too long.
    TooLong,
    /// The list has too many values.
    TooManyValues,
    /// The value is out of range.
    OutOfRange,
    /// The value has an invalid form.
    Invalid,
    /// The value contradicts another one.
    Contradiction,
    /// The object has changed since it was read: its version isn't `expectedVersion`. The payload has the current
    /// object.
    Stale,
    /// The idempotency key was already used with a different input.
    KeyReused,
}
