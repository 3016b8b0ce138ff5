//! Certificates and their reloading.

use std::{fs, io::Write};

use clap::Parser;
use marquee::{config::Cli, http::Server};
use sea_orm::sqlx::postgres::PgConnectOptions;

use super::{CLOSING_REQUEST, Files, connect_13, read_to_end, tls_server};
use crate::edge::*;

#[tokio::test]
async fn certificates_are_reloaded_and_invalid_ones_ignored() {
    let (files, first) = Files::new();
    let server = tls_server(&files, &[]).await;
    let mut old = connect_13(&server, &first).unwrap();
    // With a mismatched key, and then without the certificate, the server still uses the old pair.
    let good = fs::read(&files.certificate).unwrap();
    let (others, second) = Files::new();
    fs::copy(&others.key, &files.key).unwrap();
    sleep(Duration::from_secs(3)).await;
    assert!(connect_13(&server, &first).is_ok());
    fs::remove_file(&files.certificate).unwrap();
    sleep(Duration::from_secs(3)).await;
    assert!(connect_13(&server, &first).is_ok());
    fs::write(&files.certificate, &good[..good.len() / 2]).unwrap();
    assert!(connect_13(&server, &second).is_err());
    fs::copy(&others.certificate, &files.certificate).unwrap();
    let begin = Instant::now();
    while connect_13(&server, &second).is_err() {
        assert!(
            begin.elapsed() < TIMEOUT,
            "the server still uses the old certificate"
        );
        sleep(Duration::from_millis(100)).await;
    }
    assert!(connect_13(&server, &first).is_err());
    // Connections from before still work.
    old.write_all(CLOSING_REQUEST).unwrap();
    assert!(read_to_end(&mut old).starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn an_unusable_certificate_is_reported_at_startup() {
    let (files, _) = Files::new();
    let [certificate, key] = files.arguments();
    let (others, _) = Files::new();
    let error_of = async |certificate: &str, key: &str| {
        let line = ["marquee", "--listen=127.0.0.1:0", certificate, key];
        let args = Cli::try_parse_from(line).unwrap().serve;
        let bound = Server::bind(&args, &PgConnectOptions::new()).await;
        bound.err().expect("an error").to_string()
    };
    let unfit = error_of(&certificate, &others.arguments()[1]).await;
    assert!(unfit.contains("can't be used together"), "{unfit}");
    let missing = error_of("--tls-certificate=/nowhere/c.pem", &key).await;
    assert!(
        missing.contains("/nowhere/c.pem can't be read"),
        "{missing}"
    );
    let no_key = format!("--tls-key={}", files.certificate.display());
    let no_key = error_of(&certificate, &no_key).await;
    assert!(no_key.contains("no private key"), "{no_key}");
}
