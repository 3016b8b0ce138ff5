//! TLS, when the server is given a certificate.
//!
//! Clients are offered HTTP/1.1 only. actix-web's HTTP/2 bounds neither how many requests a connection has under way nor how long a client
//! may take for their answers, and cutting off the connection of one would cut off the others; a proxy in front may well speak it.

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

pub use self::reload::keep_fresh;

/// The certificate that is shown, and the files that it comes from.
#[derive(Clone, Debug)]
pub struct Certificate {
    files: pair::Files,
    provider: Arc<CryptoProvider>,
    shown: Arc<Shown>,
}

/// What connections that begin now are shown.
#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Certificate {
    /// Reads a certificate and its key.
    ///
    /// # Errors
    ///
    /// When one of them can't be read, or they don't belong together.
    pub fn read((certificate, key): (PathBuf, PathBuf)) -> io::Result<Self> {
        let files = pair::Files { certificate, key };
        let provider = Arc::new(ring::default_provider());
        let pair = files.read().and_then(|pair| pair.certified(&provider));
        let pair = pair.map_err(io::Error::other)?;
        Ok(Self {
            files,
            provider,
            shown: Arc::new(Shown(ArcSwap::from_pointee(pair))),
        })
    }

    /// How to speak TLS with it.
    ///
    /// # Errors
    ///
    /// When the cryptography knows neither version of TLS, which it does.
    pub fn config(&self) -> io::Result<ServerConfig> {
        let config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.shown) as Arc<dyn ResolvesServerCert>);
        Ok(config)
    }
}
