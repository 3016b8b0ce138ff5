//! Verifies JWTs with the keys of an identity provider, which it caches.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use super::{
    Identity, Policy, Refusal, Unverified,
    cache::{Cache, Fetch, Outcome, Plan},
    key_set::KeySet,
    source::{Failure, Fetcher, Source},
};

/// The timeout for obtaining keys. A fetch takes up to 5 seconds, and a token may have to wait for two fetches.
const PATIENCE: Duration = Duration::from_secs(12);

/// A token could not be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// The token is rejected.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No keys are available for the verification. The client is not at fault.
    #[error("the keys of the identity provider are unavailable")]
    NoKeys,
}

/// The verifier of JWTs. All workers share it.
pub struct Keeper {
    policy: Policy,
    source: Source,
    cache: Mutex<Cache>,
    /// The fetcher. Only threads that may block lock it.
    fetcher: Mutex<Fetcher>,
    /// Notifies waiting requests when a fetch completes.
    reported: watch::Sender<()>,
}

impl Keeper {
    /// Reads the keys from a file, or starts to fetch them from a URL.
    ///
    /// # Errors
    ///
    /// When the file can't be read or is invalid. A failed fetch from a URL is no error: it is logged and retried.
    pub fn start(source: Source, policy: Policy) -> Result<Arc<Self>, Failure> {
        let fetcher = Fetcher::new(source.clone());
        let keeper = Arc::new(Self {
            policy,
            cache: Mutex::new(Cache::new(fetcher.pace())),
            fetcher: Mutex::new(fetcher),
            reported: watch::Sender::new(()),
            source,
        });
        let plan = keeper.cache().plan(|_| true, Instant::now());
        match (plan, &keeper.source) {
            (Plan::Fetch(fetch), Source::File(_)) => {
                let outcome = keeper.fetcher().fetch()?;
                keeper.report(fetch, Ok(outcome));
            }
            (Plan::Fetch(fetch), Source::Address(_)) => Arc::clone(&keeper).fetch(fetch),
            _ => {}
        }
        Ok(keeper)
    }

    /// Returns the issuer of accepted tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.policy.issuer
    }

    /// Verifies a token and returns its identity.
    ///
    /// # Errors
    ///
    /// When the token is rejected, or no keys are available.
    pub async fn identify(
        self: &Arc<Self>,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Identity, Unidentified> {
        let token = Unverified::read(token)?;
        let keys = tokio::time::timeout(PATIENCE, self.keys(&token)).await;
        let keys = keys.unwrap_or(Err(Unidentified::NoKeys))?;
        Ok(token.verify(&keys, &self.policy, now)?)
    }

    async fn keys(self: &Arc<Self>, token: &Unverified<'_>) -> Result<Arc<KeySet>, Unidentified> {
        loop {
            // Subscribe before planning, so that no completion between the two is missed.
            let mut reported = self.reported.subscribe();
            let plan = self
                .cache()
                .plan(|keys| token.is_known_to(keys), Instant::now());
            match plan {
                Plan::Use(keys) => return Ok(keys),
                Plan::Unknown => return Err(Refusal::Key.into()),
                Plan::Unavailable => return Err(Unidentified::NoKeys),
                Plan::Fetch(fetch) => self.clone().fetch(fetch),
                Plan::Wait => {}
            }
            if reported.changed().await.is_err() {
                return Err(Unidentified::NoKeys);
            }
        }
    }

    /// Fetches the keys in a new thread. So the fetch continues if the request is cancelled, and no runtime waits for
    /// it at shutdown.
    fn fetch(self: Arc<Self>, fetch: Fetch) {
        let keeper = Arc::clone(&self);
        let thread = thread::Builder::new().name("jwks".to_owned());
        let spawned = thread.spawn(move || {
            let outcome = keeper.fetcher().fetch();
            keeper.report(fetch, outcome);
        });
        if let Err(error) = spawned {
            self.report(fetch, Err(Failure::Io(error)));
        }
    }

    fn report(&self, fetch: Fetch, outcome: Result<Outcome, Failure>) {
        let outcome = match outcome {
            Ok(outcome) => {
                if let Outcome::Keys(keys, _) = &outcome {
                    let (count, skipped) = (keys.len(), keys.skipped());
                    tracing::info!(jwks.source = %self.source, jwks.keys = count, jwks.skipped = skipped, "read the keys of the identity provider");
                }
                outcome
            }
            Err(error) => {
                tracing::warn!(jwks.source = %self.source, error.cause = %error, "could not read the keys of the identity provider");
                Outcome::Failed
            }
        };
        self.cache().done(fetch, outcome, Instant::now());
        self.reported.send_replace(());
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock()
    }

    fn fetcher(&self) -> MutexGuard<'_, Fetcher> {
        self.fetcher.lock()
    }
}
