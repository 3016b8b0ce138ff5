//! The errors of an authentication.

use crate::{access::credentials::CredentialError, database::error::ReadError};

/// The credentials are rejected. Contains the message for the client, which reveals nothing about valid credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unauthenticated(pub &'static str);

impl From<CredentialError> for Unauthenticated {
    fn from(error: CredentialError) -> Self {
        Self(error.message())
    }
}

/// Authentication failed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The credentials are rejected.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// The credentials could not be looked up, which is an internal error.
    #[error(transparent)]
    Database(#[from] ReadError),
    /// The keys of the identity provider are unavailable. The client is not at fault.
    #[error("the keys of the identity provider are unavailable")]
    NoKeys,
}

impl From<CredentialError> for AccessError {
    fn from(error: CredentialError) -> Self {
        Unauthenticated::from(error).into()
    }
}

/// The error for an unknown public ID and for a wrong secret. It is the same so that an attacker learns nothing from
/// it.
pub(super) const UNKNOWN_TOKEN: Unauthenticated = Unauthenticated("this token is unknown");
