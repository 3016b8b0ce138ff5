//! The errors of requests that are not executed.

use std::fmt;

use async_graphql::ServerError;

use super::limits::LimitExceeded;
use crate::error::code;

/// The stage at which a request was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The request exceeds a limit.
    Limits,
    /// The document can't be parsed.
    Parse,
    /// The document is invalid against the schema.
    Validate,
    /// The operation name is missing or unknown, or the document has no operation.
    Operation,
    /// A variable has an invalid value.
    Variables,
}

/// The rejection of a request.
#[derive(Clone, Debug)]
pub struct DocumentError {
    /// The stage that rejected the request.
    pub stage: Stage,
    /// The errors; never empty.
    pub errors: Vec<ServerError>,
}

impl DocumentError {
    /// Creates a rejection with several errors.
    #[must_use]
    pub fn new(stage: Stage, errors: Vec<ServerError>) -> Self {
        let errors = errors.into_iter().map(truncated).collect();
        Self { stage, errors }
    }

    /// Creates a rejection with one error.
    #[must_use]
    pub fn single(stage: Stage, error: ServerError) -> Self {
        Self::new(stage, vec![error])
    }

    /// Returns the code of those errors that have no code in their extensions.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.stage {
            Stage::Parse => code::SYNTAX_ERROR,
            Stage::Operation => code::UNKNOWN_OPERATION,
            Stage::Limits | Stage::Validate | Stage::Variables => code::VALIDATION_FAILED,
        }
    }
}

/// The maximum number of locations of an error. Together with [`MAX_MESSAGE_BYTES`] it is enough for documents written
/// by hand, and prevents a small document from causing a large response.
const MAX_LOCATIONS: usize = 20;

/// The maximum number of bytes of an error message.
const MAX_MESSAGE_BYTES: usize = 1_000;

fn truncated(mut error: ServerError) -> ServerError {
    error.locations.truncate(MAX_LOCATIONS);
    if error.message.len() > MAX_MESSAGE_BYTES {
        let end = error.message.floor_char_boundary(MAX_MESSAGE_BYTES);
        error.message.truncate(end);
        error.message.push('…');
    }
    error
}

/// Formats the first error with its location.
impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(error) = self.errors.first() else {
            return Ok(());
        };
        if let Some(location) = error.locations.first() {
            write!(formatter, "{}:{}: ", location.line, location.column)?;
        }
        formatter.write_str(&error.message)
    }
}

impl From<LimitExceeded> for DocumentError {
    fn from(error: LimitExceeded) -> Self {
        Self::single(Stage::Limits, error.into_error())
    }
}

#[cfg(test)]
mod tests;
