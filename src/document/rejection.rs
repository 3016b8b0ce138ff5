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
