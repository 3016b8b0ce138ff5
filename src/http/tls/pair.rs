//! A certificate and its private key, each in a PEM file.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use rustls::{
    crypto::CryptoProvider,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};

/// The paths of a certificate and its key.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The certificate, followed by the intermediate certificates.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// The contents of the files.
pub struct CertificatePair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// The error of a certificate or key that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read.
    #[error("{path} can't be read: {cause}")]
    Unreadable {
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        cause: io::Error,
    },
    /// The file contains no certificate.
    #[error("the certificate file contains no certificate in PEM")]
    NoCertificate,
    /// The certificate is not valid PEM.
    #[error("the certificate can't be read: {0:?}")]
    InvalidCertificate(pem::Error),
    /// The key is missing or not valid PEM. The message has no details, because the file may contain a secret.
    #[error("the key file contains no private key in PEM")]
    NoKey,
    /// The certificate and the key do not match, or the key is not supported.
    #[error("the certificate and the key can't be used together: {0}")]
    KeyMismatch(rustls::Error),
}

impl CertificateFiles {
    /// Reads both files.
    ///
    /// # Errors
    ///
    /// When a file can't be read.
    pub fn read(&self) -> Result<CertificatePair, CertificateError> {
        Ok(CertificatePair {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|cause| CertificateError::Unreadable {
        path: path.to_owned(),
        cause,
    })
}

impl CertificatePair {
    /// Returns a hash of the contents, for detecting changes.
    pub fn hash(&self) -> [u8; 32] {
        let parts = [&self.certificate, &self.key].map(Sha256::digest);
        Sha256::digest(parts.concat()).into()
    }

    /// Parses the pair and checks that the key matches the certificate.
    ///
    /// # Errors
    ///
    /// When the certificate or the key is missing or invalid, or they do not match.
    pub fn certified_key(
        &self,
        provider: &CryptoProvider,
    ) -> Result<CertifiedKey, CertificateError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(CertificateError::InvalidCertificate)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| CertificateError::NoKey)?;
        CertifiedKey::from_der(chain, key, provider).map_err(CertificateError::KeyMismatch)
    }
}

impl fmt::Debug for CertificatePair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests;
