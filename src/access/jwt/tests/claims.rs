//! Tests of claims: times at their exact bounds, subjects, roles and critics.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NOW, claims, claims_with, key_set, policy, signer::Signer, timestamp};
use crate::access::jwt::{
    Grant, JwtPolicy, claims::identify, error::JwtError, unverified_token::UnverifiedToken,
};

/// Returns the grant of a token with these claims and a valid signature.
pub fn verify_claims(claims: &Value, policy: &JwtPolicy) -> Result<Grant, JwtError> {
    thread_local! {
        static SIGNER: Signer = Signer::ed();
    }
    SIGNER.with(|signer| {
        let token = signer.token("a", claims);
        let keys = key_set(&[signer.jwk("a")]);
        let identity = UnverifiedToken::parse(&token)?.verify(&keys, policy, timestamp(NOW))?;
        Ok(identity.grant)
    })
}

pub fn verify_changed(changes: &Value) -> Result<Grant, JwtError> {
    verify_claims(&claims_with(changes), &policy())
}

#[test]
fn issuer_and_audience_must_match_exactly() {
    for issuer in [
        json!("https://id.example/"),
        json!("https://ID.example"),
        json!("https://id.exampl"),
        json!(""),
        json!(["https://id.example"]),
        json!(["https://id.example", "https://evil.example"]),
    ] {
        let result = verify_changed(&json!({ "iss": issuer }));
        assert_eq!(result, Err(JwtError::Issuer), "{issuer}");
    }
    for audience in [
        json!("Marquee"),
        json!("marquee "),
        json!(""),
        json!([]),
        json!(["other"]),
    ] {
        let result = verify_changed(&json!({ "aud": audience }));
        assert_eq!(result, Err(JwtError::Audience), "{audience}");
    }
    assert!(verify_changed(&json!({ "aud": ["other", "marquee"] })).is_ok());
    for missing in [json!(null), json!(7), json!({ "marquee": 1 })] {
        assert_eq!(
            verify_changed(&json!({ "iss": missing })),
            Err(JwtError::Issuer),
            "{missing}"
        );
        assert_eq!(
            verify_changed(&json!({ "aud": missing })),
            Err(JwtError::Audience),
            "{missing}"
        );
    }
}

#[test]
fn a_token_expires_at_its_expiry_plus_the_leeway() {
    for (end, expected) in [
        (json!(NOW + 1), None),
        (json!(NOW - 29), None),
        (json!(NOW - 30), Some(JwtError::Expired)),
        (json!(NOW - 31), Some(JwtError::Expired)),
        (json!(0), Some(JwtError::Expired)),
        // Fractions of a second are rounded down.
        (json!(1_799_999_970.5), Some(JwtError::Expired)),
        (json!(1_799_999_971.5), None),
        (json!(null), Some(JwtError::Time)),
        (json!(-1), Some(JwtError::Time)),
        (json!((NOW + 60).to_string()), Some(JwtError::Time)),
        (json!(true), Some(JwtError::Time)),
        (json!(1e300), Some(JwtError::Time)),
        (json!(u64::MAX), Some(JwtError::Time)),
        (json!(9_007_199_254_740_991_u64), Some(JwtError::Time)),
    ] {
        assert_eq!(
            verify_changed(&json!({ "exp": end })).err(),
            expected,
            "{end}"
        );
    }
    let strict = JwtPolicy {
        leeway: 0,
        ..policy()
    };
    assert!(verify_claims(&claims_with(&json!({ "exp": NOW + 1 })), &strict).is_ok());
    assert_eq!(
        verify_claims(&claims_with(&json!({ "exp": NOW })), &strict),
        Err(JwtError::Expired)
    );
    // A larger leeway is capped at the maximum.
    let lax = JwtPolicy {
        leeway: u16::MAX,
        ..policy()
    };
    assert!(verify_claims(&claims_with(&json!({ "exp": NOW - 299 })), &lax).is_ok());
    assert_eq!(
        verify_claims(&claims_with(&json!({ "exp": NOW - 300 })), &lax),
        Err(JwtError::Expired)
    );
}

#[test]
fn a_token_is_not_valid_before_nbf_and_iat_minus_the_leeway() {
    for name in ["nbf", "iat"] {
        for (begin, expected) in [
            (json!(NOW + 30), None),
            (json!(NOW + 31), Some(JwtError::NotYetValid)),
            (json!(1_800_000_030.5), Some(JwtError::NotYetValid)),
            (json!(1_800_000_029.5), None),
            (json!(0), None),
            (json!("soon"), Some(JwtError::Time)),
            (json!(-5), Some(JwtError::Time)),
            (
                json!([NOW]),
                Some(if name == "nbf" {
                    JwtError::Malformed
                } else {
                    JwtError::Time
                }),
            ),
        ] {
            assert_eq!(
                verify_changed(&json!({ name: begin })).err(),
                expected,
                "{name} {begin}"
            );
        }
    }
}

