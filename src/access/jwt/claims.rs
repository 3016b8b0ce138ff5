//! Validation of the claims of a token whose signature is valid.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{
    Grant, Identity, JwtPolicy, MAX_LEEWAY, MAX_SUBJECT_LENGTH, claim_path, error::JwtError,
};
use crate::access::Role;

/// Validates the claims and returns the identity. The caller has checked that `iss`, `exp` and `sub` are present.
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
    if !is_for_audience(claims, &policy.audience) {
        return Err(JwtError::Audience);
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

/// Returns whether a token is for this audience. The access tokens of Amazon Cognito have no `aud`, and name the client
/// that they were issued to instead. Only a token that says that it is an access token may do so: the client of an ID
/// token is its audience.
fn is_for_audience(claims: &Map<String, Value>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => {
            several.iter().all(Value::is_string) && several.iter().any(|one| one == audience)
        }
        Some(_) => false,
        None => {
            let is_access_token = claims.get("token_use").is_some_and(|kind| kind == "access");
            is_access_token
                && claims
                    .get("client_id")
                    .is_some_and(|client| client == audience)
        }
    }
}

/// Returns the grant of the highest known role in the role claim.
fn grant(claims: &Map<String, Value>, policy: &JwtPolicy) -> Result<Grant, JwtError> {
    let value = claim_path::find(claims, &policy.role_claim);
    let names = value.map(|value| claim_path::names(value, &policy.role_claim));
    let known_roles = names.iter().flatten().filter_map(|name| policy.role(name));
    match known_roles.max().ok_or(JwtError::Role)? {
        Role::Admin => Ok(Grant::Admin),
        Role::Editor => Ok(Grant::Editor),
        Role::Critic => critic(claims, policy).map(Grant::Critic),
    }
}

/// Returns the slug in the critic claim. It must have the form of Marquee's slugs, so that no other string reaches the
/// database.
fn critic(claims: &Map<String, Value>, policy: &JwtPolicy) -> Result<String, JwtError> {
    let slug = claim_path::find(claims, &policy.critic_claim)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_slug = !slug.is_empty()
        && slug.len() <= 255
        && slug
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_slug.then(|| slug.to_owned()).ok_or(JwtError::Critic)
}
