//! The credentials in the payload of `connection_init`.
//!
//! The protocol leaves the payload to the application, so clients send tokens under many names. All common names count.
//! A token that the server would overlook is an error, so that no client is anonymous although it has sent a token.

use serde_json::{Map, Value};

use crate::{
    access::credentials::is_recognizable,
    http::{
        authentication::non_blank,
        credential_names::{AUTHORIZATION, is_credential_name, normalize},
    },
};

/// The names of objects with such members, in the same spelling.
const CONTAINERS: [&str; 8] = [
    "auth",
    "authentication",
    "connectionparams",
    "context",
    "fetchoptions",
    "headers",
    "http",
    "params",
];

/// The credential that a value of another type than a string becomes. It is always invalid.
const INVALID: &str = "not a string";

/// The payload has credentials, but the server does not know which ones to use. The messages fit in a Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmbiguousCredentials {
    /// A token has a name that is not a known one.
    #[error(
        "connection_init has a token under an unknown name: send it as {{\"Authorization\": \"Bearer TOKEN\"}}"
    )]
    UnknownName,
    /// Two names have different tokens.
    #[error("connection_init has two different tokens: send one")]
    Different,
    /// A token is in the URL of the handshake, which proxies log, or among its sub-protocols.
    #[error(
        "a token in the URL or sub-protocol is not accepted: send it in connection_init as {{\"Authorization\": \"Bearer TOKEN\"}}"
    )]
    Url,
}

/// Returns the credentials in the payload of `connection_init`, in the format of an `Authorization` header. Returns
/// `None` if there are none: members that are null or blank are what clients send when nobody is signed in.
///
/// # Errors
///
/// When a token has an unknown name, or the payload has two different ones.
pub fn find(payload: &Map<String, Value>) -> Result<Option<String>, AmbiguousCredentials> {
    let mut found = None;
    find_in_container(payload, &mut found)?;
    Ok(found)
}

fn find_in_container(
    members: &Map<String, Value>,
    found: &mut Option<String>,
) -> Result<(), AmbiguousCredentials> {
    for (name, value) in members {
        let name = normalize(name);
        let is_credential = is_credential_name(&name);
        match value {
            Value::Null => {}
            Value::Object(members) if CONTAINERS.contains(&&*name) => {
                find_in_container(members, found)?;
            }
            Value::String(text) if is_credential => {
                if let Some(text) = non_blank(text) {
                    add(credential(&name, text), found)?;
                }
            }
            _ if is_credential => add(INVALID.to_owned(), found)?,
            _ => reject_tokens(value)?,
        }
    }
    Ok(())
}

/// Returns a value in the format of the header. Only the value of the header itself must have a scheme.
fn credential(name: &str, text: &str) -> String {
    let text = text.trim_ascii();
    if name == AUTHORIZATION || scheme_and_token(text).0.is_some() {
        text.to_owned()
    } else {
        format!("Bearer {text}")
    }
}

/// Splits a value at its scheme `Bearer`, if it has one.
fn scheme_and_token(text: &str) -> (Option<&str>, &str) {
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        (Some(scheme), token.trim_ascii())
    } else {
        (None, text)
    }
}

fn add(credential: String, found: &mut Option<String>) -> Result<(), AmbiguousCredentials> {
    match found {
        Some(other) if scheme_and_token(other).1 != scheme_and_token(&credential).1 => {
            Err(AmbiguousCredentials::Different)
        }
        Some(_) => Ok(()),
        None => {
            *found = Some(credential);
            Ok(())
        }
    }
}

/// Rejects a value that contains a token, at any depth: a string that is evidently one, or that has the name of one.
fn reject_tokens(value: &Value) -> Result<(), AmbiguousCredentials> {
    match value {
        Value::String(text) if is_recognizable(text) => Err(AmbiguousCredentials::UnknownName),
        Value::Array(items) => items.iter().try_for_each(reject_tokens),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| match value {
            Value::String(text)
                if is_credential_name(&normalize(name)) && non_blank(text).is_some() =>
            {
                Err(AmbiguousCredentials::UnknownName)
            }
            _ => reject_tokens(value),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
