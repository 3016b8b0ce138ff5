//! The cache of whole responses.

pub mod in_flight;
pub mod key;

use std::{collections::HashMap, fmt, sync::Arc};

use futures_channel::oneshot;
use parking_lot::{Mutex, MutexGuard};
use quick_cache::{Weighter, sync::Cache};

use self::{
    in_flight::{InFlight, Waiters},
    key::CacheKey,
};
use super::{
    invalidation_clock::{InvalidationClock, Timestamp},
    tag::Tag,
};
use crate::metrics::CacheMetrics;

/// The estimated number of cached responses.
const ESTIMATED_RESPONSES: usize = 10_000;

/// The estimated bytes of an entry besides its key and its response.
const OVERHEAD: u64 = 256;

/// The maximum number of tags of a cached response. Validating more of them isn't much faster than reading the
/// database.
const MAX_TAGS: usize = 4_000;

/// A value that can be cached.
pub trait Cacheable {
    /// Returns the approximate size in bytes.
    fn weight(&self) -> usize;

    /// Returns the tags that the value depends on. They are validated on each lookup.
    fn tags(&self) -> &[Tag];
}

/// A cached response with its timestamp.
#[derive(Debug)]
struct CacheEntry<A> {
    /// `None` if the response must not be shared with other callers.
    response: Option<Arc<A>>,
    /// A timestamp from before all reads for the response.
    timestamp: Timestamp,
}

#[derive(Clone, Debug)]
struct Weigher;

impl<A: Cacheable> Weighter<CacheKey, Arc<CacheEntry<A>>> for Weigher {
    fn weight(&self, key: &CacheKey, entry: &Arc<CacheEntry<A>>) -> u64 {
        let response = entry
            .response
            .as_ref()
            .map_or(0, |response| response.weight());
        (key.0.len() + response) as u64 + OVERHEAD
    }
}

/// The response cache of a process, bounded by bytes. All workers share it.
pub struct ResponseCache<A> {
    clock: Arc<InvalidationClock>,
    entries: Option<Cache<CacheKey, Arc<CacheEntry<A>>, Weigher>>,
    /// The keys whose responses are in flight.
    in_flight: Mutex<HashMap<CacheKey, Waiters<A>>>,
    metrics: CacheMetrics,
}

impl<A> fmt::Debug for ResponseCache<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ResponseCache")
            .finish_non_exhaustive()
    }
}

/// The result of a lookup.
#[derive(Debug)]
pub enum Lookup<A: Cacheable> {
    /// A valid response.
    Hit(Arc<A>),
    /// The caller has to compute the response, and others may wait for it.
    Miss(InFlight<A>),
}

impl<A: Cacheable> ResponseCache<A> {
    /// Creates a cache of at most `bytes`; 0 disables it. `metrics` counts hits, misses and bytes.
    #[must_use]
    pub fn new(clock: Arc<InvalidationClock>, bytes: u64, metrics: CacheMetrics) -> Self {
        Self {
            clock,
            entries: (bytes > 0).then(|| Cache::with_weighter(ESTIMATED_RESPONSES, bytes, Weigher)),
            in_flight: Mutex::default(),
            metrics,
        }
    }

    /// Returns whether the cache is enabled.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.entries.is_some()
    }

    /// Returns the cached response of a key, if it is valid.
    #[must_use]
    pub fn get(&self, key: &CacheKey) -> Option<Arc<A>> {
        self.get_if(key, |_| true)
    }

    /// Returns the cached response of a key, if it is valid and the caller accepts it.
    #[must_use]
    pub fn get_if(&self, key: &CacheKey, accepts: impl FnOnce(&A) -> bool) -> Option<Arc<A>> {
        let entry = self.entries.as_ref()?.get(key)?;
        let response = self.valid_response(&entry)?;
        if !accepts(&response) {
            return None;
        }
        self.metrics.record_hit();
        Some(response)
    }

    /// Looks up the response of a key. Waits for a response in flight, if there is one.
    pub async fn lookup(self: &Arc<Self>, key: CacheKey) -> Lookup<A> {
        while let Some(receiver) = self.join(&key) {
            // The leader may have been cancelled; another caller may lead by now.
            let Ok(entry) = receiver.await else {
                continue;
            };
            // The leader may have read before a change that this caller must see.
            if let Some(response) = self.valid_response(&entry) {
                self.metrics.record_hit();
                return Lookup::Hit(response);
            }
            break;
        }
        if let Some(response) = self.get(&key) {
            return Lookup::Hit(response);
        }
        self.metrics.record_miss();
        Lookup::Miss(InFlight {
            timestamp: self.clock.now(),
            is_leader: self.try_lead(&key),
            cache: Arc::clone(self),
            key,
        })
    }

    /// Joins the waiters of a response in flight, if there is one.
    fn join(&self, key: &CacheKey) -> Option<oneshot::Receiver<Arc<CacheEntry<A>>>> {
        let mut in_flight = self.in_flight();
        let waiters = in_flight.get_mut(key)?;
        let (sender, receiver) = oneshot::channel();
        waiters.push(sender);
        Some(receiver)
    }

    /// Makes the caller the leader of a key, for whom others wait. Returns `false` if there is a leader already, if
    /// nothing can be cached now, or if the last response of the key was private.
    fn try_lead(&self, key: &CacheKey) -> bool {
        let Some(cache) = &self.entries else {
            return false;
        };
        let is_private = || cache.get(key).is_some_and(|entry| entry.response.is_none());
        if self.clock.now().is_none() || is_private() {
            return false;
        }
        let mut in_flight = self.in_flight();
        if in_flight.contains_key(key) {
            return false;
        }
        in_flight.insert(key.clone(), Vec::new());
        true
    }

    /// Returns the response of an entry, if none of its tags has changed.
    fn valid_response(&self, entry: &CacheEntry<A>) -> Option<Arc<A>> {
        let response = entry.response.as_ref()?;
        let tags = response.tags().iter().copied();
        let is_valid = self.clock.are_unchanged(entry.timestamp, tags);
        is_valid.then(|| Arc::clone(response))
    }

    fn in_flight(&self) -> MutexGuard<'_, HashMap<CacheKey, Waiters<A>>> {
        self.in_flight.lock()
    }
}

#[cfg(test)]
mod tests;
