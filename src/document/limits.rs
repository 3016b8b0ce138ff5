//! The limits of requests.

use async_graphql::ServerError;

use crate::error::{code, limit_extensions};

/// The limits of a request. A request that exceeds one is rejected before it is processed further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of a document.
    pub bytes: usize,
    /// The tokens of a document, as the specification counts them: punctuators, names, numbers and strings.
    pub tokens: usize,
    /// The depth of an operation's fields with fragments expanded; a root field has depth 1.
    pub depth: usize,
    /// The fields with an alias in an operation, with fragments expanded.
    pub aliases: usize,
    /// The fields at an operation's root, with fragments expanded.
    pub root_fields: usize,
    /// The directives of an operation, with fragments expanded.
    pub directives: usize,
    /// The cost of an operation, without the part that depends on the size of the catalogue. A response has at most as
    /// many fields, and so at most as many objects.
    pub cost: usize,
    /// The bytes of an operation's variables, as JSON.
    pub variable_bytes: usize,
    /// The nesting of lists and objects in variables.
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
            cost: 100_000,
            variable_bytes: 500_000,
            variable_depth: 32,
        }
    }
}

/// A limit that a request exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitExceeded {
    /// The code of the error.
    pub code: &'static str,
    /// The quantity that the limit bounds, for the message.
    pub quantity: &'static str,
    /// The limit.
    pub limit: usize,
    /// The actual value; `None` if counting stopped at the limit.
    pub value: Option<usize>,
}

impl LimitExceeded {
    /// Checks a value against its limit.
    ///
    /// # Errors
    ///
    /// When the value exceeds the limit.
    pub fn check(
        code: &'static str,
        quantity: &'static str,
        limit: usize,
        value: usize,
    ) -> Result<(), Self> {
        if value <= limit {
            return Ok(());
        }
        Err(Self {
            code,
            quantity,
            limit,
            value: Some(value),
        })
    }

    /// Returns the error for a document with too many tokens.
    #[must_use]
    pub fn too_many_tokens(limit: usize) -> Self {
        Self {
            code: code::TOO_MANY_TOKENS,
            quantity: "tokens of the document",
            limit,
            value: None,
        }
    }

    /// Converts to an error for the client, with the limit and the value as extensions.
    #[must_use]
    pub fn into_error(self) -> ServerError {
        let Self {
            code,
            quantity,
            limit,
            value,
        } = self;
        let actual = value.map_or_else(|| "more".to_owned(), |value| value.to_string());
        let mut error = ServerError::new(
            format!("{quantity}: {actual}, but the limit is {limit}"),
            None,
        );
        error.extensions = Some(limit_extensions(code, limit, value));
        error
    }
}
