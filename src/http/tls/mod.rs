//! TLS, if the server has a certificate.

mod pair;
mod reload;

use std::{io, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

pub use self::reload::reload_on_change;

/// The current certificate, and the files from which it is loaded.
#[derive(Clone, Debug)]
pub struct Certificate {
    files: pair::CertificateFiles,
    provider: Arc<CryptoProvider>,
    resolver: Arc<CertificateResolver>,
}

/// The certificate for new connections.
#[derive(Debug)]
struct CertificateResolver(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for CertificateResolver {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Certificate {
    /// Reads a certificate and its key.
    ///
    /// # Errors
    ///
    /// When one of them can't be read, or they do not match.
    pub fn read((certificate, key): (PathBuf, PathBuf)) -> io::Result<Self> {
        let files = pair::CertificateFiles { certificate, key };
        let provider = Arc::new(ring::default_provider());
        let pair = files.read().and_then(|pair| pair.certified_key(&provider));
        let pair = pair.map_err(io::Error::other)?;
        Ok(Self {
            files,
            provider,
            resolver: Arc::new(CertificateResolver(ArcSwap::from_pointee(pair))),
        })
    }

    /// Returns the TLS configuration.
    ///
    /// # Errors
    ///
    /// When the crypto provider does not support the TLS versions. The built-in provider does.
    pub fn config(&self) -> io::Result<ServerConfig> {
        let config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.resolver) as Arc<dyn ResolvesServerCert>);
        Ok(config)
    }
}
