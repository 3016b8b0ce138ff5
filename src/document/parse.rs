//! Parses documents.

use async_graphql::ServerError;
use bluejay_parser::{
    Error,
    ast::{Parse, ParseOptions, executable::ExecutableDocument},
};

use super::{
    error::{DocumentError, Stage},
    limits::{LimitExceeded, Limits},
    validate::message_and_locations,
};
use crate::error::code;

/// The maximum depth of the parser. It uses three levels for a level of fields. The value is far below what overflows a
/// worker's stack.
const MAX_PARSER_DEPTH: usize = 400;

/// The message of the parser's error for a document that is too deep. The parser reports that in no other way.
const TOO_DEEP_MESSAGE: &str = "Max depth exceeded";

/// The maximum number of syntax errors that are reported: the first ones cause the others.
const MAX_ERRORS: usize = 3;

/// Parses a document.
///
/// # Errors
///
/// When the text exceeds the limits of bytes, tokens or depth, or has a syntax error.
pub fn parse<'a>(text: &'a str, limits: &Limits) -> Result<ExecutableDocument<'a>, DocumentError> {
    LimitExceeded::check(
        code::DOCUMENT_TOO_LARGE,
        "bytes of the document",
        limits.bytes,
        text.len(),
    )?;
    let options = ParseOptions {
        graphql_ruby_compatibility: false,
        max_depth: MAX_PARSER_DEPTH,
        max_tokens: Some(limits.tokens),
    };
    let details = ExecutableDocument::parse_with_options(text, options);
    if details.token_count > limits.tokens {
        return Err(LimitExceeded::too_many_tokens(limits.tokens).into());
    }
    details
        .result
        .map_err(|errors| reject(text, errors, limits))
}

fn reject(text: &str, errors: Vec<Error>, limits: &Limits) -> DocumentError {
    if errors
        .iter()
        .any(|error| error.message() == TOO_DEEP_MESSAGE)
    {
        return LimitExceeded {
            code: code::TOO_DEEP,
            quantity: "levels of nesting in the document",
            limit: limits.depth,
            value: None,
        }
        .into();
    }
    let errors = errors.into_iter().take(MAX_ERRORS).map(|error| {
        let (message, locations) = message_and_locations(text, error);
        let mut error = ServerError::new(format!("the document can't be parsed: {message}"), None);
        error.locations = locations;
        error
    });
    DocumentError::new(Stage::Parse, errors.collect())
}
