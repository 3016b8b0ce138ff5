//! The body of a request, read within bounds of time and size, however it is framed.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap},
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{answer::Refusal, holding::hold};

/// How large a body may be, and how long it may take to come.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// How many bytes it may have.
    pub bytes: usize,
    /// How long it may take in all, from the end of the head on.
    pub time: Duration,
}

impl BodyLimits {
    /// Reads a body to its end.
    ///
    /// # Errors
    ///
    /// When it is larger or slower than it may be, is encoded, or breaks off. What is left of it is not read then, so the answer has to
    /// keep it: see [`keep`].
    pub async fn read(self, headers: &HeaderMap, payload: &mut Payload) -> Result<Bytes, Refusal> {
        check_encoding(headers)?;
        // Who says that it is too large need not send it.
        if announced(headers).is_some_and(|length| length > self.bytes) {
            return Err(Refusal::body_too_large(self.bytes));
        }
        let all = collect(payload, self.bytes);
        let all = timeout(self.time, all).await;
        all.unwrap_or_else(|_| Err(Refusal::body_too_slow(self.time)))
    }
}

async fn collect(payload: &mut Payload, limit: usize) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Refusal::bad_request(format!("the body could not be read: {error}"))
        })?;
        if chunk.len() > limit - body.len() {
            return Err(Refusal::body_too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// How long the body is by its own account.
fn announced(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?;
    // What is no number here was refused before; one too large for us is too large.
    Some(length.trim().parse().unwrap_or(usize::MAX))
}

/// A few bytes of compressed text may be gigabytes of text, and are decompressed in one go.
fn check_encoding(headers: &HeaderMap) -> Result<(), Refusal> {
    let mut encodings = headers.get_all(CONTENT_ENCODING);
    if encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    Err(Refusal::unsupported_media_type(
        "send the body as it is, without a `Content-Encoding`",
    ))
}

/// Keeps what is left of a body until the answer is written. actix-web closes the connection then; if nobody had the body any more, it
/// would read and discard it to its end, however far that is.
pub fn keep(answer: HttpResponse, payload: Payload) -> HttpResponse {
    hold(answer, payload)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(name: actix_web::http::header::HeaderName, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn a_body_is_as_long_as_it_says_and_too_long_if_that_is_beyond_numbers() {
        for (length, announces) in [
            ("0", 0),
            ("12", 12),
            ("99999999999999999999999999", usize::MAX),
        ] {
            let headers = headers(CONTENT_LENGTH, length);
            assert_eq!(announced(&headers), Some(announces));
        }
        assert_eq!(announced(&HeaderMap::new()), None);
    }

    #[test]
    fn only_a_body_that_is_not_encoded_is_read() {
        assert!(check_encoding(&HeaderMap::new()).is_ok());
        assert!(check_encoding(&headers(CONTENT_ENCODING, "Identity")).is_ok());
        for encoding in ["gzip", "br", "gzip, identity", ""] {
            assert!(check_encoding(&headers(CONTENT_ENCODING, encoding)).is_err());
        }
    }
}
