//! Keeps the keys of an identity provider, and says by them whom a token speaks for.

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

/// How long a token waits for keys. A fetch takes 5 seconds at most, and a token may have to wait for two.
const PATIENCE: Duration = Duration::from_secs(12);

/// Why nobody is known by a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// The token is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There are no keys to check it by. That is no fault of whoever showed it.
    #[error("the keys of the identity provider can't be had")]
    NoKeys,
}

/// Shared by all workers.
pub struct Keeper {
    policy: Policy,
    source: Source,
    cache: Mutex<Cache>,
    /// Held by whoever fetches, a thread that may block.
    fetcher: Mutex<Fetcher>,
    /// Told when a fetch has been reported.
    reported: watch::Sender<()>,
}

impl Keeper {
    /// Reads a file, and begins to fetch from an address.
    ///
    /// # Errors
    ///
    /// When a file can't be read, which would be no different later. An address that gives no keys is logged, and tried again.
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

    /// Whose tokens it takes.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.policy.issuer
    }

    /// Whom a token speaks for.
    ///
    /// # Errors
    ///
    /// When it is refused, or there are no keys to check it by.
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
            // Before the plan, so that no report between the two is missed.
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

    /// In a thread of its own, so that it goes on when the request that wanted it is gone, and no runtime waits for it to end.
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
