//! Why a request is not executed.

use std::fmt;

use async_graphql::ServerError;

use super::limits::Exceeded;
use crate::error::code;

/// At which stage a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is above a limit.
    Limits,
    /// The document is none.
    Parse,
    /// The document doesn't fit the schema.
    Validate,
    /// It isn't said which operation to run, or it isn't there.
    Operation,
    /// The variables don't fit the operation.
    Variables,
}

/// Why a request is not executed.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// Where it was found.
    pub stage: Stage,
    /// What is wrong; never nothing.
    pub errors: Vec<ServerError>,
}

impl Rejection {
    /// With several errors.
    #[must_use]
    pub fn new(stage: Stage, errors: Vec<ServerError>) -> Self {
        let errors = errors.into_iter().map(shortened).collect();
        Self { stage, errors }
    }

    /// With one error.
    #[must_use]
    pub fn one(stage: Stage, error: ServerError) -> Self {
        Self::new(stage, vec![error])
    }

    /// The code of the errors that have none of their own.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.stage {
            Stage::Parse => code::SYNTAX_ERROR,
            Stage::Operation => code::UNKNOWN_OPERATION,
            Stage::Limits | Stage::Validate | Stage::Variables => code::VALIDATION_FAILED,
        }
    }
}

/// How many places of an error are told, and how many bytes of what is said of it: enough for whoever wrote the document by hand. Who wrote it
/// to have much said about little gets no more than that.
const MOST_PLACES: usize = 20;
const LONGEST_MESSAGE: usize = 1_000;

fn shortened(mut error: ServerError) -> ServerError {
    error.locations.truncate(MOST_PLACES);
    if error.message.len() > LONGEST_MESSAGE {
        let end = error.message.floor_char_boundary(LONGEST_MESSAGE);
        error.message.truncate(end);
        error.message.push('…');
    }
    error
}

/// Its first error, with where it is.
impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(error) = self.errors.first() else {
            return Ok(());
        };
        if let Some(place) = error.locations.first() {
            write!(formatter, "{}:{}: ", place.line, place.column)?;
        }
        formatter.write_str(&error.message)
    }
}

impl From<Exceeded> for Rejection {
    fn from(exceeded: Exceeded) -> Self {
        Self::one(Stage::Limits, exceeded.into_error())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Pos;

    use super::*;

    #[test]
    fn little_is_not_answered_by_much() {
        let mut error = ServerError::new("ü".repeat(100_000), None);
        error.locations = vec![Pos { line: 1, column: 1 }; 3_000];
        let rejection = Rejection::one(Stage::Validate, error);
        let error = &rejection.errors[0];
        assert_eq!(error.locations.len(), 20);
        assert_eq!(error.message, format!("{}…", "ü".repeat(500)));
    }
}
