//! How much a request may ask for.

use async_graphql::ServerError;

use crate::error::{code, exceeded};

/// How much a request may ask for. What is above a limit is refused before it is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of a document.
    pub bytes: usize,
    /// The tokens of a document, as the specification counts them: punctuators, names, numbers and strings.
    pub tokens: usize,
    /// How deep fields stand in one another, fragments written out; from 1.
    pub depth: usize,
    /// The fields with an alias in an operation, fragments written out.
    pub aliases: usize,
    /// The fields at an operation's root, fragments written out.
    pub root_fields: usize,
    /// The directives of an operation, fragments written out.
    pub directives: usize,
    /// What an operation may cost: at most so many fields, and so at most so many objects, has its answer.
    pub cost: usize,
    /// The bytes of an operation's variables, as JSON.
    pub variable_bytes: usize,
    /// How deep lists and objects stand in one another in variables.
    pub variable_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 100_000,
            tokens: 10_000,
            depth: 25,
            aliases: 200,
            root_fields: 50,
            directives: 200,
            cost: 50_000,
            variable_bytes: 500_000,
            variable_depth: 32,
        }
    }
}

/// A limit that a request is above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The code of the error.
    pub code: &'static str,
    /// What is too much, in words.
    pub what: &'static str,
    /// The most that it may be.
    pub limit: usize,
    /// What it is; `None` if nobody has counted to the end.
    pub value: Option<usize>,
}

impl Exceeded {
    /// Holds a value against its limit.
    ///
    /// # Errors
    ///
    /// When it is above.
    pub fn check(
        code: &'static str,
        what: &'static str,
        limit: usize,
        value: usize,
    ) -> Result<(), Self> {
        if value <= limit {
            return Ok(());
        }
        Err(Self {
            code,
            what,
            limit,
            value: Some(value),
        })
    }

    /// The document has more tokens than it may.
    #[must_use]
    pub fn tokens(limit: usize) -> Self {
        Self {
            code: code::TOO_MANY_TOKENS,
            what: "tokens of the document",
            limit,
            value: None,
        }
    }

    /// As an error for the client, with the limit and the value.
    #[must_use]
    pub fn into_error(self) -> ServerError {
        let Self {
            code,
            what,
            limit,
            value,
        } = self;
        let is = value.map_or_else(|| "more".to_owned(), |value| value.to_string());
        let mut error = ServerError::new(format!("{what}: {is}, where the limit is {limit}"), None);
        error.extensions = Some(exceeded(code, limit, value));
        error
    }
}
