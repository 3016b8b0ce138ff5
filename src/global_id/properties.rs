//! Properties of any global id.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::GlobalId;

/// Checks that a string, both as an id and as the decoded content of an id, is rejected, or is the canonical encoding
/// of its id.
///
/// # Panics
///
/// When the property doesn't hold.
pub fn an_id_is_only_decoded_from_its_canonical_encoding(text: &str) {
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(text);
    for text in [text, &encoded] {
        if let Some(id) = GlobalId::decode(text) {
            assert!(id.key > 0, "{id:?}");
            assert_eq!(id.encode(), text, "{id:?}");
        }
    }
}
