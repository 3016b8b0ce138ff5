//! Errors of documents that are rejected.

use std::time::Duration;

use actix_web::http::StatusCode;
use async_graphql::ServerError;

use super::HttpError;
use crate::{error::code, http::error_code::with_code, persisted_documents::ResolveError};

impl HttpError {
    /// Creates the error for a document, or its variables, that is rejected. `code` is set on errors without a code.
    pub fn document(errors: Vec<ServerError>, code: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            errors: errors
                .into_iter()
                .map(|error| with_code(error, code))
                .collect(),
            is_well_formed: true,
            challenge: None,
            accepted_encodings: None,
            retry_after: None,
            delay: Duration::ZERO,
        }
    }

    /// Converts the error of a document that can't be resolved.
    pub fn from_unresolved(unresolved: ResolveError) -> Self {
        let message = unresolved.to_string();
        let code = match unresolved {
            ResolveError::MissingDocument => return Self::bad_request(message),
            ResolveError::NotFound => code::PERSISTED_QUERY_NOT_FOUND,
            ResolveError::NotSupported => code::PERSISTED_QUERY_NOT_SUPPORTED,
            ResolveError::Mismatch => code::PERSISTED_QUERY_HASH_MISMATCH,
            ResolveError::NotTrusted => code::PERSISTED_QUERY_ONLY,
        };
        // The clients of Apollo and urql compare the message, and send the document only after a 200 for
        // `application/json`.
        Self::document(vec![ServerError::new(message, None)], code)
    }
}
