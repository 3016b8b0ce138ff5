//! A certificate and its key, in two files.

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

/// Where a certificate and its key are.
#[derive(Clone, Debug)]
pub struct Files {
    /// The certificate, and those between it and an authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What the files hold.
pub struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// Why a pair can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// A file can't be read.
    #[error("{path} can't be read: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// There is no certificate.
    #[error("the certificate's file holds no certificate in PEM")]
    NoCertificate,
    /// It isn't in PEM.
    #[error("the certificate can't be read: {0:?}")]
    BadCertificate(pem::Error),
    /// It isn't in PEM, or there is none. What is there instead is not told, as it may be secret.
    #[error("the key's file holds no private key in PEM")]
    NoKey,
    /// They are no pair.
    #[error("the certificate and the key can't be used together: {0}")]
    Unfit(rustls::Error),
}

impl Files {
    /// Reads both.
    ///
    /// # Errors
    ///
    /// When one can't be read.
    pub fn read(&self) -> Result<Pair, Flaw> {
        Ok(Pair {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Flaw> {
    fs::read(path).map_err(|cause| Flaw::Unreadable {
        path: path.to_owned(),
        cause,
    })
}

impl Pair {
    /// By which to tell whether it is another one.
    pub fn hash(&self) -> [u8; 32] {
        let parts = [&self.certificate, &self.key].map(Sha256::digest);
        Sha256::digest(parts.concat()).into()
    }

    /// The pair, if it is one.
    ///
    /// # Errors
    ///
    /// When it isn't.
    pub fn certified(&self, provider: &CryptoProvider) -> Result<CertifiedKey, Flaw> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(Flaw::BadCertificate)?;
        if chain.is_empty() {
            return Err(Flaw::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| Flaw::NoKey)?;
        CertifiedKey::from_der(chain, key, provider).map_err(Flaw::Unfit)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use rcgen::generate_simple_self_signed;
    use rustls::crypto::ring;

    use super::*;

    fn pair() -> (Vec<u8>, Vec<u8>) {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = made.signing_key.serialize_pem();
        (made.cert.pem().into_bytes(), key.into_bytes())
    }

    fn tried(certificate: &[u8], key: &[u8]) -> Result<CertifiedKey, Flaw> {
        let pair = Pair {
            certificate: certificate.to_vec(),
            key: key.to_vec(),
        };
        pair.certified(&ring::default_provider())
    }

    #[test]
    fn a_certificate_goes_with_its_own_key_only() {
        let [(certificate, key), (_, other)] = [pair(), pair()];
        assert!(tried(&certificate, &key).is_ok());
        let unfit = tried(&certificate, &other);
        assert!(matches!(unfit, Err(Flaw::Unfit(_))), "{unfit:?}");
    }

    #[test]
    fn what_is_missing_or_no_pem_is_told_apart() {
        let (certificate, key) = pair();
        for nothing in [&b""[..], b"hunter2", &key] {
            let flaw = tried(nothing, &key);
            assert!(matches!(flaw, Err(Flaw::NoCertificate)), "{flaw:?}");
        }
        for nothing in [&b""[..], b"hunter2", &certificate, &key[..40]] {
            let flaw = tried(&certificate, nothing).unwrap_err();
            assert!(matches!(flaw, Flaw::NoKey), "{flaw:?}");
            assert!(!flaw.to_string().contains("hunter2"));
        }
        let flaw = tried(&certificate[..certificate.len() - 40], &key);
        assert!(matches!(flaw, Err(Flaw::BadCertificate(_))), "{flaw:?}");
    }

    #[test]
    fn a_pair_has_another_hash_as_soon_as_either_differs() {
        let hash = |certificate: &[u8], key: &[u8]| {
            let (certificate, key) = (certificate.to_vec(), key.to_vec());
            Pair { certificate, key }.hash()
        };
        assert_eq!(hash(b"a", b"b"), hash(b"a", b"b"));
        assert_ne!(hash(b"a", b"b"), hash(b"a", b"c"));
        assert_ne!(hash(b"a", b"b"), hash(b"c", b"b"));
        assert_ne!(hash(b"ab", b""), hash(b"a", b"b"));
    }
}
