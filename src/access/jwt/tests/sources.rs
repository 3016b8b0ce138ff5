//! Tests of sources of keys, and of files that change.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use serde_json::json;

use super::signer::Signer;
use crate::access::jwt::{
    key_cache::FetchOutcome,
    source::{
        InvalidKeySource, KeySource,
        fetcher::{FetchError, Fetcher},
    },
};

#[test]
fn keys_come_from_a_file_or_a_secure_url() {
    for file in [
        "jwks.json",
        "/etc/marquee/jwks.json",
        "c:jwks.json",
        "http:jwks",
    ] {
        assert!(matches!(file.parse(), Ok(KeySource::File(_))), "{file}");
    }
    for address in [
        "https://id.example/jwks",
        "HTTPS://id.example",
        "https://id.example:8443/a?b=c",
        "http://localhost:8080/jwks",
        "http://LOCALHOST/",
        "http://127.0.0.1/jwks",
        "http://[::1]:80/jwks",
    ] {
        assert!(
            matches!(address.parse(), Ok(KeySource::Url(_))),
            "{address}"
        );
    }
    for (text, expected) in [
        ("", InvalidKeySource::Empty),
        (" ", InvalidKeySource::Empty),
        ("https://", InvalidKeySource::Malformed),
        ("https:// ", InvalidKeySource::Malformed),
        ("://x", InvalidKeySource::Insecure),
        ("http://id.example/jwks", InvalidKeySource::Insecure),
        ("http://localhost.evil.example/", InvalidKeySource::Insecure),
        ("http://127.0.0.1.evil.example/", InvalidKeySource::Insecure),
        ("ftp://localhost/jwks", InvalidKeySource::Insecure),
        ("file:///etc/passwd", InvalidKeySource::Malformed),
        (
            "https://user:hunter2@id.example/",
            InvalidKeySource::UserInfo,
        ),
        ("http://localhost@evil.example/", InvalidKeySource::UserInfo),
    ] {
        let error = text.parse::<KeySource>().unwrap_err();
        assert_eq!(error, expected, "{text}");
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[test]
fn the_display_of_a_url_omits_its_query() {
    let display = |text: &str| text.parse::<KeySource>().unwrap().to_string();
    assert_eq!(
        display("https://id.example:8443/jwks?key=hunter2"),
        "https://id.example:8443/jwks"
    );
    assert_eq!(display("keys/jwks.json"), "keys/jwks.json");
}

#[test]
fn a_file_is_read_again_after_a_change() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jwks.json");
    let write = |id: &str, second: u64| {
        fs::write(&path, json!({ "keys": [Signer::ed().jwk(id)] }).to_string()).unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + second);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(modified)
            .unwrap();
    };
    let mut fetcher = Fetcher::new(path.to_str().unwrap().parse().unwrap());
    assert!(matches!(fetcher.fetch(), Err(FetchError::Io(_))));
    write("a", 0);
    assert!(matches!(fetcher.fetch(), Ok(FetchOutcome::Keys(..))));
    assert!(matches!(fetcher.fetch(), Ok(FetchOutcome::Unchanged(_))));
    write("b", 1);
    assert!(matches!(fetcher.fetch(), Ok(FetchOutcome::Keys(..))));
    assert!(matches!(fetcher.fetch(), Ok(FetchOutcome::Unchanged(_))));
    fs::write(&path, "{").unwrap();
    assert!(matches!(fetcher.fetch(), Err(FetchError::KeySet(_))));
    // A failed read is not taken as the last successful one.
    assert!(matches!(fetcher.fetch(), Err(FetchError::KeySet(_))));
    fs::remove_file(&path).unwrap();
    assert!(matches!(fetcher.fetch(), Err(FetchError::Io(_))));
}
