//! Keys that are generated when the tests run, so that no private key is stored, and tokens that are signed with them.

use std::{process::Command, sync::LazyLock};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256,
    },
};
use serde_json::{Value, json};

/// Two RSA keys for all tests, because generating one is slow. `ring` can't generate RSA keys, so Node.js does, which
/// other tests need as well.
static RSA: LazyLock<[(Vec<u8>, String); 2]> = LazyLock::new(|| [rsa(2048), rsa(2048)]);

fn rsa(bits: u16) -> (Vec<u8>, String) {
    let script = format!(
        "const {{generateKeyPairSync}} = require('crypto');
         const {{privateKey, publicKey}} = generateKeyPairSync('rsa', {{modulusLength: {bits}}});
         console.log(privateKey.export({{type: 'pkcs8', format: 'der'}}).toString('base64'));
         console.log(publicKey.export({{type: 'spki', format: 'pem'}}));"
    );
    let output = Command::new("node").args(["-e", &script]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (der, pem) = text.split_once('\n').unwrap();
    (BASE64_STANDARD.decode(der).unwrap(), pem.trim().to_owned())
}

/// A key of an identity provider.
pub enum Signer {
    /// A key for RS256.
    Rsa(Box<RsaKeyPair>),
    /// A key for ES256.
    Ec(EcdsaKeyPair),
    /// A key for `EdDSA`.
    Ed(Ed25519KeyPair),
}

impl Signer {
    /// Returns one of two RSA keys.
    pub fn rsa(number: usize) -> Self {
        Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&RSA[number].0).unwrap()))
    }

    /// Returns the public key as PEM, which a server that confuses key types would use as a shared secret.
    pub fn rsa_pem(number: usize) -> &'static str {
        &RSA[number].1
    }

    /// Generates a key of the curve P-256.
    pub fn ec() -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random);
        Self::Ec(key.unwrap())
    }

    /// Generates a key of the curve Ed25519.
    pub fn ed() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    /// Returns the algorithm of the key.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// Returns the public key as a member of a key set.
    pub fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rsa(key) => {
                let PublicKeyComponents::<Vec<u8>> { n, e } = key.public().into();
                json!({ "kty": "RSA", "kid": id, "n": encode(n), "e": encode(e) })
            }
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (encode(&point[1..33]), encode(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": x, "y": y })
            }
            Self::Ed(key) => {
                let x = encode(key.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": x })
            }
        }
    }

    /// Returns a signed token with this header and these claims.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    message.as_bytes(),
                    &mut signature,
                )
                .unwrap();
                signature
            }
            Self::Ec(key) => key
                .sign(&random, message.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
            Self::Ed(key) => key.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", encode(signature))
    }

    /// Returns a signed token with a valid header.
    pub fn token(&self, id: &str, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm(), "typ": "JWT", "kid": id });
        self.sign(&header, claims)
    }
}

/// Returns a token that is signed with a shared secret.
pub fn sign_with_secret(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = encode(hmac::sign(&key, message.as_bytes()));
    format!("{message}.{signature}")
}

/// Returns the part of a token that is signed.
pub fn message(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    )
}

/// Encodes bytes as base64url without padding, as in tokens.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
