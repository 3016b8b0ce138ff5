//! Parses documents.

use async_graphql::ServerError;
use bluejay_parser::{
    Error,
    ast::{Parse, ParseOptions, executable::ExecutableDocument},
};

use super::{
    limits::{Exceeded, Limits},
    rejection::{Rejection, Stage},
    validate::located,
};
use crate::error::code;

/// The maximum depth of the parser. It uses three levels for a level of fields. The value is far below what overflows a
/// worker's stack.
const PARSER_DEPTH: usize = 400;

/// The message of the parser's error for a document that is too deep. The parser reports that in no other way.
const TOO_DEEP: &str = "Max depth exceeded";

/// The most syntax errors that are reported: the first ones cause the others.
const ERRORS: usize = 3;

/// Parses a document.
///
/// # Errors
///
/// When the text exceeds the limits of bytes, tokens or depth, or has a syntax error.
pub fn parse<'a>(text: &'a str, limits: &Limits) -> Result<ExecutableDocument<'a>, Rejection> {
    Exceeded::check(
        code::DOCUMENT_TOO_LARGE,
        "bytes of the document",
        limits.bytes,
        text.len(),
    )?;
    let options = ParseOptions {
        graphql_ruby_compatibility: false,
        max_depth: PARSER_DEPTH,
        max_tokens: Some(limits.tokens),
    };
    let details = ExecutableDocument::parse_with_options(text, options);
    if details.token_count > limits.tokens {
        return Err(Exceeded::tokens(limits.tokens).into());
    }
    details
        .result
        .map_err(|errors| refuse(text, errors, limits))
}

fn refuse(text: &str, errors: Vec<Error>, limits: &Limits) -> Rejection {
    if errors.iter().any(|error| error.message() == TOO_DEEP) {
        return Exceeded {
            code: code::TOO_DEEP,
            what: "levels of nesting in the document",
            limit: limits.depth,
            value: None,
        }
        .into();
    }
    let errors = errors.into_iter().take(ERRORS).map(|error| {
        let (message, locations) = located(text, error);
        let mut error = ServerError::new(format!("the document can't be parsed: {message}"), None);
        error.locations = locations;
        error
    });
    Rejection::new(Stage::Parse, errors.collect())
}
