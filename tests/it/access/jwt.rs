//! JWTs of an identity provider. The keys come from a file, or over HTTP from a provider in the test.

pub mod provider;
#[path = "../../../src/access/jwt/tests/signer.rs"]
pub mod signer;

use std::{fs, time::Duration};

use chrono::Utc;
use serde_json::{Value, json};

use self::{
    provider::Provider,
    signer::{Signer, encode, message, sign_with_secret},
};
use super::{VIEWER, assert_rejected, error_of, execute, query, send};
use crate::support::{TestDatabase, TestServer};

/// Returns claims of an editor that the server accepts.
pub fn claims() -> Value {
    let now = Utc::now().timestamp();
    json!({
        "iss": "https://id.example", "aud": ["marquee", "other"], "sub": "ann@id", "iat": now, "exp": now + 600,
        "marquee_role": ["offline", "editor"]
    })
}

fn with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

async fn server(jwks: &str, more: &[&str]) -> TestServer {
    let database = TestDatabase::empty().await;
    execute(
        &database,
        "INSERT INTO critic (slug, name) VALUES ('ann', 'Ann')",
    )
    .await;
    let jwks = format!("--jwt-jwks={jwks}");
    let mut arguments = vec![
        "--jwt-issuer=https://id.example",
        "--jwt-audience=marquee",
        &jwks,
    ];
    arguments.extend(more);
    TestServer::with_arguments(database, &arguments)
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[tokio::test]
async fn a_jwt_identifies_the_viewer() {
    let (rsa, ec, ed) = (Signer::rsa(0), Signer::ec(), Signer::ed());
    let provider = Provider::start(&json!({ "keys": [rsa.jwk("r"), ec.jwk("c"), ed.jwk("d")] }));
    let server = server(&provider.url(), &[]).await;
    for (signer, id) in [(&rsa, "r"), (&ec, "c"), (&ed, "d")] {
        let token = signer.token(id, &claims());
        let viewer = query(&server, &token, VIEWER).await["viewer"].take();
        assert_eq!(
            (&viewer["role"], &viewer["name"]),
            (&json!("EDITOR"), &json!("ann@id"))
        );
        assert!(viewer["tokenExpiresAt"].is_string());
    }
    let critic = with(&json!({ "marquee_role": "critic", "marquee_critic": "ann" }));
    let viewer = query(&server, &ed.token("d", &critic), VIEWER).await["viewer"].take();
    assert_eq!(
        (&viewer["role"], &viewer["critic"]["slug"]),
        (&json!("CRITIC"), &json!("ann"))
    );
    let nobody = with(&json!({ "marquee_role": "critic", "marquee_critic": "bob" }));
    let reason = assert_rejected(&server, &bearer(&ed.token("d", &nobody))).await;
    assert_eq!(reason, "the token names an unknown critic");
    // One fetch of the key set serves all of these requests.
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test]
async fn a_jwt_costs_no_statement_and_a_critics_jwt_costs_one() {
    let signer = Signer::ed();
    let provider = Provider::start(&json!({ "keys": [signer.jwk("a")] }));
    let server = server(&provider.url(), &[]).await;
    let cost = async |claims: &Value| {
        let token = bearer(&signer.token("a", claims));
        let response = send(&server, Some(&token), "{ viewer { role } }").await;
        response.headers()["server-timing"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        cost(&claims()).await,
        "sql;desc=\"0 statements in 0 round trips\""
    );
    let critic = with(&json!({ "marquee_role": "critic", "marquee_critic": "ann" }));
    assert_eq!(
        cost(&critic).await,
        "sql;desc=\"1 statements in 1 round trips\""
    );
}

#[tokio::test]
async fn forged_and_invalid_jwts_are_rejected() {
    let (rsa, ec, ed, theirs) = (Signer::rsa(0), Signer::ec(), Signer::ed(), Signer::ed());
    let provider = Provider::start(&json!({ "keys": [rsa.jwk("r"), ec.jwk("c"), ed.jwk("d")] }));
    let server = server(&provider.url(), &["--jwt-leeway=5"]).await;
    let now = Utc::now().timestamp();
    let admin = with(&json!({ "marquee_role": "admin" }));
    let form = "the token is malformed, or of a type that this server does not accept";
    let algorithm = "the token is not signed with RS256, ES256 or EdDSA";
    let unpublished = "the token is signed with a key that its issuer has not published";
    let signature = "the signature of the token is invalid";
    let none = message(&json!({ "alg": "none", "typ": "JWT" }), &admin);
    let hs256 = json!({ "alg": "HS256", "typ": "JWT", "kid": "r" });
    let pem = Signer::rsa_pem(0);
    let stolen = ed
        .token("d", &claims())
        .replace(&encode(claims().to_string()), &encode(admin.to_string()));
    for (token, expected) in [
        (format!("{none}."), form),
        (format!("{none}.AAAA"), algorithm),
        (sign_with_secret(pem.as_bytes(), &hs256, &admin), algorithm),
        (
            sign_with_secret(format!("{pem}\n").as_bytes(), &hs256, &admin),
            algorithm,
        ),
        (
            ed.sign(&json!({ "alg": "EdDSA", "kid": "r" }), &admin),
            unpublished,
        ),
        (
            rsa.sign(&json!({ "alg": "ES256", "kid": "c" }), &admin),
            signature,
        ),
        (
            ec.sign(&json!({ "alg": "RS256", "kid": "r" }), &admin),
            signature,
        ),
        (theirs.token("d", &admin), signature),
        (
            theirs.sign(
                &json!({ "alg": "EdDSA", "kid": "d", "jwk": theirs.jwk("d") }),
                &admin,
            ),
            signature,
        ),
        (theirs.token("../../etc/passwd", &admin), unpublished),
        (theirs.token(&provider.url(), &admin), unpublished),
        (stolen, signature),
        (
            ed.sign(
                &json!({ "alg": "EdDSA", "kid": "d", "crit": ["x"], "x": 1 }),
                &admin,
            ),
            "the token has a typ or crit header that this server does not accept",
        ),
        (
            ed.token("d", &with(&json!({ "iss": "https://id.example/" }))),
            "the token is not from the issuer that this server trusts",
        ),
        (
            ed.token("d", &with(&json!({ "aud": "other" }))),
            "the token is not for this audience",
        ),
        (
            ed.token("d", &with(&json!({ "exp": now - 6 }))),
            "the token has expired",
        ),
        (
            ed.token("d", &with(&json!({ "nbf": now + 60 }))),
            "the token is not valid yet",
        ),
        (
            ed.token("d", &with(&json!({ "iat": now + 60 }))),
            "the token is not valid yet",
        ),
        (
            ed.token("d", &with(&json!({ "sub": "a\u{7}" }))),
            "the sub claim of the token is missing or invalid",
        ),
        (
            ed.token("d", &with(&json!({ "marquee_role": "root" }))),
            "the token has no role that this server accepts",
        ),
        (
            ed.token("d", &with(&json!({ "x": "x".repeat(9000) }))),
            "the token is longer than 8 KiB",
        ),
    ] {
        assert_eq!(assert_rejected(&server, &bearer(&token)).await, expected);
    }
    // Still within the leeway of the clock.
    let late = ed.token("d", &with(&json!({ "exp": Utc::now().timestamp() - 2 })));
    query(&server, &late, VIEWER).await;
    // One fetch at the start, and one for unknown key ids.
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn keys_are_rotated_without_a_restart() {
    let (old, new) = (Signer::ec(), Signer::ec());
    let provider = Provider::start(&json!({ "keys": [old.jwk("old")] }));
    let server = server(&provider.url(), &[]).await;
    query(&server, &old.token("old", &claims()), VIEWER).await;
    provider.publish(&json!({ "keys": [old.jwk("old"), new.jwk("new")] }));
    // Concurrent requests share one fetch.
    let token = new.token("new", &claims());
    let asks = (0..8).map(|_| query(&server, &token, VIEWER));
    futures_util::future::join_all(asks).await;
    assert_eq!(provider.fetches(), 2);
    query(&server, &old.token("old", &claims()), VIEWER).await;
    // Unknown key ids don't trigger a fetch each.
    for id in 0..20 {
        assert_rejected(
            &server,
            &bearer(&new.token(&format!("made-up-{id}"), &claims())),
        )
        .await;
    }
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn keys_in_a_file_are_read_again_when_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jwks.json");
    let (old, new) = (Signer::ed(), Signer::ed());
    fs::write(&path, json!({ "keys": [old.jwk("old")] }).to_string()).unwrap();
    let server = server(path.to_str().unwrap(), &[]).await;
    query(&server, &old.token("old", &claims()), VIEWER).await;
    let both = json!({ "keys": [new.jwk("newer")] }).to_string();
    let beside = directory.path().join("jwks.json.new");
    fs::write(&beside, both).unwrap();
    fs::rename(&beside, &path).unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    query(&server, &new.token("newer", &claims()), VIEWER).await;
    assert_rejected(&server, &bearer(&old.token("old", &claims()))).await;
    // A partly written or missing file leaves the previous keys in use.
    fs::write(&path, "{").unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    query(&server, &new.token("newer", &claims()), VIEWER).await;
    fs::remove_file(&path).unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    query(&server, &new.token("newer", &claims()), VIEWER).await;
}

#[tokio::test]
async fn a_failing_identity_provider_is_not_reported_as_a_client_error() {
    let signer = Signer::ed();
    for body in [
        "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
            .to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".to_owned(),
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}",
            (1 << 20) + 1,
            " ".repeat((1 << 20) + 1)
        ),
        String::new(),
    ] {
        let provider = Provider::with_response(body);
        let server = server(&provider.url(), &[]).await;
        let response = send(
            &server,
            Some(&bearer(&signer.token("a", &claims()))),
            VIEWER,
        )
        .await;
        let (status, challenge, code, _) = error_of(response).await;
        assert_eq!(
            (status, challenge.as_str(), code.as_str()),
            (500, "", "INTERNAL")
        );
        // Anonymous requests still work.
        assert_eq!(send(&server, None, VIEWER).await.status(), 200);
        assert_eq!(provider.fetches(), 1);
    }
}

#[tokio::test]
async fn fetching_keys_from_a_slow_provider_times_out() {
    let signer = Signer::ed();
    let provider = Provider::start(&json!({ "keys": [signer.jwk("a")] }));
    provider.delay(Duration::from_millis(700));
    let server = server(&provider.url(), &[]).await;
    query(&server, &signer.token("a", &claims()), VIEWER).await;

    let silent = Provider::start(&json!({ "keys": [] }));
    silent.delay(Duration::from_mins(1));
    let server = self::server(&silent.url(), &[]).await;
    let start = std::time::Instant::now();
    let response = send(
        &server,
        Some(&bearer(&signer.token("a", &claims()))),
        VIEWER,
    )
    .await;
    assert_eq!(error_of(response).await.0, 500);
    let waited = start.elapsed();
    assert!(waited < Duration::from_secs(8), "{waited:?}");
}
