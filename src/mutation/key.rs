//! Idempotency keys: by which a mutation is known again that is sent once more.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::text;

/// By which a mutation is known again, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// As its sender chose it; one of a header with the mutation's place in the request.
    pub key: String,
    /// SHA-256 of the mutation's name and input.
    pub fingerprint: [u8; 32],
}

/// The key that a whole request carries in its header `Idempotency-Key`.
#[derive(Debug)]
pub struct RequestKey {
    whole: IdempotencyKey,
    /// How many of the request's mutations have theirs.
    given: AtomicUsize,
}

impl RequestKey {
    /// A key for all that a request says: its document, which of its operations, and their variables.
    #[must_use]
    pub fn new(key: &str, document: &str, operation: Option<&str>, variables: &Value) -> Self {
        let said = Value::from(vec![
            Value::from(document),
            Value::from(operation),
            variables.clone(),
        ]);
        Self {
            whole: IdempotencyKey {
                key: key.to_owned(),
                fingerprint: fingerprint("", &said),
            },
            given: AtomicUsize::new(0),
        }
    }

    /// The key of the next of the request's mutations, which run one after the other; `name` is what the answer calls it.
    pub fn of_next(&self, name: &str) -> IdempotencyKey {
        let place = self.given.fetch_add(1, Ordering::Relaxed);
        let mut hash = Sha256::new();
        hash.update(self.whole.fingerprint);
        hash.update(name);
        IdempotencyKey {
            key: format!("{HEADER}{}/{place}", self.whole.key),
            fingerprint: hash.finalize().into(),
        }
    }
}

/// A key of a header and one of an input are never the same: this begins the one, and no input's.
const HEADER: &str = "\u{1}";

/// Whether a text can be a key: 1 to 255 visible characters of ASCII, the space among them.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=text::IDEMPOTENCY_KEY).contains(&text.len())
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// What a mutation says, in short. The order of an input's fields makes no difference, nor does the key itself.
#[must_use]
pub fn fingerprint(mutation: &str, arguments: &Value) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(mutation);
    feed(arguments, &mut hash);
    hash.finalize().into()
}

/// Each value says what it is and how long, so that no two run into one another.
fn feed(value: &Value, hash: &mut Sha256) {
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
                feed(value, hash);
            }
        }
        Value::Array(items) => {
            hash.update(format!("[{}", items.len()));
            for item in items {
                feed(item, hash);
            }
        }
        Value::String(text) => hash.update(format!("\"{}:{text}", text.len())),
        Value::Null | Value::Bool(_) | Value::Number(_) => hash.update(format!("={value};")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_input_has_the_same_fingerprint_in_any_order() {
        let one: Value = serde_json::from_str(r#"{"a": {"x": 1, "y": [null]}, "b": "c"}"#).unwrap();
        let other: Value = serde_json::from_str(
            r#"{"b": "c", "idempotencyKey": "k", "a": {"y": [null], "x": 1}}"#,
        )
        .unwrap();
        assert_eq!(fingerprint("m", &one), fingerprint("m", &other));
    }

    #[test]
    fn another_input_has_another_fingerprint() {
        let inputs = [
            json!({}),
            json!({"a": null}),
            json!({"a": "null"}),
            json!({"a": 1}),
            json!({"a": "1"}),
            json!({"a": [1]}),
            json!({"a": ["1", "2"]}),
            json!({"a": ["12"]}),
            json!({"a": {"b": 1}}),
            json!({"a": "1", "b": "2"}),
            json!({"ab": "12"}),
        ];
        let mut seen: Vec<_> = inputs.iter().map(|input| fingerprint("m", input)).collect();
        seen.push(fingerprint("n", &inputs[0]));
        let number = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), number);
    }

    #[test]
    fn a_key_is_visible() {
        for good in ["a", "7f2c-11", "with a space", &"k".repeat(255)] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "é", "a\n", "\0", &"k".repeat(256)] {
            assert!(!is_key(bad), "{bad}");
        }
    }
}
