//! A response that is being computed.

use std::sync::Arc;

use futures_channel::oneshot;

use super::{CacheEntry, Cacheable, MAX_TAGS, ResponseCache, key::CacheKey};
use crate::cache::invalidation_clock::Timestamp;

/// The callers that wait for a response in flight.
pub(super) type Waiters<A> = Vec<oneshot::Sender<Arc<CacheEntry<A>>>>;

/// A response that a caller computes. If it is dropped without a result, one of the waiters takes over.
#[derive(Debug)]
pub struct InFlight<A: Cacheable> {
    pub(super) cache: Arc<ResponseCache<A>>,
    pub(super) key: CacheKey,
    pub(super) timestamp: Option<Timestamp>,
    /// Whether this is the leader, for whom others wait.
    pub(super) is_leader: bool,
}

impl<A: Cacheable> InFlight<A> {
    /// Caches the response and sends it to the waiters.
    pub fn complete(self, response: &Arc<A>) {
        if response.tags().len() > MAX_TAGS {
            return self.complete_private();
        }
        self.finish(Some(Arc::clone(response)), true);
    }

    /// Ends without a response that can be shared, and records that the key is private. The waiters compute their own
    /// responses, and later callers of the key don't wait.
    pub fn complete_private(self) {
        self.finish(None, true);
    }

    /// Ends without a response that can be shared, such as after an error. The key is not recorded as private.
    pub fn abandon(self) {
        self.finish(None, false);
    }

    fn finish(mut self, response: Option<Arc<A>>, is_cached: bool) {
        let (Some(cache), Some(timestamp)) = (&self.cache.entries, self.timestamp) else {
            return;
        };
        let entry = Arc::new(CacheEntry {
            response,
            timestamp,
        });
        if is_cached {
            cache.insert(self.key.clone(), Arc::clone(&entry));
            self.cache.metrics.set_bytes(cache.weight());
        }
        for waiter in self.take_waiters() {
            // A caller that was cancelled needs no response.
            let _ = waiter.send(Arc::clone(&entry));
        }
    }

    fn take_waiters(&mut self) -> Waiters<A> {
        if !std::mem::take(&mut self.is_leader) {
            return Vec::new();
        }
        let mut in_flight = self.cache.in_flight();
        in_flight.remove(&self.key).unwrap_or_default()
    }
}

impl<A: Cacheable> Drop for InFlight<A> {
    fn drop(&mut self) {
        self.take_waiters();
    }
}
