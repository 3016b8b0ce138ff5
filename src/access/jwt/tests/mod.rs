//! Tests of accepted tokens, and of all known attacks.

mod caching;
mod claims;
mod keys;
mod providers;
pub mod signer;
mod sources;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use self::signer::{Signer, encode, message, sign_with_secret};
use super::{
    Grant, Identity, JwtPolicy, error::JwtError, key_set::KeySet, unverified_token::UnverifiedToken,
};
use crate::access::credentials;

/// The current time in all tests, in seconds since 1970.
const NOW: i64 = 1_800_000_000;

fn policy() -> JwtPolicy {
    JwtPolicy {
        issuer: "https://id.example".to_owned(),
        audience: "marquee".to_owned(),
        role_claim: "marquee_role".to_owned(),
        role_names: Vec::new(),
        critic_claim: "marquee_critic".to_owned(),
        leeway: 30,
    }
}

/// Returns valid claims.
fn claims() -> Value {
    json!({ "iss": "https://id.example", "aud": "marquee", "sub": "ann", "exp": NOW + 60, "marquee_role": "editor" })
}

/// Returns valid claims with changes; null removes a claim.
fn claims_with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn timestamp(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second, 0).unwrap()
}

fn verify(token: &str, keys: &KeySet) -> Result<Identity, JwtError> {
    UnverifiedToken::parse(token)?.verify(keys, &policy(), timestamp(NOW))
}

#[test]
fn each_algorithm_is_accepted_by_its_key() {
    for signer in [Signer::rsa(0), Signer::ec(), Signer::ed()] {
        let keys = key_set(&[signer.jwk("a")]);
        let expected = Identity {
            subject: "ann".to_owned(),
            grant: Grant::Editor,
            expires_at: timestamp(NOW + 60),
        };
        let identity = verify(&signer.token("a", &claims()), &keys);
        assert_eq!(identity, Ok(expected), "{}", signer.algorithm());
    }
}

#[test]
fn a_token_without_a_signature_is_rejected() {
    let signer = Signer::ed();
    let keys = key_set(&[signer.jwk("a")]);
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let message = message(&json!({ "alg": none, "kid": "a" }), &claims());
        for token in [
            format!("{message}."),
            format!("{message}.AAAA"),
            message.clone(),
        ] {
            assert_eq!(verify(&token, &keys), Err(JwtError::Algorithm), "{none}");
        }
    }
    let token = signer.token("a", &claims());
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_eq!(
        verify(&format!("{message}."), &keys),
        Err(JwtError::Signature)
    );
}

#[test]
fn a_public_key_is_not_accepted_as_a_shared_secret() {
    let keys = key_set(&[Signer::rsa(0).jwk("a")]);
    let pem = Signer::rsa_pem(0);
    let modulus = Signer::rsa(0).jwk("a")["n"].as_str().unwrap().to_owned();
    for secret in [pem.to_owned(), format!("{pem}\n"), modulus, String::new()] {
        for algorithm in ["HS256", "HS384", "HS512", "RS256", "ES256", "EdDSA"] {
            let header = json!({ "alg": algorithm, "kid": "a" });
            let token = sign_with_secret(secret.as_bytes(), &header, &claims());
            let error = verify(&token, &keys).unwrap_err();
            let expected = match algorithm {
                "RS256" => JwtError::Signature,
                "ES256" | "EdDSA" => JwtError::UnknownKey,
                _ => JwtError::Algorithm,
            };
            assert_eq!(error, expected, "{algorithm}");
        }
    }
}

#[test]
fn an_algorithm_is_accepted_only_with_a_key_of_its_family() {
    let signers = [Signer::rsa(0), Signer::ec(), Signer::ed()];
    for signer in &signers {
        let keys = key_set(&[signer.jwk("a")]);
        for other in &signers {
            if other.algorithm() == signer.algorithm() {
                continue;
            }
            // Signed with the published key under another algorithm, and signed with another key.
            let header = json!({ "alg": other.algorithm(), "kid": "a" });
            assert_eq!(
                verify(&signer.sign(&header, &claims()), &keys),
                Err(JwtError::UnknownKey)
            );
            assert_eq!(
                verify(&other.token("a", &claims()), &keys),
                Err(JwtError::UnknownKey)
            );
        }
    }
    for algorithm in [
        "RS384", "RS512", "PS256", "ES384", "ES512", "HS256", "Ed25519", "A",
    ] {
        let header = json!({ "alg": algorithm, "kid": "a" });
        let token = signers[0].sign(&header, &claims());
        assert_eq!(
            verify(&token, &key_set(&[signers[0].jwk("a")])),
            Err(JwtError::Algorithm)
        );
    }
}

#[test]
fn a_signature_by_another_key_of_the_same_family_is_rejected() {
    for (signer, other) in [
        (Signer::rsa(0), Signer::rsa(1)),
        (Signer::ec(), Signer::ec()),
        (Signer::ed(), Signer::ed()),
    ] {
        let keys = key_set(&[signer.jwk("a")]);
        let token = other.token("a", &claims());
        assert_eq!(verify(&token, &keys), Err(JwtError::Signature));
    }
}

#[test]
fn keys_in_the_header_of_a_token_are_ignored() {
    let (ours, theirs) = (Signer::ed(), Signer::ed());
    let keys = key_set(&[ours.jwk("a")]);
    for extra in [
        json!({ "jwk": theirs.jwk("a") }),
        json!({ "jku": "https://evil.example/keys" }),
        json!({ "x5u": "https://evil.example/chain" }),
        json!({ "x5c": ["AAAA"] }),
    ] {
        let mut header = json!({ "alg": "EdDSA", "kid": "a" });
        header
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let token = theirs.sign(&header, &claims());
        assert_eq!(verify(&token, &keys), Err(JwtError::Signature), "{extra}");
    }
}

