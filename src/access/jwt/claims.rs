//! What the claims of a token say, once its signature is known to be right.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Grant, Identity, LARGEST_LEEWAY, LONGEST_SUBJECT, Policy, Refusal};
use crate::access::Role;

/// Judges the claims; `iss`, `aud`, `exp` and `sub` are known to be there.
pub fn identify(
    claims: &Map<String, Value>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Identity, Refusal> {
    // A list that holds the issuer isn't the issuer.
    match claims.get("iss") {
        Some(Value::String(issuer)) if *issuer == policy.issuer => {}
        _ => return Err(Refusal::Issuer),
    }
    let leeway = i64::from(policy.leeway.min(LARGEST_LEEWAY));
    let now = now.timestamp();
    let expires = moment(claims, "exp")?.ok_or(Refusal::Time)?.floor;
    if now >= expires.saturating_add(leeway) {
        return Err(Refusal::Expired);
    }
    for name in ["nbf", "iat"] {
        let begins = moment(claims, name)?;
        if begins.is_some_and(|begins| now.saturating_add(leeway) < begins.ceiling) {
            return Err(Refusal::NotYet);
        }
    }
    Ok(Identity {
        subject: subject(claims)?,
        grant: grant(claims, policy)?,
        expires_at: DateTime::from_timestamp(expires, 0).ok_or(Refusal::Time)?,
    })
}

/// A moment in seconds since 1970. A fraction counts against the token.
struct Moment {
    floor: i64,
    ceiling: i64,
}

/// The latest second that is read: as far as whole numbers go in JSON, and far beyond every calendar.
const LATEST: f64 = 9_007_199_254_740_991.0;

fn moment(claims: &Map<String, Value>, name: &str) -> Result<Option<Moment>, Refusal> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value
        .as_f64()
        .filter(|seconds| (0.0..=LATEST).contains(seconds))
        .ok_or(Refusal::Time)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is a whole number below 2^53"
    )]
    let moment = Moment {
        floor: seconds.floor() as i64,
        ceiling: seconds.ceil() as i64,
    };
    Ok(Some(moment))
}

fn subject(claims: &Map<String, Value>) -> Result<String, Refusal> {
    let subject = claims
        .get("sub")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_sound = !subject.trim().is_empty()
        && subject.chars().count() <= LONGEST_SUBJECT
        && !subject.chars().any(char::is_control);
    is_sound.then(|| subject.to_owned()).ok_or(Refusal::Subject)
}

/// The highest role among those that are said and known.
fn grant(claims: &Map<String, Value>, policy: &Policy) -> Result<Grant, Refusal> {
    let said = match claims.get(&policy.role_claim) {
        Some(Value::Array(roles)) => roles.as_slice(),
        Some(role) => std::slice::from_ref(role),
        None => &[],
    };
    let known = said.iter().filter_map(Value::as_str).filter_map(role);
    match known.max().ok_or(Refusal::Role)? {
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

/// A slug has the form that ours have, so that nothing else ever reaches the database.
fn critic(claims: &Map<String, Value>, policy: &Policy) -> Result<String, Refusal> {
    let slug = claims
        .get(&policy.critic_claim)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_slug = !slug.is_empty()
        && slug.len() <= 255
        && slug
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_slug.then(|| slug.to_owned()).ok_or(Refusal::Critic)
}
