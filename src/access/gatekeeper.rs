//! Telling from a request's credentials who asks.

use super::Viewer;
use crate::database::session::Session;

/// Knows by what tokens are known.
#[derive(Debug, Default)]
pub struct Gatekeeper {}

/// Why credentials are not accepted, in words for the client; they tell nothing of what would be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unauthenticated(pub &'static str);

/// Why nobody can say who asks.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The credentials are bad.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// They could not be looked up, which is a fault of ours.
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
}

impl Gatekeeper {
    /// Tells who asks by the value of an `Authorization` header; without one it is nobody who is known.
    ///
    /// # Errors
    ///
    /// When the credentials are bad, or can't be looked up.
    #[expect(
        clippy::unused_async,
        reason = "tokens are looked up in the database, and there is no table of them yet"
    )]
    pub async fn authenticate(
        &self,
        authorization: Option<&str>,
        _session: &Session,
    ) -> Result<Viewer, AccessError> {
        match authorization {
            None => Ok(Viewer::Anonymous),
            Some(_) => Err(Unauthenticated("this token is not known").into()),
        }
    }
}