#[test]
fn a_key_id_must_match_exactly() {
    let signer = Signer::ed();
    let keys = key_set(&[signer.jwk("a")]);
    for id in [
        "../../etc/passwd",
        "/dev/null",
        "A",
        "a ",
        "",
        "a' OR '1'='1",
        "a\0",
    ] {
        assert_eq!(
            verify(&signer.token(id, &claims()), &keys),
            Err(JwtError::UnknownKey),
            "{id}"
        );
    }
    for id in [json!(1), json!(["a"]), json!({ "kid": "a" })] {
        let header = json!({ "alg": "EdDSA", "kid": id });
        assert_eq!(
            verify(&signer.sign(&header, &claims()), &keys),
            Err(JwtError::Algorithm)
        );
    }
}

#[test]
fn without_a_key_id_the_key_must_be_the_only_one_for_its_algorithm() {
    let (one, other, rsa) = (Signer::ed(), Signer::ed(), Signer::rsa(0));
    let token = one.sign(&json!({ "alg": "EdDSA" }), &claims());
    assert!(verify(&token, &key_set(&[one.jwk("a"), rsa.jwk("b")])).is_ok());
    assert_eq!(
        verify(&token, &key_set(&[one.jwk("a"), other.jwk("b")])),
        Err(JwtError::UnknownKey)
    );
    assert_eq!(
        verify(&token, &key_set(&[rsa.jwk("a")])),
        Err(JwtError::UnknownKey)
    );
    // An ID of two keys identifies neither.
    let token = one.token("a", &claims());
    assert_eq!(
        verify(&token, &key_set(&[one.jwk("a"), other.jwk("a")])),
        Err(JwtError::UnknownKey)
    );
}

#[test]
fn critical_extensions_and_other_token_types_are_rejected() {
    let signer = Signer::ed();
    let keys = key_set(&[signer.jwk("a")]);
    for (header, expected) in [
        (json!({ "crit": ["exp"] }), JwtError::UnsupportedType),
        (json!({ "crit": [] }), JwtError::UnsupportedType),
        (
            json!({ "crit": ["b64"], "b64": false }),
            JwtError::UnsupportedType,
        ),
        (json!({ "typ": "logout+jwt" }), JwtError::UnsupportedType),
        (json!({ "typ": "dpop+jwt" }), JwtError::UnsupportedType),
        (json!({ "typ": "" }), JwtError::UnsupportedType),
    ] {
        let mut full_header = json!({ "alg": "EdDSA", "kid": "a" });
        full_header
            .as_object_mut()
            .unwrap()
            .extend(header.as_object().unwrap().clone());
        assert_eq!(
            verify(&signer.sign(&full_header, &claims()), &keys),
            Err(expected),
            "{header}"
        );
    }
    for kind in ["JWT", "jwt", "at+jwt", "application/at+JWT"] {
        let header = json!({ "alg": "EdDSA", "kid": "a", "typ": kind });
        assert!(
            verify(&signer.sign(&header, &claims()), &keys).is_ok(),
            "{kind}"
        );
    }
}

#[test]
fn a_token_with_any_changed_byte_is_rejected() {
    let signer = Signer::ec();
    let keys = key_set(&[signer.jwk("a")]);
    let token = signer.token("a", &claims());
    for index in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(verify(&changed, &keys).is_err(), "{index}");
    }
    let editor = encode(claims().to_string());
    let admin = encode(claims_with(&json!({ "marquee_role": "admin" })).to_string());
    assert_eq!(
        verify(&token.replace(&editor, &admin), &keys),
        Err(JwtError::Signature)
    );
}

#[test]
fn the_size_of_a_token_is_bounded() {
    let signer = Signer::ed();
    let keys = key_set(&[signer.jwk("a")]);
    let padded =
        |length: usize| signer.token("a", &claims_with(&json!({ "x": "x".repeat(length) })));
    assert!(verify(&padded(5000), &keys).is_ok());
    let long = padded(credentials::MAX_LENGTH);
    assert_eq!(verify(&long, &keys), Err(JwtError::Malformed));
}

#[test]
fn messages_are_valid_in_a_quoted_string_of_a_header() {
    let errors = [
        JwtError::Malformed,
        JwtError::Algorithm,
        JwtError::UnsupportedType,
        JwtError::UnknownKey,
        JwtError::Signature,
        JwtError::Issuer,
        JwtError::Audience,
        JwtError::Subject,
        JwtError::Time,
        JwtError::Expired,
        JwtError::NotYetValid,
        JwtError::Role,
        JwtError::Critic,
    ];
    for error in errors {
        let message = error.to_string();
        assert!(
            !message.is_empty()
                && message
                    .bytes()
                    .all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\'),
            "{message}"
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_strings_are_rejected(text: String, header: String, payload: String) {
        let keys = key_set(&[json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": encode([0; 32]) })]);
        let encoded = format!("{}.{}.{}", encode(&header), encode(&payload), encode(&text));
        let plausible = format!("{}.{}.{}", encode(r#"{"alg":"EdDSA","kid":"a"}"#), encode(&payload), encode(&text));
        for token in [text, encoded, plausible] {
            prop_assert!(verify(&token, &keys).is_err());
        }
    }
}
