//! Authentication of requests by their credentials.

pub mod error;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use self::error::{AccessError, UNKNOWN_TOKEN, Unauthenticated};
use super::{
    Principal, Role, Viewer,
    anonymous::AnonymousRights,
    api_token::{ApiToken, ApiTokenId, TokenState},
    credentials::{self, Credential, CredentialError},
    jwt::{
        Grant, Identity,
        verifier::{JwksVerifier, VerifyError},
    },
    store::{self, TokenBySecret},
    token::Token,
};
use crate::{
    critic::{CriticId, store::find_by_slugs},
    database::{error::ReadError, error_message::describe, session::Session},
    loader::data_loader::DataLoader,
};

/// The minimum interval between two updates of a token's `last_used_at`.
const USE_RECORD_INTERVAL: Duration = Duration::from_mins(1);

/// The number of recorded uses at which outdated ones are removed.
const CLEANUP_THRESHOLD: usize = 1000;

/// Authenticates API tokens and JWTs. All workers of the process share it.
#[derive(Default)]
pub struct Authenticator {
    rights: AnonymousRights,
    verifier: Option<Arc<JwksVerifier>>,
    /// The time at which this process last recorded the use of each token.
    recorded_uses: Mutex<HashMap<ApiTokenId, Instant>>,
}

impl Authenticator {
    /// Creates an authenticator with the rights of anonymous clients, and the verifier of JWTs if they are accepted.
    #[must_use]
    pub fn new(rights: AnonymousRights, verifier: Option<Arc<JwksVerifier>>) -> Self {
        Self {
            rights,
            verifier,
            recorded_uses: Mutex::default(),
        }
    }

    /// Returns the rights of clients without credentials.
    #[must_use]
    pub fn rights(&self) -> AnonymousRights {
        self.rights
    }

    /// Authenticates the value of an `Authorization` header. Without one, the viewer is anonymous.
    ///
    /// # Errors
    ///
    /// When the credentials are rejected or can't be looked up, or the keys of the identity provider are unavailable.
    pub async fn authenticate(
        &self,
        authorization: Option<&str>,
        loader: &DataLoader,
    ) -> Result<Viewer, AccessError> {
        let Some(authorization) = authorization else {
            return Ok(Viewer::Anonymous);
        };
        let principal = match credentials::parse(authorization)? {
            Credential::ApiToken(token) => self.authenticate_api_token(&token, loader).await?,
            Credential::Jwt(token) => self.authenticate_jwt(token, loader.session()).await?,
        };
        Ok(Viewer::Authenticated(principal))
    }

    async fn authenticate_api_token(
        &self,
        token: &Token,
        loader: &DataLoader,
    ) -> Result<Principal, AccessError> {
        let Some(api_token) = loader.load(TokenBySecret::from(token)).await? else {
            return Err(UNKNOWN_TOKEN.into());
        };
        let now = Utc::now();
        match api_token.state_at(now) {
            TokenState::Active => {}
            TokenState::Expired => return Err(Unauthenticated("this token has expired").into()),
            TokenState::Revoked => return Err(Unauthenticated("this token was revoked").into()),
        }
        self.record_use(&api_token, now, loader.session());
        Ok(Principal {
            actor: api_token.actor(),
            name: api_token.name,
            role: api_token.role,
            critic: api_token.critic,
            expires_at: api_token.expires_at,
        })
    }

    /// Records the use of a token in a separate task. The request neither waits for the task nor fails with it.
    fn record_use(&self, token: &ApiToken, now: DateTime<Utc>, session: &Session) {
        let is_recorded = token.last_used_at.is_some_and(|last_used_at| {
            now.signed_duration_since(last_used_at)
                .to_std()
                .is_ok_and(|elapsed| elapsed < USE_RECORD_INTERVAL)
        });
        if is_recorded || !self.is_use_record_due(token.id, Instant::now()) {
            return;
        }
        let (id, public_id, session) = (token.id, token.public_id, session.detached());
        tokio::spawn(session.trace_task(|session| async move {
            if let Err(error) = store::write::record_use(id, &session).await {
                tracing::warn!(token.id = %public_id, error.cause = %describe(&error), "could not record the use of a token");
            }
        }));
    }

    /// Returns whether this process should record the use of a token now. Of several concurrent requests only one
    /// records it.
    fn is_use_record_due(&self, id: ApiTokenId, now: Instant) -> bool {
        let mut recorded_uses = self.recorded_uses.lock();
        if recorded_uses.len() >= CLEANUP_THRESHOLD {
            recorded_uses.retain(|_, last| now.duration_since(*last) < USE_RECORD_INTERVAL);
        }
        let is_due = recorded_uses
            .get(&id)
            .is_none_or(|last| now.duration_since(*last) >= USE_RECORD_INTERVAL);
        if is_due {
            recorded_uses.insert(id, now);
        }
        is_due
    }

    async fn authenticate_jwt(
        &self,
        token: &str,
        session: &Session,
    ) -> Result<Principal, AccessError> {
        let Some(verifier) = &self.verifier else {
            return Err(CredentialError::Malformed.into());
        };
        let identity = match verifier.verify(token, Utc::now()).await {
            Ok(identity) => identity,
            Err(VerifyError::Rejected(error)) => {
                return Err(Unauthenticated(error.message()).into());
            }
            Err(VerifyError::NoKeys) => return Err(AccessError::NoKeys),
        };
        let Identity {
            subject,
            grant,
            expires_at,
        } = identity;
        let (role, critic) = match grant {
            Grant::Critic(slug) => (Role::Critic, Some(find_critic(slug, session).await?)),
            Grant::Editor => (Role::Editor, None),
            Grant::Admin => (Role::Admin, None),
        };
        Ok(Principal {
            // The actors of API tokens end in "(token …)", which no issuer looks like, so actors are unique.
            actor: format!("{subject} ({})", verifier.issuer()),
            name: subject,
            role,
            critic,
            expires_at: Some(expires_at),
        })
    }
}

async fn find_critic(slug: String, session: &Session) -> Result<CriticId, AccessError> {
    let critics = find_by_slugs(vec![slug], session).await;
    let critics = critics.map_err(ReadError::from)?;
    critics
        .first()
        .map(|critic| critic.id)
        .ok_or_else(|| Unauthenticated("the token names an unknown critic").into())
}

#[cfg(test)]
mod tests;
