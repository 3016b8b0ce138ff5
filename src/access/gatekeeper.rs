//! Telling from a request's credentials who asks.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;

use super::{
    Principal, Role, Viewer,
    anonymous::AnonymousRights,
    api_token::{ApiToken, ApiTokenId, State},
    credentials::{self, Credential, Unreadable},
    jwt::{
        Grant, Identity,
        keeper::{Keeper, Unidentified},
    },
    store::{self, Shown},
    token::Token,
};
use crate::{
    critic::{CriticId, store::called},
    database::{fault::ReadError, session::Session},
    loader::data_loader::DataLoader,
};

/// How long the use of a token is not noted again.
const NOTED: Duration = Duration::from_mins(1);

/// How many uses are remembered before the old ones among them are forgotten.
const MANY: usize = 1000;

/// Knows by what tokens are known. One a process, shared by all its workers.
#[derive(Default)]
pub struct Gatekeeper {
    rights: AnonymousRights,
    keeper: Option<Arc<Keeper>>,
    /// When this process noted the use of a token last.
    noted: Mutex<HashMap<ApiTokenId, Instant>>,
}

/// Why credentials are not accepted, in words for the client; they tell nothing of what would be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unauthenticated(pub &'static str);

impl From<Unreadable> for Unauthenticated {
    fn from(unreadable: Unreadable) -> Self {
        Self(unreadable.words())
    }
}

/// Why nobody can say who asks.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The credentials are bad.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// They could not be looked up, which is a fault of ours.
    #[error(transparent)]
    Database(#[from] ReadError),
    /// The identity provider's keys can't be had, which is no fault of the client's.
    #[error("the keys of the identity provider can't be had")]
    NoKeys,
}

impl From<Unreadable> for AccessError {
    fn from(unreadable: Unreadable) -> Self {
        Unauthenticated::from(unreadable).into()
    }
}

/// One answer for a token that nobody has, for a wrong secret and for a critic that is gone: who guesses learns nothing.
const UNKNOWN: Unauthenticated = Unauthenticated("this token is not known");

impl Gatekeeper {
    /// With these rights for the unknown, and tokens of this identity provider, if there is one.
    #[must_use]
    pub fn new(rights: AnonymousRights, keeper: Option<Arc<Keeper>>) -> Self {
        Self {
            rights,
            keeper,
            noted: Mutex::default(),
        }
    }

    /// What those may do who show no credentials.
    #[must_use]
    pub fn rights(&self) -> AnonymousRights {
        self.rights
    }

    /// Tells who asks by the value of an `Authorization` header; without one it is nobody who is known.
    ///
    /// # Errors
    ///
    /// When the credentials are bad, or can't be looked up.
    pub async fn authenticate(
        &self,
        authorization: Option<&str>,
        loader: &DataLoader,
    ) -> Result<Viewer, AccessError> {
        let Some(authorization) = authorization else {
            return Ok(Viewer::Anonymous);
        };
        let principal = match credentials::read(authorization)? {
            Credential::ApiToken(token) => self.by_token(&token, loader).await?,
            Credential::Jwt(token) => self.by_jwt(token, loader.session()).await?,
        };
        Ok(Viewer::Known(principal))
    }

    async fn by_token(&self, token: &Token, loader: &DataLoader) -> Result<Principal, AccessError> {
        let Some(found) = loader.load(Shown::from(token)).await? else {
            return Err(UNKNOWN.into());
        };
        let now = Utc::now();
        match found.state_at(now) {
            State::Active => {}
            State::Expired => return Err(Unauthenticated("this token has expired").into()),
            State::Revoked => return Err(Unauthenticated("this token was revoked").into()),
        }
        self.note_use(&found, now, loader.session());
        Ok(Principal {
            actor: found.actor(),
            name: found.name,
            role: found.role,
            critic: found.critic,
            expires_at: found.expires_at,
        })
    }

    /// Notes the use of a token beside the request, which neither waits for that nor fails with it.
    fn note_use(&self, token: &ApiToken, now: DateTime<Utc>, session: &Session) {
        let is_noted = token.last_used_at.is_some_and(|noted| {
            now.signed_duration_since(noted)
                .to_std()
                .is_ok_and(|ago| ago < NOTED)
        });
        if is_noted || !self.is_due(token.id, Instant::now()) {
            return;
        }
        let (id, public_id, session) = (token.id, token.public_id, session.apart());
        tokio::spawn(session.carry(|session| async move {
            if let Err(error) = store::note_use(id, &session).await {
                tracing::warn!(token.id = %public_id, error.cause = %error, "the use of a token could not be noted");
            }
        }));
    }

    /// Whether this process should note the use of a token now: many requests at once should do it but once.
    fn is_due(&self, id: ApiTokenId, now: Instant) -> bool {
        let mut noted = self.noted.lock();
        if noted.len() >= MANY {
            noted.retain(|_, last| now.duration_since(*last) < NOTED);
        }
        let is_due = noted
            .get(&id)
            .is_none_or(|last| now.duration_since(*last) >= NOTED);
        if is_due {
            noted.insert(id, now);
        }
        is_due
    }

    async fn by_jwt(&self, token: &str, session: &Session) -> Result<Principal, AccessError> {
        let Some(keeper) = &self.keeper else {
            return Err(Unreadable::Form.into());
        };
        let identity = match keeper.identify(token, Utc::now()).await {
            Ok(identity) => identity,
            Err(Unidentified::Refused(refusal)) => {
                return Err(Unauthenticated(refusal.words()).into());
            }
            Err(Unidentified::NoKeys) => return Err(AccessError::NoKeys),
        };
        let Identity {
            subject,
            grant,
            expires_at,
        } = identity;
        let (role, critic) = match grant {
            Grant::Critic(slug) => (Role::Critic, Some(critic_of(slug, session).await?)),
            Grant::Editor => (Role::Editor, None),
            Grant::Admin => (Role::Admin, None),
        };
        Ok(Principal {
            // What a token is called stands before "(token …)"; no address of an issuer looks like that.
            actor: format!("{subject} ({})", keeper.issuer()),
            name: subject,
            role,
            critic,
            expires_at: Some(expires_at),
        })
    }
}

async fn critic_of(slug: String, session: &Session) -> Result<CriticId, AccessError> {
    let found = called(vec![slug], session).await;
    let found = found.map_err(ReadError::from)?;
    found
        .first()
        .map(|critic| critic.id)
        .ok_or_else(|| Unauthenticated("the token names a critic who is not known here").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_a_minute() {
        let gatekeeper = Gatekeeper::default();
        let start = Instant::now();
        let (one, other) = (ApiTokenId(1), ApiTokenId(2));
        assert!(gatekeeper.is_due(one, start));
        assert!(!gatekeeper.is_due(one, start + Duration::from_secs(59)));
        assert!(gatekeeper.is_due(other, start + Duration::from_secs(59)));
        assert!(gatekeeper.is_due(one, start + Duration::from_mins(1)));
        for id in 3..5000 {
            gatekeeper.is_due(
                ApiTokenId(id),
                start + Duration::from_hours(id.unsigned_abs()),
            );
        }
        assert!(gatekeeper.noted.lock().len() <= MANY);
    }
}
