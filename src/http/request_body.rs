//! Reading a request's body, within limits of size and time.

mod encoding;

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_LENGTH, HeaderMap},
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use self::encoding::BodyEncoding;
use super::{guarded_body::with_guard, http_error::HttpError};

/// The limits of a request's body.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The maximum size in bytes, as sent and after decompression.
    pub max_bytes: usize,
    /// The timeout for the whole body, from the end of the request's head.
    pub timeout: Duration,
}

impl BodyLimits {
    /// Reads a body to its end.
    ///
    /// # Errors
    ///
    /// When the body exceeds a limit, has an unsupported encoding or is incomplete. The rest of it is not read, so the
    /// caller has to pass the payload to [`hold_unread_payload`].
    pub async fn read(
        self,
        headers: &HeaderMap,
        payload: &mut Payload,
    ) -> Result<Bytes, HttpError> {
        let encoding = BodyEncoding::of(headers)?;
        // Rejects an oversized body before the client sends it.
        if content_length(headers).is_some_and(|length| length > self.max_bytes) {
            return Err(HttpError::body_too_large(self.max_bytes));
        }
        let body = collect(payload, self.max_bytes);
        let body = timeout(self.timeout, body).await;
        let body = body.unwrap_or_else(|_| Err(HttpError::body_too_slow(self.timeout)))?;
        match encoding {
            None => Ok(body),
            Some(encoding) => encoding.decode(&body, self.max_bytes),
        }
    }
}

async fn collect(payload: &mut Payload, limit: usize) -> Result<Bytes, HttpError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            HttpError::bad_request(format!("the request body could not be read: {error}"))
        })?;
        if chunk.len() > limit - body.len() {
            return Err(HttpError::body_too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Returns the body's length from the `Content-Length` header. A number that overflows becomes `usize::MAX`.
fn content_length(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    // actix-web has rejected values that are not numbers. A number that overflows is above every limit.
    Some(length.trim().parse().unwrap_or(usize::MAX))
}

/// Holds the unread rest of a request's body until the response is written. actix-web then closes the connection. If
/// the payload were dropped earlier, actix-web would read and discard the whole rest of the body.
pub fn hold_unread_payload(response: HttpResponse, payload: Payload) -> HttpResponse {
    with_guard(response, payload)
}

#[cfg(test)]
mod tests;
