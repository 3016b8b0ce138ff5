//! Tests of claims: times at their exact bounds, subjects, roles and critics.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NOW, claims, moment, policy, set, signer::Signer, with};
use crate::access::jwt::{Grant, Policy, Refusal, Unverified, claims::identify};

/// Returns the grant of a token with these claims and a valid signature.
fn judge(claims: &Value, policy: &Policy) -> Result<Grant, Refusal> {
    thread_local! {
        static SIGNER: Signer = Signer::ed();
    }
    SIGNER.with(|signer| {
        let token = signer.token("a", claims);
        let keys = set(&[signer.jwk("a")]);
        let identity = Unverified::read(&token)?.verify(&keys, policy, moment(NOW))?;
        Ok(identity.grant)
    })
}

fn judged(changes: &Value) -> Result<Grant, Refusal> {
    judge(&with(changes), &policy())
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
        let refused = judged(&json!({ "iss": issuer }));
        assert_eq!(refused, Err(Refusal::Issuer), "{issuer}");
    }
    for audience in [
        json!("Marquee"),
        json!("marquee "),
        json!(""),
        json!([]),
        json!(["other"]),
    ] {
        let refused = judged(&json!({ "aud": audience }));
        assert_eq!(refused, Err(Refusal::Audience), "{audience}");
    }
    assert!(judged(&json!({ "aud": ["other", "marquee"] })).is_ok());
    for missing in [json!(null), json!(7), json!({ "marquee": 1 })] {
        assert_eq!(
            judged(&json!({ "iss": missing })),
            Err(Refusal::Issuer),
            "{missing}"
        );
        assert_eq!(
            judged(&json!({ "aud": missing })),
            Err(Refusal::Audience),
            "{missing}"
        );
    }
}

#[test]
fn a_token_expires_at_its_expiry_plus_the_leeway() {
    for (end, expected) in [
        (json!(NOW + 1), None),
        (json!(NOW - 29), None),
        (json!(NOW - 30), Some(Refusal::Expired)),
        (json!(NOW - 31), Some(Refusal::Expired)),
        (json!(0), Some(Refusal::Expired)),
        // Fractions of a second are rounded down.
        (json!(1_799_999_970.5), Some(Refusal::Expired)),
        (json!(1_799_999_971.5), None),
        (json!(null), Some(Refusal::Time)),
        (json!(-1), Some(Refusal::Time)),
        (json!((NOW + 60).to_string()), Some(Refusal::Time)),
        (json!(true), Some(Refusal::Time)),
        (json!(1e300), Some(Refusal::Time)),
        (json!(u64::MAX), Some(Refusal::Time)),
        (json!(9_007_199_254_740_991_u64), Some(Refusal::Time)),
    ] {
        assert_eq!(judged(&json!({ "exp": end })).err(), expected, "{end}");
    }
    let strict = Policy {
        leeway: 0,
        ..policy()
    };
    assert!(judge(&with(&json!({ "exp": NOW + 1 })), &strict).is_ok());
    assert_eq!(
        judge(&with(&json!({ "exp": NOW })), &strict),
        Err(Refusal::Expired)
    );
    // A larger leeway is capped at the maximum.
    let lax = Policy {
        leeway: u16::MAX,
        ..policy()
    };
    assert!(judge(&with(&json!({ "exp": NOW - 299 })), &lax).is_ok());
    assert_eq!(
        judge(&with(&json!({ "exp": NOW - 300 })), &lax),
        Err(Refusal::Expired)
    );
}

#[test]
fn a_token_is_not_valid_before_nbf_and_iat_minus_the_leeway() {
    for name in ["nbf", "iat"] {
        for (begin, expected) in [
            (json!(NOW + 30), None),
            (json!(NOW + 31), Some(Refusal::NotYet)),
            (json!(1_800_000_030.5), Some(Refusal::NotYet)),
            (json!(1_800_000_029.5), None),
            (json!(0), None),
            (json!("soon"), Some(Refusal::Time)),
            (json!(-5), Some(Refusal::Time)),
            (
                json!([NOW]),
                Some(if name == "nbf" {
                    Refusal::Form
                } else {
                    Refusal::Time
                }),
            ),
        ] {
            assert_eq!(
                judged(&json!({ name: begin })).err(),
                expected,
                "{name} {begin}"
            );
        }
    }
}

