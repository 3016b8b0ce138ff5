//! TLS: versions, certificate reloading, and limits.

mod certificates;
mod streams;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream as Plain,
    path::PathBuf,
    sync::Arc,
};

use rcgen::generate_simple_self_signed;
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use tempfile::TempDir;

use super::*;

type Tls = StreamOwned<ClientConnection, Plain>;

/// The files of a certificate and its key.
pub struct Files {
    _directory: TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    pub fn new() -> (Self, CertificateDer<'static>) {
        let directory = tempfile::tempdir().unwrap();
        let [certificate, key] =
            ["certificate.pem", "key.pem"].map(|name| directory.path().join(name));
        let files = Self {
            _directory: directory,
            certificate,
            key,
        };
        let generated = files.replace();
        (files, generated)
    }

    /// Replaces both files with a new pair.
    fn replace(&self) -> CertificateDer<'static> {
        let generated = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&self.certificate, generated.cert.pem()).unwrap();
        fs::write(&self.key, generated.signing_key.serialize_pem()).unwrap();
        generated.cert.der().clone()
    }

    pub fn arguments(&self) -> [String; 2] {
        [
            format!("--tls-certificate={}", self.certificate.display()),
            format!("--tls-key={}", self.key.display()),
        ]
    }
}

pub async fn tls_server(files: &Files, more: &[&str]) -> TestServer {
    let tls = files.arguments();
    let arguments: Vec<&str> = tls
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied())
        .collect();
    server(&arguments).await
}

/// Opens a connection that trusts only this certificate.
fn connect(
    server: &TestServer,
    trusted: &CertificateDer<'static>,
    version: &'static rustls::SupportedProtocolVersion,
) -> Result<Tls, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let plain = Plain::connect(server.address()).unwrap();
    plain.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut tls = StreamOwned::new(client, plain);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    Ok(tls)
}

fn connect_13(
    server: &TestServer,
    trusted: &CertificateDer<'static>,
) -> Result<Tls, std::io::Error> {
    connect(server, trusted, &rustls::version::TLS13)
}

/// Reads until the connection ends.
fn read_to_end(tls: &mut Tls) -> String {
    let mut received = Vec::new();
    // The connection may end with a reset.
    let _ = tls.read_to_end(&mut received);
    String::from_utf8_lossy(&received).into_owned()
}

const CLOSING_REQUEST: &[u8] =
    b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn the_api_is_served_by_tls_1_2_and_1_3_and_http_1_1() {
    let (files, certificate) = Files::new();
    let server = tls_server(&files, &[]).await;
    for (version, expected) in [
        (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
        (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let mut tls = connect(&server, &certificate, version).unwrap();
        assert_eq!(tls.conn.protocol_version(), Some(expected));
        assert_eq!(tls.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        tls.write_all(CLOSING_REQUEST).unwrap();
        let response = read_to_end(&mut tls);
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        let only = header(&response, "strict-transport-security");
        assert_eq!(only.as_deref(), Some("max-age=31536000"));
    }
}

#[tokio::test]
async fn plain_http_and_unfinished_handshakes_fail_without_delaying_others() {
    let (files, certificate) = Files::new();
    let server = tls_server(&files, &["--head-timeout=2"]).await;
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(RawConnection::open(&server).await);
    }
    let begin = Instant::now();
    let mut tls = connect_13(&server, &certificate).unwrap();
    tls.write_all(CLOSING_REQUEST).unwrap();
    assert!(read_to_end(&mut tls).starts_with("HTTP/1.1 200 "));
    assert!(
        begin.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        begin.elapsed()
    );
    let mut plain = RawConnection::open(&server).await;
    plain.send(VALID_REQUEST).await;
    let received = plain.read_to_end().await;
    assert!(!received.starts_with(b"HTTP"), "{received:?}");
    for mut client in idle {
        assert_eq!(client.read_to_end().await, b"");
    }
}

#[tokio::test]
async fn tls_connections_have_the_same_limits() {
    let (files, certificate) = Files::new();
    let bounds = [
        "--head-timeout=1",
        "--keep-alive=1",
        "--connections-per-address=2",
    ];
    let server = tls_server(&files, &bounds).await;
    let mut slow = connect_13(&server, &certificate).unwrap();
    slow.write_all(VALID_REQUEST).unwrap();
    let mut begin = [0; 12];
    slow.read_exact(&mut begin).unwrap();
    let second = connect_13(&server, &certificate).unwrap();
    assert!(connect_13(&server, &certificate).is_err());
    drop(second);
    let begin = Instant::now();
    while slow.write_all(b"G").and_then(|()| slow.flush()).is_ok() {
        assert!(begin.elapsed() < TIMEOUT, "the server still reads");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[tokio::test]
async fn a_connection_counts_before_its_handshake() {
    let (files, certificate) = Files::new();
    let server = tls_server(&files, &["--connections-per-address=2"]).await;
    let mut idle = Vec::new();
    for _ in 0..2 {
        idle.push(RawConnection::open(&server).await);
    }
    assert!(connect_13(&server, &certificate).is_err());
    // A handshake that fails does not count any longer.
    idle[0].send(VALID_REQUEST).await;
    idle[0].read_to_end().await;
    let begin = Instant::now();
    let mut tls = loop {
        match connect_13(&server, &certificate) {
            Ok(tls) => break tls,
            Err(error) => assert!(begin.elapsed() < TIMEOUT, "{error}"),
        }
        sleep(Duration::from_millis(20)).await;
    };
    tls.write_all(CLOSING_REQUEST).unwrap();
    assert!(read_to_end(&mut tls).starts_with("HTTP/1.1 200 "));
}
