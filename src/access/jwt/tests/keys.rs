//! Tests of valid and invalid key sets.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{encode, key_set, signer::Signer};
use crate::access::jwt::key_set::{KeySet, KeySetError, MAX_BYTES, MAX_KEYS};

fn parse(value: &Value) -> Result<KeySet, KeySetError> {
    KeySet::parse(value.to_string().as_bytes())
}

fn changed(mut key: Value, changes: &Value) -> Value {
    key.as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    key
}

#[test]
fn keys_for_other_uses_are_skipped() {
    let good = Signer::ed().jwk("good");
    let rsa = Signer::rsa(0).jwk("other");
    let others = [
        changed(rsa.clone(), &json!({ "use": "enc" })),
        changed(rsa.clone(), &json!({ "use": 7 })),
        changed(rsa.clone(), &json!({ "alg": "RSA-OAEP" })),
        changed(rsa.clone(), &json!({ "alg": "PS256" })),
        changed(rsa.clone(), &json!({ "key_ops": ["encrypt"] })),
        changed(rsa.clone(), &json!({ "key_ops": "verify" })),
        changed(rsa.clone(), &json!({ "kid": 5 })),
        changed(rsa.clone(), &json!({ "n": "AQAB" })),
        changed(rsa.clone(), &json!({ "n": "not base64!" })),
        changed(rsa.clone(), &json!({ "n": encode([0; 300]) })),
        changed(rsa.clone(), &json!({ "n": encode([255; 1025]) })),
        changed(rsa.clone(), &json!({ "e": "" })),
        changed(Signer::ec().jwk("other"), &json!({ "crv": "P-384" })),
        changed(Signer::ec().jwk("other"), &json!({ "x": "AAAA" })),
        changed(Signer::ec().jwk("other"), &json!({ "alg": "ES384" })),
        changed(Signer::ed().jwk("other"), &json!({ "crv": "X25519" })),
        changed(Signer::ed().jwk("other"), &json!({ "x": encode([1; 31]) })),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA" }),
        json!({ "kty": 3 }),
        json!({}),
        json!("a key"),
        json!(null),
    ];
    for other in &others {
        let keys = parse(&json!({ "keys": [other, good] })).unwrap();
        assert_eq!((keys.len(), keys.skipped_count()), (1, 1), "{other}");
        assert_eq!(
            parse(&json!({ "keys": [other] })).unwrap_err(),
            KeySetError::Empty,
            "{other}"
        );
    }
    let keys = key_set(&[
        changed(
            rsa,
            &json!({ "use": "sig", "alg": "RS256", "key_ops": ["sign", "verify"], "x5c": ["AAAA"], "x5t": "A" }),
        ),
        changed(Signer::ec().jwk("b"), &json!({ "alg": "ES256" })),
        changed(Signer::ed().jwk("c"), &json!({ "alg": "EdDSA" })),
        changed(Signer::ed().jwk("d"), &json!({ "alg": "Ed25519" })),
    ]);
    assert_eq!((keys.len(), keys.skipped_count()), (4, 0));
    assert!(!keys.is_empty());
}

#[test]
fn leading_zeros_of_a_modulus_are_stripped() {
    let signer = Signer::rsa(0);
    let mut key = signer.jwk("a");
    let modulus = BASE64_URL_SAFE_NO_PAD
        .decode(key["n"].as_str().unwrap())
        .unwrap();
    key["n"] = json!(encode([&[0, 0][..], &modulus].concat()));
    let token = signer.token("a", &super::claims());
    assert!(super::verify(&token, &key_set(&[key])).is_ok());
}

#[test]
fn a_set_with_a_secret_is_rejected() {
    let good = Signer::ed().jwk("good");
    for secret in [
        json!({ "kty": "oct", "k": "c2VjcmV0" }),
        json!({ "kty": "oct" }),
        changed(Signer::ed().jwk("b"), &json!({ "d": "AAAA" })),
        changed(Signer::rsa(0).jwk("b"), &json!({ "p": "AAAA" })),
    ] {
        let result = parse(&json!({ "keys": [good, secret] }));
        assert_eq!(result.unwrap_err(), KeySetError::Secret, "{secret}");
    }
}

#[test]
fn malformed_and_empty_sets_are_rejected() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":"a"}"#,
        "<html>",
    ] {
        assert_eq!(
            KeySet::parse(text.as_bytes()).unwrap_err(),
            KeySetError::Malformed,
            "{text}"
        );
    }
    assert_eq!(
        KeySet::parse(&[0xff, 0xfe]).unwrap_err(),
        KeySetError::Malformed
    );
    assert_eq!(
        parse(&json!({ "keys": [] })).unwrap_err(),
        KeySetError::Empty
    );
}

#[test]
fn the_size_of_a_set_is_bounded() {
    let key = Signer::ed().jwk("a");
    let keys = |count| json!({ "keys": vec![key.clone(); count] });
    assert_eq!(parse(&keys(MAX_KEYS)).unwrap().len(), MAX_KEYS);
    assert_eq!(
        parse(&keys(MAX_KEYS + 1)).unwrap_err(),
        KeySetError::TooMany
    );
    let mut text = keys(1).to_string().into_bytes();
    text.resize(MAX_BYTES, b' ');
    assert!(KeySet::parse(&text).is_ok());
    text.push(b' ');
    assert_eq!(KeySet::parse(&text).unwrap_err(), KeySetError::TooLarge);
}

#[test]
fn debug_output_has_only_key_ids_and_algorithms() {
    let keys = key_set(&[Signer::ed().jwk("a")]);
    assert_eq!(format!("{keys:?}"), r#"[(Some("a"), EdDSA)]"#);
}

proptest! {
    #[test]
    fn any_bytes_are_parsed_or_rejected(bytes: Vec<u8>, text: String, name in "kty|crv|x|y|n|e|kid|use|alg|key_ops") {
        prop_assert!(KeySet::parse(&bytes).is_err());
        for key in [Signer::ed().jwk("a"), Signer::ec().jwk("a"), Signer::rsa(0).jwk("a")] {
            for value in [json!(text), json!([text]), json!(null), json!(encode(&bytes))] {
                let keys = parse(&json!({ "keys": [changed(key.clone(), &json!({ name.clone(): value }))] }));
                prop_assert!(keys.map_or_else(|error| error == KeySetError::Empty, |keys| keys.len() == 1));
            }
        }
    }
}