#[test]
fn a_subject_is_short_and_printable() {
    for subject in [json!("ann"), json!("auth0|5f7c8e"), json!("é".repeat(255))] {
        assert!(judged(&json!({ "sub": subject })).is_ok(), "{subject}");
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
            judged(&json!({ "sub": subject })),
            Err(Refusal::Subject),
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
        (json!("Admin"), Err(Refusal::Role)),
        (json!("anonymous"), Err(Refusal::Role)),
        (json!("editor admin"), Err(Refusal::Role)),
        (json!(["root"]), Err(Refusal::Role)),
        (json!([]), Err(Refusal::Role)),
        (json!([["admin"]]), Err(Refusal::Role)),
        (json!({ "admin": true }), Err(Refusal::Role)),
        (json!(null), Err(Refusal::Role)),
        (json!(true), Err(Refusal::Role)),
    ] {
        assert_eq!(
            judged(&json!({ "marquee_role": roles })),
            expected,
            "{roles}"
        );
    }
}

#[test]
fn a_critic_is_named_by_a_slug() {
    let critic =
        |slug: Value| judged(&json!({ "marquee_role": ["critic"], "marquee_critic": slug }));
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
        assert_eq!(critic(slug.clone()), Err(Refusal::Critic), "{slug}");
    }
    // Higher roles ignore the critic claim.
    assert_eq!(
        judged(&json!({ "marquee_critic": "ann-lee" })),
        Ok(Grant::Editor)
    );
}

#[test]
fn the_names_of_the_claims_are_configurable() {
    let policy = Policy {
        role_claim: "https://example.com/roles".to_owned(),
        critic_claim: "https://example.com/critic".to_owned(),
        ..policy()
    };
    let named = with(
        &json!({ "https://example.com/roles": ["critic"], "https://example.com/critic": "ann", "marquee_role": "admin" }),
    );
    assert_eq!(judge(&named, &policy), Ok(Grant::Critic("ann".to_owned())));
    assert_eq!(judge(&claims(), &policy), Err(Refusal::Role));
}

#[test]
fn a_duplicate_claim_is_rejected() {
    let signer = Signer::ed();
    let header = super::encode(json!({ "alg": "EdDSA", "kid": "a" }).to_string());
    let keys = set(&[signer.jwk("a")]);
    for name in ["iss", "aud", "exp", "sub"] {
        let text = claims().to_string();
        let twice = text.replacen('{', &format!("{{\"{name}\":{},", claims()[name]), 1);
        let message = format!("{header}.{}", super::encode(twice));
        let Signer::Ed(key) = &signer else {
            unreachable!()
        };
        let token = format!("{message}.{}", super::encode(key.sign(message.as_bytes())));
        assert_eq!(super::verify(&token, &keys), Err(Refusal::Form), "{name}");
    }
}

proptest! {
    #[test]
    fn any_claims_are_accepted_or_rejected(text: String, number: f64, whole: i64, seconds: i64) {
        let values = [json!(text), json!(number), json!(whole), json!([text]), json!({ "a": whole })];
        let now = chrono::DateTime::from_timestamp(seconds.rem_euclid(253_402_300_000), 0).unwrap();
        for name in ["iss", "aud", "sub", "exp", "nbf", "iat", "marquee_role", "marquee_critic"] {
            for value in &values {
                let claims = with(&json!({ name: value }));
                if let Ok(identity) = identify(claims.as_object().unwrap(), &policy(), now) {
                    prop_assert!(identity.expires_at.timestamp() + 30 > now.timestamp());
                }
            }
        }
    }
}
