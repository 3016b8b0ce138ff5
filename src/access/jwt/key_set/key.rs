//! A public key of an identity provider.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

/// A key with its ID and its algorithm.
pub(super) struct Key {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) decoding: DecodingKey,
}

pub(super) fn is_secret(key: &Map<String, Value>) -> bool {
    let is_symmetric = key.get("kty").is_some_and(|kind| kind == "oct");
    is_symmetric
        || ["d", "k", "p", "q"]
            .iter()
            .any(|part| key.contains_key(*part))
}

pub(super) fn parse_key(members: &Map<String, Value>) -> Option<Key> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let (algorithm, decoding) = match (text("kty")?, text("crv")) {
        ("RSA", _) => (Algorithm::RS256, parse_rsa(text("n")?, text("e")?)?),
        ("EC", Some("P-256")) => {
            let (x, y) = (text("x")?, text("y")?);
            let are_valid = coordinate(x).is_some() && coordinate(y).is_some();
            let key = DecodingKey::from_ec_components(x, y).ok()?;
            (Algorithm::ES256, are_valid.then_some(key)?)
        }
        ("OKP", Some("Ed25519")) => (
            Algorithm::EdDSA,
            DecodingKey::from_ed_der(&coordinate(text("x")?)?),
        ),
        _ => return None,
    };
    let id = match members.get("kid") {
        None => None,
        Some(Value::String(id)) => Some(id.clone()),
        Some(_) => return None,
    };
    (is_for_signatures(members) && allows_algorithm(members, algorithm)).then_some(Key {
        id,
        algorithm,
        decoding,
    })
}

/// Returns whether a key may verify signatures. A key without `use` and `key_ops` may be used for anything.
fn is_for_signatures(members: &Map<String, Value>) -> bool {
    let use_allows = members.get("use").is_none_or(|purpose| purpose == "sig");
    let operations_allow = match members.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
        Some(_) => false,
    };
    use_allows && operations_allow
}

/// Returns whether a key may be used with an algorithm: its `alg` must be that algorithm or absent. `Ed25519` is the
/// newer name of `EdDSA` with that curve (RFC 9864).
fn allows_algorithm(members: &Map<String, Value>, algorithm: Algorithm) -> bool {
    let Some(alg) = members.get("alg") else {
        return true;
    };
    match algorithm {
        Algorithm::RS256 => alg == "RS256",
        Algorithm::ES256 => alg == "ES256",
        Algorithm::EdDSA => alg == "EdDSA" || alg == "Ed25519",
        _ => false,
    }
}

fn coordinate(text: &str) -> Option<[u8; 32]> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Parses an RSA key. Returns `None` unless the modulus has 2048 to 8192 bits: `ring` rejects other sizes only when it
/// verifies a signature, which is too late to report an unusable key. Strips leading zero bytes, which some providers
/// write and `ring` rejects.
fn parse_rsa(modulus: &str, exponent: &str) -> Option<DecodingKey> {
    let number = |text: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let start = bytes.iter().position(|byte| *byte != 0)?;
        Some(bytes[start..].to_vec())
    };
    let (modulus, exponent) = (number(modulus)?, number(exponent)?);
    let zeros = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    let bits = modulus.len() * 8 - zeros;
    (2048..=8192)
        .contains(&bits)
        .then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}
