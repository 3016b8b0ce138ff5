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
    Identity, JwtPolicy,
    error::JwtError,
    key_cache::{FetchId, FetchOutcome, KeyCache, Plan},
    key_set::KeySet,
    source::{
        KeySource,
        fetcher::{FetchError, Fetcher},
    },
    unverified_token::UnverifiedToken,
};

/// The timeout for obtaining keys. A fetch takes up to 5 seconds, and a token may have to wait for two fetches.
const KEYS_TIMEOUT: Duration = Duration::from_secs(12);

/// A token could not be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The token is rejected.
    #[error(transparent)]
    Rejected(#[from] JwtError),
    /// No keys are available for the verification. The client is not at fault.
    #[error("the keys of the identity provider are unavailable")]
    NoKeys,
}

/// The verifier of JWTs. All workers share it.
pub struct JwksVerifier {
    policy: JwtPolicy,
    source: KeySource,
    cache: Mutex<KeyCache>,
    /// The fetcher. Only threads that may block lock it.
    fetcher: Mutex<Fetcher>,
    /// Notifies waiting requests when a fetch completes.
    fetch_completed: watch::Sender<()>,
}

impl JwksVerifier {
    /// Reads the keys from a file, or starts to fetch them from a URL.
    ///
    /// # Errors
    ///
    /// When the file can't be read or is invalid. A failed fetch from a URL is no error: it is logged and retried.
    pub fn start(source: KeySource, policy: JwtPolicy) -> Result<Arc<Self>, FetchError> {
        let fetcher = Fetcher::new(source.clone());
        let verifier = Arc::new(Self {
            policy,
            cache: Mutex::new(KeyCache::new(fetcher.limits())),
            fetcher: Mutex::new(fetcher),
            fetch_completed: watch::Sender::new(()),
            source,
        });
        let plan = verifier.cache().plan(|_| true, Instant::now());
        match (plan, &verifier.source) {
            (Plan::Fetch(fetch), KeySource::File(_)) => {
                let outcome = verifier.fetcher().fetch()?;
                verifier.complete_fetch(fetch, Ok(outcome));
            }
            (Plan::Fetch(fetch), KeySource::Url(_)) => Arc::clone(&verifier).fetch(fetch),
            _ => {}
        }
        Ok(verifier)
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
    pub async fn verify(
        self: &Arc<Self>,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Identity, VerifyError> {
        let token = UnverifiedToken::parse(token)?;
        let keys = tokio::time::timeout(KEYS_TIMEOUT, self.wait_for_keys(&token)).await;
        let keys = keys.unwrap_or(Err(VerifyError::NoKeys))?;
        Ok(token.verify(&keys, &self.policy, now)?)
    }

    async fn wait_for_keys(
        self: &Arc<Self>,
        token: &UnverifiedToken<'_>,
    ) -> Result<Arc<KeySet>, VerifyError> {
        loop {
            // Subscribe before planning, so that no completion between the two is missed.
            let mut completed = self.fetch_completed.subscribe();
            let plan = self
                .cache()
                .plan(|keys| token.has_key_in(keys), Instant::now());
            match plan {
                Plan::Use(keys) => return Ok(keys),
                Plan::Unknown => return Err(JwtError::UnknownKey.into()),
                Plan::Unavailable => return Err(VerifyError::NoKeys),
                Plan::Fetch(fetch) => self.clone().fetch(fetch),
                Plan::Wait => {}
            }
            if completed.changed().await.is_err() {
                return Err(VerifyError::NoKeys);
            }
        }
    }

    /// Fetches the keys in a new thread. So the fetch continues if the request is cancelled, and no runtime waits for
    /// it at shutdown.
    fn fetch(self: Arc<Self>, fetch: FetchId) {
        let verifier = Arc::clone(&self);
        let thread = thread::Builder::new().name("jwks".to_owned());
        let spawned = thread.spawn(move || {
            let outcome = verifier.fetcher().fetch();
            verifier.complete_fetch(fetch, outcome);
        });
        if let Err(error) = spawned {
            self.complete_fetch(fetch, Err(FetchError::Io(error)));
        }
    }

    fn complete_fetch(&self, fetch: FetchId, outcome: Result<FetchOutcome, FetchError>) {
        let outcome = match outcome {
            Ok(outcome) => {
                if let FetchOutcome::Keys(keys, _) = &outcome {
                    let (count, skipped) = (keys.len(), keys.skipped_count());
                    tracing::info!(jwks.source = %self.source, jwks.keys = count, jwks.skipped = skipped, "read the keys of the identity provider");
                }
                outcome
            }
            Err(error) => {
                tracing::warn!(jwks.source = %self.source, error.cause = %error, "could not read the keys of the identity provider");
                FetchOutcome::Failed
            }
        };
        self.cache().complete(fetch, outcome, Instant::now());
        self.fetch_completed.send_replace(());
    }

    fn cache(&self) -> MutexGuard<'_, KeyCache> {
        self.cache.lock()
    }

    fn fetcher(&self) -> MutexGuard<'_, Fetcher> {
        self.fetcher.lock()
    }
}
