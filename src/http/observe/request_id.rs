//! Request ids, for responses, logs and traces.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::http::header::HeaderValue;

use crate::access::token;

/// The maximum length of an id from a client or a proxy, in bytes.
const MAX_LENGTH: usize = 64;

/// The id of a request. Its ASCII characters need no quoting in headers and logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// Returns the id from a request's header, if it is valid. An API token is rejected, because ids are logged.
    #[must_use]
    pub fn from_header(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let is_id = (1..=MAX_LENGTH).contains(&text.len())
            && text
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"-_.:".contains(&c))
            && !text.starts_with(token::PREFIX);
        is_id.then(|| Self(value.clone()))
    }

    /// Formats a number as an id.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        let value = HeaderValue::from_str(&format!("{number:016x}"));
        Self(value.unwrap_or_else(|_| HeaderValue::from_static("0")))
    }

    /// Returns the id as a header value.
    #[must_use]
    pub fn to_header_value(&self) -> HeaderValue {
        self.0.clone()
    }

    /// Returns the id as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// A generator of ids. They are hashes of a counter with a random key per process.
#[derive(Debug, Default)]
pub struct RequestIdGenerator {
    hasher: RandomState,
    next: AtomicU64,
}

impl RequestIdGenerator {
    /// Generates an id.
    pub fn next(&self) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        RequestId::from_number(self.hasher.hash_one(number))
    }
}

#[cfg(test)]
mod tests;
