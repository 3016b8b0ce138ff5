//! Validation of the claims of a token whose signature is valid.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Grant, Identity, JwtPolicy, MAX_LEEWAY, MAX_SUBJECT_LENGTH, error::JwtError};
use crate::access::Role;

/// Validates the claims and returns the identity. The caller has checked that `iss`, `aud`, `exp` and `sub` are
/// present.
pub fn identify(
    claims: &Map<String, Value>,
    policy: &JwtPolicy,
    now: DateTime<Utc>,
) -> Result<Identity, JwtError> {
    // `jsonwebtoken` accepts a list that contains the issuer. RFC 7519 requires a string.
    match claims.get("iss") {
        Some(Value::String(issuer)) if *issuer == policy.issuer => {}
        _ => return Err(JwtError::Issuer),
    }
    let leeway = i64::from(policy.leeway.min(MAX_LEEWAY));
    let now = now.timestamp();
    let expiry = numeric_date(claims, "exp")?.ok_or(JwtError::Time)?.floor;
    if now >= expiry.saturating_add(leeway) {
        return Err(JwtError::Expired);
    }
    for name in ["nbf", "iat"] {
        let not_before = numeric_date(claims, name)?;
        if not_before.is_some_and(|not_before| now.saturating_add(leeway) < not_before.ceiling) {
            return Err(JwtError::NotYetValid);
        }
    }
    Ok(Identity {
        subject: subject(claims)?,
        grant: grant(claims, policy)?,
        expires_at: DateTime::from_timestamp(expiry, 0).ok_or(JwtError::Time)?,
    })
}

/// A time in seconds since 1970. Fractions are rounded so that the token is valid for a shorter time.
struct NumericDate {
    floor: i64,
    ceiling: i64,
}

/// The latest accepted time in seconds: the largest integer that JSON numbers represent exactly.
const MAX_NUMERIC_DATE: f64 = 9_007_199_254_740_991.0;

fn numeric_date(claims: &Map<String, Value>, name: &str) -> Result<Option<NumericDate>, JwtError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value
        .as_f64()
        .filter(|seconds| (0.0..=MAX_NUMERIC_DATE).contains(seconds))
        .ok_or(JwtError::Time)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is a whole number below 2^53"
    )]
    let date = NumericDate {
        floor: seconds.floor() as i64,
        ceiling: seconds.ceil() as i64,
    };
    Ok(Some(date))
}

fn subject(claims: &Map<String, Value>) -> Result<String, JwtError> {
    let subject = claims
        .get("sub")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_valid = !subject.trim().is_empty()
        && subject.chars().count() <= MAX_SUBJECT_LENGTH
        && !subject.chars().any(char::is_control);
    is_valid
        .then(|| subject.to_owned())
        .ok_or(JwtError::Subject)
}

/// Returns the grant of the highest known role in the role claim.
fn grant(claims: &Map<String, Value>, policy: &JwtPolicy) -> Result<Grant, JwtError> {
    let roles = match claims.get(&policy.role_claim) {
        Some(Value::Array(roles)) => roles.as_slice(),
        Some(role) => std::slice::from_ref(role),
        None => &[],
    };
    let known_roles = roles.iter().filter_map(Value::as_str).filter_map(role);
    match known_roles.max().ok_or(JwtError::Role)? {
        Role::Admin => Ok(Grant::Admin),
        Role::Editor => Ok(Grant::Editor),
        Role::Critic => critic(claims, policy).map(Grant::Critic),
    }
}

fn role(name: &str) -> Option<Role> {
    match name {
        "critic" => Some(Role::Critic),
        "editor" => Some(Role::Editor),
        "admin" => Some(Role::Admin),
        _ => None,
    }
}

/// Returns the slug in the critic claim. It must have the form of Marquee's slugs, so that no other string reaches the
/// database.
fn critic(claims: &Map<String, Value>, policy: &JwtPolicy) -> Result<String, JwtError> {
    let slug = claims
        .get(&policy.critic_claim)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_slug = !slug.is_empty()
        && slug.len() <= 255
        && slug
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_slug.then(|| slug.to_owned()).ok_or(JwtError::Critic)
}
