//! Tokens of an outside identity provider: JSON Web Tokens (RFC 7519) that are signed by RS256, ES256 or `EdDSA`.
//!
//! The algorithm has to be that of the key. So a token without a signature (`none`), one that takes a public key for a shared secret
//! (HS256) and one that takes a key of one kind for one of another are refused before any signature is looked at.

pub mod cache;
mod claims;
pub mod keeper;
pub mod key_set;
mod signature;
pub mod source;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Validation};
use serde_json::{Map, Value};

use self::key_set::KeySet;
use super::{Role, credentials};

/// The most characters of a `sub`, as `OpenID Connect` has it.
pub const LONGEST_SUBJECT: usize = 255;

/// The largest difference of clocks that can be allowed for, in seconds.
pub const LARGEST_LEEWAY: u16 = 300;

/// Which tokens are accepted, and what in them says who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What `iss` has to be.
    pub issuer: String,
    /// What `aud` has to be, or to hold.
    pub audience: String,
    /// The claim that holds a role, or a list of roles.
    pub role_claim: String,
    /// The claim that holds a critic's slug.
    pub critic_claim: String,
    /// By how much the provider's clock may differ from ours, in seconds.
    pub leeway: u16,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who it is at the provider: `sub`.
    pub subject: String,
    /// What they may do, and for a critic, whose reviews are theirs.
    pub grant: Grant,
    /// When the token ends, by `exp`, without any leeway.
    pub expires_at: DateTime<Utc>,
}

/// A role, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The role critic, for the critic of this slug.
    Critic(String),
    /// The role editor.
    Editor,
    /// The role admin.
    Admin,
}

impl Grant {
    /// The role without whose it is.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Self::Critic(_) => Role::Critic,
            Self::Editor => Role::Editor,
            Self::Admin => Role::Admin,
        }
    }
}

/// Why a token is refused, in words that may be told to whoever showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub enum Refusal {
    /// It has no form that can be read, or is too long.
    Form,
    /// Its header can't be read, or names an algorithm that isn't accepted.
    Algorithm,
    /// Its header demands what isn't known here, or it is a token for another purpose.
    Kind,
    /// Its key isn't among the provider's keys.
    Key,
    /// The signature isn't by the key that it should be by.
    Signature,
    /// It was issued by somebody else, or doesn't say by whom.
    Issuer,
    /// It was issued for somebody else, or doesn't say for whom.
    Audience,
    /// `sub` is missing, too long, or holds what can't be shown.
    Subject,
    /// `exp` is missing, or `exp`, `nbf` or `iat` is no moment.
    Time,
    /// Its time is over.
    Expired,
    /// Its time has yet to come.
    NotYet,
    /// It grants no role that is known here.
    Role,
    /// It grants the role critic and doesn't say which critic.
    Critic,
}

impl Refusal {
    /// What is wrong, in characters that a header can carry.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Form => "the token can't be read",
            Self::Algorithm => "the token is not signed by RS256, ES256 or EdDSA",
            Self::Kind => "the token is of a kind that is not accepted here",
            Self::Key => "the token is signed by a key that its issuer has not published",
            Self::Signature => "the signature of the token is wrong",
            Self::Issuer => "the token is not by the issuer that is trusted here",
            Self::Audience => "the token is not for this audience",
            Self::Subject => "the claim sub of the token is missing or has the wrong form",
            Self::Time => "a claim exp, nbf or iat of the token is missing or has the wrong form",
            Self::Expired => "the token has expired",
            Self::NotYet => "the token is not valid yet",
            Self::Role => "the token grants no role that is known here",
            Self::Critic => "the token grants the role critic and names no critic",
        }
    }
}

/// A token of which only the header has been read: enough to look for its key.
pub struct Unverified<'a> {
    token: &'a str,
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl<'a> Unverified<'a> {
    /// Reads the header of a token.
    ///
    /// # Errors
    ///
    /// When the token, its algorithm or its kind isn't one that is accepted.
    pub fn read(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > credentials::LONGEST {
            return Err(Refusal::Form);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::Algorithm)?;
        let algorithm = header.alg;
        if !matches!(
            algorithm,
            Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA
        ) {
            return Err(Refusal::Algorithm);
        }
        // An extension that is critical must be understood, and none is (RFC 7515, 4.1.11).
        if header.crit.is_some() || !header.typ.as_deref().is_none_or(is_access_token) {
            return Err(Refusal::Kind);
        }
        Ok(Self {
            token,
            algorithm,
            key_id: header.kid,
        })
    }

    /// Whether its key is among these.
    #[must_use]
    pub fn is_known_to(&self, keys: &KeySet) -> bool {
        keys.find(self.key_id.as_deref(), self.algorithm).is_some()
    }

    /// Checks everything about it.
    ///
    /// # Errors
    ///
    /// When the token is refused.
    pub fn verify(
        &self,
        keys: &KeySet,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Result<Identity, Refusal> {
        signature::install();
        let key = keys
            .find(self.key_id.as_deref(), self.algorithm)
            .ok_or(Refusal::Key)?;
        let claims: Map<String, Value> =
            jsonwebtoken::decode(self.token, key, &validation(self.algorithm, policy))
                .map_err(|error| refusal(error.kind()))?
                .claims;
        claims::identify(&claims, policy, now)
    }
}

/// The kinds that access tokens are issued as; one for another purpose, such as `logout+jwt`, says so (RFC 8725, 3.11).
fn is_access_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    matches!(kind, "jwt" | "at+jwt")
}

/// The times are left to [`claims`]: they are judged by a clock that is an argument, and more strictly.
fn validation(algorithm: Algorithm, policy: &Policy) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    validation.set_issuer(&[&policy.issuer]);
    validation.set_audience(&[&policy.audience]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn refusal(error: &jsonwebtoken::errors::ErrorKind) -> Refusal {
    use jsonwebtoken::errors::ErrorKind;
    match error {
        ErrorKind::InvalidSignature => Refusal::Signature,
        ErrorKind::InvalidAlgorithm => Refusal::Algorithm,
        ErrorKind::InvalidIssuer => Refusal::Issuer,
        ErrorKind::InvalidAudience => Refusal::Audience,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "iss" => Refusal::Issuer,
            "aud" => Refusal::Audience,
            "exp" => Refusal::Time,
            _ => Refusal::Subject,
        },
        _ => Refusal::Form,
    }
}
