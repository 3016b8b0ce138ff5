//! The key set of the identity provider: rotation, failures and timeouts.

use std::{fs, time::Duration};

use serde_json::json;

use super::{bearer, claims, provider::Provider, server, signer::Signer};
use crate::access::{VIEWER, assert_rejected, error_of, query, send};

#[tokio::test]
async fn keys_are_rotated_without_a_restart() {
    let (old, new) = (Signer::ec(), Signer::ec());
    let provider = Provider::start(&json!({ "keys": [old.jwk("old")] }));
    let server = server(&provider.url(), &[]).await;
    query(&server, &old.token("old", &claims()), VIEWER).await;
    provider.publish(&json!({ "keys": [old.jwk("old"), new.jwk("new")] }));
    // Concurrent requests share one fetch.
    let token = new.token("new", &claims());
    let queries = (0..8).map(|_| query(&server, &token, VIEWER));
    futures_util::future::join_all(queries).await;
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
    let new_path = directory.path().join("jwks.json.new");
    fs::write(&new_path, both).unwrap();
    fs::rename(&new_path, &path).unwrap();
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

    let unresponsive = Provider::start(&json!({ "keys": [] }));
    unresponsive.delay(Duration::from_mins(1));
    let server = self::server(&unresponsive.url(), &[]).await;
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
