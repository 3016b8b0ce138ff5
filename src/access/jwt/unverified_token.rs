//! A JWT before its verification.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Validation};
use serde_json::{Map, Value};

use super::{
    Identity, JwtPolicy, claims,
    error::{JwtError, jwt_error},
    key_set::KeySet,
    signature,
};
use crate::{access::credentials, json};

/// A token whose header is parsed, but which is not verified yet.
pub struct UnverifiedToken<'a> {
    token: &'a str,
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl<'a> UnverifiedToken<'a> {
    /// Parses the header of a token.
    ///
    /// # Errors
    ///
    /// When the token is too long, its header is malformed, or its algorithm or type is not accepted.
    pub fn parse(token: &'a str) -> Result<Self, JwtError> {
        if token.len() > credentials::MAX_LENGTH {
            return Err(JwtError::Malformed);
        }
        if !has_object_as_header(token) {
            return Err(JwtError::Malformed);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| JwtError::Algorithm)?;
        let algorithm = header.alg;
        if !matches!(
            algorithm,
            Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA
        ) {
            return Err(JwtError::Algorithm);
        }
        // Critical extensions must be supported, and this server supports none (RFC 7515, 4.1.11).
        if header.crit.is_some() || !header.typ.as_deref().is_none_or(is_access_token) {
            return Err(JwtError::UnsupportedType);
        }
        Ok(Self {
            token,
            algorithm,
            key_id: header.kid,
        })
    }

    /// Returns whether a key set contains the token's key.
    #[must_use]
    pub fn has_key_in(&self, keys: &KeySet) -> bool {
        keys.find(self.key_id.as_deref(), self.algorithm).is_some()
    }

    /// Verifies the signature and the claims.
    ///
    /// # Errors
    ///
    /// When the token is rejected.
    pub fn verify(
        &self,
        keys: &KeySet,
        policy: &JwtPolicy,
        now: DateTime<Utc>,
    ) -> Result<Identity, JwtError> {
        signature::install_provider();
        let key = keys
            .find(self.key_id.as_deref(), self.algorithm)
            .ok_or(JwtError::UnknownKey)?;
        let claims: Map<String, Value> =
            jsonwebtoken::decode(self.token, key, &validation(self.algorithm, policy))
                .map_err(|error| jwt_error(error.kind()))?
                .claims;
        claims::identify(&claims, policy, now)
    }
}

/// Returns whether the header of a token is an object. `jsonwebtoken` also takes an array, with the values in its own
/// order.
fn has_object_as_header(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header);
    header.is_ok_and(|header| json::from_slice::<Map<String, Value>>(&header).is_ok())
}

/// Returns whether a `typ` header is that of an access token. Tokens for other purposes have another type, such as
/// `logout+jwt` (RFC 8725, 3.11).
fn is_access_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    matches!(kind, "jwt" | "at+jwt")
}

/// Returns the settings of `jsonwebtoken`. It validates neither times nor the audience: [`claims`] does so more strictly,
/// with the current time as an argument.
fn validation(algorithm: Algorithm, policy: &JwtPolicy) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["iss", "exp", "sub"]);
    validation.set_issuer(&[&policy.issuer]);
    validation.validate_aud = false;
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_is_the_header_of_a_token() {
        let parse = |header: &str| {
            let token = format!("{}.e30.c2ln", BASE64_URL_SAFE_NO_PAD.encode(header));
            UnverifiedToken::parse(&token).map(|parsed| parsed.algorithm)
        };
        assert_eq!(parse(r#"{"alg": "RS256"}"#), Ok(Algorithm::RS256));
        for header in [r#"["JWT", "RS256"]"#, r#"[null, "RS256", null]"#, "[]", "1"] {
            assert_eq!(parse(header), Err(JwtError::Malformed), "{header}");
        }
    }
}
