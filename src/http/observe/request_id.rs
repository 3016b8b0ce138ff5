//! What a request is called: in its answer, in the log and in its trace.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::http::header::HeaderValue;

use crate::access::token;

/// How long an id of a client's or a proxy's may be.
const LONGEST: usize = 64;

/// A request's id: some characters of ASCII that need no quotes anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id that a request brought, if that will do. What looks like a token of ours won't: ids stand in logs.
    #[must_use]
    pub fn brought(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let is_id = (1..=LONGEST).contains(&text.len())
            && text
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"-_.:".contains(&c))
            && !text.starts_with(token::PREFIX);
        is_id.then(|| Self(value.clone()))
    }

    /// An id of ours.
    #[must_use]
    pub fn of(number: u64) -> Self {
        let value = HeaderValue::from_str(&format!("{number:016x}"));
        Self(value.unwrap_or_else(|_| HeaderValue::from_static("0")))
    }

    /// As a header has it.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Gives ids that are random, since the process began at a random place.
#[derive(Debug, Default)]
pub struct Ids {
    scattered: RandomState,
    next: AtomicU64,
}

impl Ids {
    /// The next one.
    pub fn next(&self) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        RequestId::of(self.scattered.hash_one(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_short_word() {
        for good in ["a", "0af7651916cd43dd8448eb211c80319c", "host-1:42.7_x"] {
            let value = HeaderValue::from_static(good);
            assert_eq!(RequestId::brought(&value).unwrap().as_str(), good);
        }
        let long = "a".repeat(LONGEST + 1);
        for bad in [
            "",
            "a b",
            "a\"b",
            "{}",
            "ä",
            &long,
            "marquee_0123456789ab_x",
        ] {
            let value = HeaderValue::from_bytes(bad.as_bytes()).unwrap();
            assert_eq!(RequestId::brought(&value), None, "{bad}");
        }
    }

    #[test]
    fn ids_of_ours_are_different_and_would_be_taken_from_others() {
        let ids = Ids::default();
        let [one, other] = [ids.next(), ids.next()];
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 16);
        assert_eq!(RequestId::brought(&one.header()), Some(one));
    }
}
