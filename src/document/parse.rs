//! From bytes to a document.

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

/// How deep the parser goes. A level of fields takes it three, so this is deeper than any limit lets a document be; and far less deep than
/// a worker's stack.
const PARSER_DEPTH: usize = 400;

/// By which the parser tells that it was too deep; it has no other sign.
const TOO_DEEP: &str = "Max depth exceeded";

/// How many errors of a text that is no document are told: the first ones cause the others.
const ERRORS: usize = 3;

/// Reads a document that is within the limits of its bytes and tokens.
///
/// # Errors
///
/// When it isn't, or the text is no document.
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
            what: "levels of the document",
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
