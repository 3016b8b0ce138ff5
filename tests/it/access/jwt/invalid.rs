//! JWTs that the server rejects.

use chrono::Utc;
use serde_json::json;

use super::{
    bearer, claims,
    provider::Provider,
    server,
    signer::{Signer, encode, message, sign_with_secret},
    with,
};
use crate::access::{VIEWER, assert_rejected, query};

#[tokio::test]
async fn forged_jwts_are_rejected() {
    let (rsa, ec, ed, foreign) = (Signer::rsa(0), Signer::ec(), Signer::ed(), Signer::ed());
    let provider = Provider::start(&json!({ "keys": [rsa.jwk("r"), ec.jwk("c"), ed.jwk("d")] }));
    let server = server(&provider.url(), &[]).await;
    let admin = with(&json!({ "marquee_role": "admin" }));
    let form = "the token is malformed, or of a type that this server does not accept";
    let algorithm = "the token is not signed with RS256, ES256 or EdDSA";
    let unpublished = "the token is signed with a key that its issuer has not published";
    let signature = "the signature of the token is invalid";
    let none = message(&json!({ "alg": "none", "typ": "JWT" }), &admin);
    let hs256 = json!({ "alg": "HS256", "typ": "JWT", "kid": "r" });
    let pem = Signer::rsa_pem(0);
    let signed_with_pem = |pem: &str| sign_with_secret(pem.as_bytes(), &hs256, &admin);
    let stolen = ed
        .token("d", &claims())
        .replace(&encode(claims().to_string()), &encode(admin.to_string()));
    let own_key = json!({ "alg": "EdDSA", "kid": "d", "jwk": foreign.jwk("d") });
    let header = |algorithm: &str, id: &str| json!({ "alg": algorithm, "kid": id });
    for (token, expected) in [
        (format!("{none}."), form),
        (format!("{none}.AAAA"), algorithm),
        (signed_with_pem(pem), algorithm),
        (signed_with_pem(&format!("{pem}\n")), algorithm),
        (ed.sign(&header("EdDSA", "r"), &admin), unpublished),
        (rsa.sign(&header("ES256", "c"), &admin), signature),
        (ec.sign(&header("RS256", "r"), &admin), signature),
        (foreign.token("d", &admin), signature),
        (foreign.sign(&own_key, &admin), signature),
        (foreign.token("../../etc/passwd", &admin), unpublished),
        (foreign.token(&provider.url(), &admin), unpublished),
        (stolen, signature),
    ] {
        assert_eq!(assert_rejected(&server, &bearer(&token)).await, expected);
    }
    // One fetch at the start, and one for unknown key ids.
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn jwts_with_invalid_claims_are_rejected() {
    let signer = Signer::ed();
    let provider = Provider::start(&json!({ "keys": [signer.jwk("d")] }));
    let server = server(&provider.url(), &["--jwt-leeway=5"]).await;
    let now = Utc::now().timestamp();
    for (changes, expected) in [
        (
            json!({ "iss": "https://id.example/" }),
            "the token is not from the issuer that this server trusts",
        ),
        (
            json!({ "aud": "other" }),
            "the token is not for this audience",
        ),
        (json!({ "exp": now - 6 }), "the token has expired"),
        (json!({ "nbf": now + 60 }), "the token is not valid yet"),
        (json!({ "iat": now + 60 }), "the token is not valid yet"),
        (
            json!({ "sub": "a\u{7}" }),
            "the sub claim of the token is missing or invalid",
        ),
        (
            json!({ "marquee_role": "root" }),
            "the token has no role that this server accepts",
        ),
        (
            json!({ "x": "x".repeat(9000) }),
            "the token is longer than 8 KiB",
        ),
    ] {
        let token = signer.token("d", &with(&changes));
        assert_eq!(assert_rejected(&server, &bearer(&token)).await, expected);
    }
    let critical = json!({ "alg": "EdDSA", "kid": "d", "crit": ["x"], "x": 1 });
    let token = signer.sign(&critical, &claims());
    assert_eq!(
        assert_rejected(&server, &bearer(&token)).await,
        "the token has a typ or crit header that this server does not accept"
    );
    // Still within the leeway of the clock.
    let late = with(&json!({ "exp": Utc::now().timestamp() - 2 }));
    query(&server, &signer.token("d", &late), VIEWER).await;
    assert_eq!(provider.fetches(), 1);
}