#[test]
fn a_subject_is_short_and_printable() {
    for subject in [json!("ann"), json!("auth0|5f7c8e"), json!("é".repeat(255))] {
        assert!(
            verify_changed(&json!({ "sub": subject })).is_ok(),
            "{subject}"
        );
    }
    for subject in [
        json!(null),
        json!(""),
        json!(" "),
        json!(5),
        json!("a".repeat(256)),
        json!("a\nb"),
        json!("a\0"),
        json!("a\u{1b}[31m"),
        json!("a\u{85}"),
    ] {
        assert_eq!(
            verify_changed(&json!({ "sub": subject })),
            Err(JwtError::Subject),
            "{subject}"
        );
    }
}

#[test]
fn the_highest_known_role_applies() {
    for (roles, expected) in [
        (json!("admin"), Ok(Grant::Admin)),
        (json!(["editor", "admin", "critic"]), Ok(Grant::Admin)),
        (
            json!(["offline_access", "editor", 5, null]),
            Ok(Grant::Editor),
        ),
        (json!("Admin"), Err(JwtError::Role)),
        (json!("anonymous"), Err(JwtError::Role)),
        (json!("editor admin"), Err(JwtError::Role)),
        (json!(["root"]), Err(JwtError::Role)),
        (json!([]), Err(JwtError::Role)),
        (json!([["admin"]]), Err(JwtError::Role)),
        (json!({ "admin": true }), Err(JwtError::Role)),
        (json!(null), Err(JwtError::Role)),
        (json!(true), Err(JwtError::Role)),
    ] {
        assert_eq!(
            verify_changed(&json!({ "marquee_role": roles })),
            expected,
            "{roles}"
        );
    }
}

#[test]
fn a_critic_is_named_by_a_slug() {
    let critic = |slug: Value| {
        verify_changed(&json!({ "marquee_role": ["critic"], "marquee_critic": slug }))
    };
    assert_eq!(
        critic(json!("ann-lee")),
        Ok(Grant::Critic("ann-lee".to_owned()))
    );
    for slug in [
        json!(null),
        json!(""),
        json!("Ann"),
        json!("ann lee"),
        json!("a\0"),
        json!("é"),
        json!(["ann"]),
        json!("a".repeat(256)),
        json!("' OR 1=1"),
    ] {
        assert_eq!(critic(slug.clone()), Err(JwtError::Critic), "{slug}");
    }
    // Higher roles ignore the critic claim.
    assert_eq!(
        verify_changed(&json!({ "marquee_critic": "ann-lee" })),
        Ok(Grant::Editor)
    );
}

#[test]
fn the_names_of_the_claims_are_configurable() {
    let policy = JwtPolicy {
        role_claim: "https://example.com/roles".to_owned(),
        critic_claim: "https://example.com/critic".to_owned(),
        ..policy()
    };
    let renamed = claims_with(
        &json!({ "https://example.com/roles": ["critic"], "https://example.com/critic": "ann", "marquee_role": "admin" }),
    );
    assert_eq!(
        verify_claims(&renamed, &policy),
        Ok(Grant::Critic("ann".to_owned()))
    );
    assert_eq!(verify_claims(&claims(), &policy), Err(JwtError::Role));
}

#[test]
fn a_duplicate_claim_is_rejected() {
    let signer = Signer::ed();
    let header = super::encode(json!({ "alg": "EdDSA", "kid": "a" }).to_string());
    let keys = key_set(&[signer.jwk("a")]);
    for name in ["iss", "aud", "exp", "sub"] {
        let text = claims().to_string();
        let duplicated = text.replacen('{', &format!("{{\"{name}\":{},", claims()[name]), 1);
        let message = format!("{header}.{}", super::encode(duplicated));
        let Signer::Ed(key) = &signer else {
            unreachable!()
        };
        let token = format!("{message}.{}", super::encode(key.sign(message.as_bytes())));
        assert_eq!(
            super::verify(&token, &keys),
            Err(JwtError::Malformed),
            "{name}"
        );
    }
}

proptest! {
    #[test]
    fn any_claims_are_accepted_or_rejected(text: String, number: f64, integer: i64, seconds: i64) {
        let values = [json!(text), json!(number), json!(integer), json!([text]), json!({ "a": integer })];
        let now = chrono::DateTime::from_timestamp(seconds.rem_euclid(253_402_300_000), 0).unwrap();
        for name in ["iss", "aud", "sub", "exp", "nbf", "iat", "marquee_role", "marquee_critic"] {
            for value in &values {
                let claims = claims_with(&json!({ name: value }));
                if let Ok(identity) = identify(claims.as_object().unwrap(), &policy(), now) {
                    prop_assert!(identity.expires_at.timestamp() + 30 > now.timestamp());
                }
            }
        }
    }
}
