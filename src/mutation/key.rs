//! Idempotency keys, by which a retry of a mutation is recognized.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::text;

/// An idempotency key, with a fingerprint of the mutation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key that the client chose. One from the header `Idempotency-Key` has a prefix, and the index of the mutation
    /// in the request as a suffix.
    pub key: String,
    /// SHA-256 of the mutation's name and input.
    pub fingerprint: [u8; 32],
}

/// The header `Idempotency-Key` of a request, from which each of its mutations gets a key.
#[derive(Debug)]
pub struct RequestKey {
    request_key: IdempotencyKey,
    /// The number of keys that were handed out.
    next_index: AtomicUsize,
}

impl RequestKey {
    /// Creates the key of a request, with a fingerprint of its document, operation name and variables.
    #[must_use]
    pub fn new(key: &str, document: &str, operation: Option<&str>, variables: &Value) -> Self {
        let content = Value::from(vec![
            Value::from(document),
            Value::from(operation),
            variables.clone(),
        ]);
        Self {
            request_key: IdempotencyKey {
                key: key.to_owned(),
                fingerprint: fingerprint("", &content),
            },
            next_index: AtomicUsize::new(0),
        }
    }

    /// Returns the key of the request's next mutation. Mutations run one after the other. `name` is the response key of
    /// the field.
    pub fn next_key(&self, name: &str) -> IdempotencyKey {
        let index = self.next_index.fetch_add(1, Ordering::Relaxed);
        let mut hash = Sha256::new();
        hash.update(self.request_key.fingerprint);
        hash.update(name);
        IdempotencyKey {
            key: format!("{HEADER_PREFIX}{}/{index}", self.request_key.key),
            fingerprint: hash.finalize().into(),
        }
    }
}

/// The prefix of keys from the header. A key from an input can't start with it, so the two never collide.
const HEADER_PREFIX: &str = "\u{1}";

/// Returns whether a string is a valid key: 1 to 255 printable ASCII characters, spaces included.
#[must_use]
pub fn is_valid_key(text: &str) -> bool {
    (1..=text::MAX_IDEMPOTENCY_KEY_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Returns the SHA-256 of a mutation's name and arguments. It doesn't depend on the order of fields, nor on the field
/// `idempotencyKey`.
#[must_use]
pub fn fingerprint(mutation: &str, arguments: &Value) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(mutation);
    hash_value(arguments, &mut hash);
    hash.finalize().into()
}

/// Hashes a value with its type and length, so that different inputs can't produce the same bytes.
fn hash_value(value: &Value, hash: &mut Sha256) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields
                .iter()
                .filter(|(name, _)| *name != "idempotencyKey")
                .collect();
            fields.sort_by_key(|(name, _)| *name);
            hash.update(format!("{{{}", fields.len()));
            for (name, value) in fields {
                hash.update(format!("{}:{name}", name.len()));
                hash_value(value, hash);
            }
        }
        Value::Array(items) => {
            hash.update(format!("[{}", items.len()));
            for item in items {
                hash_value(item, hash);
            }
        }
        Value::String(text) => hash.update(format!("\"{}:{text}", text.len())),
        Value::Null | Value::Bool(_) | Value::Number(_) => hash.update(format!("={value};")),
    }
}

#[cfg(test)]
mod tests;
