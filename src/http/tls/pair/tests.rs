use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;

use super::*;

fn pair() -> (Vec<u8>, Vec<u8>) {
    let generated = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = generated.signing_key.serialize_pem();
    (generated.cert.pem().into_bytes(), key.into_bytes())
}

fn parse_pair(certificate: &[u8], key: &[u8]) -> Result<CertifiedKey, CertificateError> {
    let pair = CertificatePair {
        certificate: certificate.to_vec(),
        key: key.to_vec(),
    };
    pair.certified_key(&ring::default_provider())
}

#[test]
fn a_certificate_matches_only_its_own_key() {
    let [(certificate, key), (_, other)] = [pair(), pair()];
    assert!(parse_pair(&certificate, &key).is_ok());
    let result = parse_pair(&certificate, &other);
    assert!(
        matches!(result, Err(CertificateError::KeyMismatch(_))),
        "{result:?}"
    );
}

#[test]
fn a_missing_or_invalid_certificate_or_key_has_its_own_error() {
    let (certificate, key) = pair();
    for invalid in [&b""[..], b"hunter2", &key] {
        let error = parse_pair(invalid, &key);
        assert!(
            matches!(error, Err(CertificateError::NoCertificate)),
            "{error:?}"
        );
    }
    for invalid in [&b""[..], b"hunter2", &certificate, &key[..40]] {
        let error = parse_pair(&certificate, invalid).unwrap_err();
        assert!(matches!(error, CertificateError::NoKey), "{error:?}");
        assert!(!error.to_string().contains("hunter2"));
    }
    let error = parse_pair(&certificate[..certificate.len() - 40], &key);
    assert!(
        matches!(error, Err(CertificateError::InvalidCertificate(_))),
        "{error:?}"
    );
}

#[test]
fn the_hash_changes_with_the_certificate_and_with_the_key() {
    let hash = |certificate: &[u8], key: &[u8]| {
        let (certificate, key) = (certificate.to_vec(), key.to_vec());
        CertificatePair { certificate, key }.hash()
    };
    assert_eq!(hash(b"a", b"b"), hash(b"a", b"b"));
    assert_ne!(hash(b"a", b"b"), hash(b"a", b"c"));
    assert_ne!(hash(b"a", b"b"), hash(b"c", b"b"));
    assert_ne!(hash(b"ab", b""), hash(b"a", b"b"));
}
