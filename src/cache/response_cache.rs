//! The cache of whole responses.

use std::{collections::HashMap, fmt, sync::Arc};

use futures_channel::oneshot;
use parking_lot::{Mutex, MutexGuard};
use quick_cache::{Weighter, sync::Cache};

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

/// The key of a cached response: all that it depends on besides the catalogue, such as the document, the variables, the
/// caller.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CacheKey(Arc<[u8]>);

impl fmt::Debug for CacheKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values of variables must not be logged.
        write!(formatter, "Question({} bytes)", self.0.len())
    }
}

impl CacheKey {
    /// Creates a key from parts. Each part is preceded by its length, so that different lists of parts have different
    /// keys.
    #[must_use]
    pub fn from_parts(parts: &[&[u8]]) -> Self {
        let bytes = parts.iter().map(|part| size_of::<u64>() + part.len());
        let mut key = Vec::with_capacity(bytes.sum());
        for part in parts {
            key.extend_from_slice(&(part.len() as u64).to_le_bytes());
            key.extend_from_slice(part);
        }
        Self(key.into())
    }
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

/// The callers that wait for a response in flight.
type Waiters<A> = Vec<oneshot::Sender<Arc<CacheEntry<A>>>>;

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
        formatter.debug_struct("Answers").finish_non_exhaustive()
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

    /// Whether the cache is enabled.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.entries.is_some()
    }

    /// Returns the cached response of a key, if it is valid.
    #[must_use]
    pub fn get(&self, key: &CacheKey) -> Option<Arc<A>> {
        let entry = self.entries.as_ref()?.get(key)?;
        let response = self.valid_response(&entry)?;
        self.metrics.record_hit();
        Some(response)
    }

    /// Looks up the response of a key. Waits for a response in flight, if there is one.
    pub async fn lookup(self: &Arc<Self>, key: CacheKey) -> Lookup<A> {
        while let Some(response) = self.join(&key) {
            // The leader may have been cancelled; another caller may lead by now.
            let Ok(entry) = response.await else {
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

/// A response that a caller computes. If it is dropped without a result, one of the waiters takes over.
#[derive(Debug)]
pub struct InFlight<A: Cacheable> {
    cache: Arc<ResponseCache<A>>,
    key: CacheKey,
    timestamp: Option<Timestamp>,
    /// Whether this is the leader, for whom others wait.
    is_leader: bool,
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::{super::tag::TagKind, *};

    const FILM: Tag = Tag::of(TagKind::Film, 1);

    impl Cacheable for u32 {
        fn weight(&self) -> usize {
            size_of::<Self>()
        }

        fn tags(&self) -> &[Tag] {
            &[FILM]
        }
    }

    fn cache_of(bytes: u64) -> (Arc<InvalidationClock>, Arc<ResponseCache<u32>>) {
        let clock = Arc::<InvalidationClock>::default();
        clock.on_connect();
        let cache = ResponseCache::new(Arc::clone(&clock), bytes, CacheMetrics::default());
        (clock, Arc::new(cache))
    }

    fn key(text: &str) -> CacheKey {
        CacheKey::from_parts(&[text.as_bytes()])
    }

    fn open(cache: &Arc<ResponseCache<u32>>, text: &str) -> InFlight<u32> {
        match cache.lookup(key(text)).now_or_never() {
            Some(Lookup::Miss(flight)) => flight,
            other => panic!("{other:?}"),
        }
    }

    /// Returns the cached response, or caches and returns `row`.
    fn lookup(cache: &Arc<ResponseCache<u32>>, row: u32) -> u32 {
        match cache.lookup(key("film")).now_or_never() {
            Some(Lookup::Hit(cached)) => *cached,
            Some(Lookup::Miss(flight)) => {
                flight.complete(&Arc::new(row));
                row
            }
            None => panic!("no response should be in flight"),
        }
    }

    #[test]
    fn a_response_is_cached_until_one_of_its_tags_changes() {
        let (clock, cache) = cache_of(1 << 20);
        assert_eq!(lookup(&cache, 1), 1);
        assert_eq!(lookup(&cache, 2), 1);
        clock.invalidate(Tag::of(TagKind::Film, 2));
        assert_eq!(lookup(&cache, 3), 1);
        clock.invalidate(FILM);
        assert_eq!(lookup(&cache, 4), 4);
        clock.on_disconnect();
        assert_eq!(lookup(&cache, 5), 5);
        assert_eq!(lookup(&cache, 6), 6);
        clock.on_connect();
        assert_eq!(lookup(&cache, 7), 7);
        assert_eq!(lookup(&cache, 8), 7);
    }

    /// The race of a cache that evicts entries on a change: read, change, evict, insert.
    #[test]
    fn a_response_that_was_read_before_a_change_and_inserted_after_it_is_never_returned() {
        let (clock, cache) = cache_of(1 << 20);
        let flight = open(&cache, "film");
        clock.invalidate(FILM);
        flight.complete(&Arc::new(1));
        assert_eq!(cache.get(&key("film")), None);
        assert_eq!(lookup(&cache, 2), 2);
        assert_eq!(lookup(&cache, 3), 2);
    }

    #[test]
    fn a_second_caller_of_the_same_key_waits_for_the_first() {
        let (clock, cache) = cache_of(1 << 20);
        let flight = open(&cache, "film");
        let mut second = Box::pin(cache.lookup(key("film")));
        assert!((&mut second).now_or_never().is_none());
        assert!(matches!(
            open(&cache, "other"),
            InFlight {
                is_leader: true,
                ..
            }
        ));
        flight.complete(&Arc::new(1));
        assert!(matches!(second.now_or_never(), Some(Lookup::Hit(cached)) if *cached == 1));

        // A caller after a change gets no response that was begun before it, and computes its own.
        clock.invalidate(FILM);
        let flight = open(&cache, "film");
        clock.invalidate(FILM);
        let mut second = Box::pin(cache.lookup(key("film")));
        assert!((&mut second).now_or_never().is_none());
        flight.complete(&Arc::new(2));
        assert!(matches!(second.now_or_never(), Some(Lookup::Miss(_))));
        assert!(cache.in_flight().is_empty());
    }

    #[test]
    fn after_the_leader_is_cancelled_one_waiter_leads_and_the_others_wait_for_it() {
        let (_, cache) = cache_of(1 << 20);
        let flight = open(&cache, "film");
        let mut waiters: Vec<_> = (0..3)
            .map(|_| Box::pin(cache.lookup(key("film"))))
            .collect();
        for second in &mut waiters {
            assert!(second.now_or_never().is_none());
        }
        drop(flight);
        let flight = match waiters.remove(0).now_or_never() {
            Some(Lookup::Miss(flight)) => flight,
            other => panic!("{other:?}"),
        };
        for second in &mut waiters {
            assert!(second.now_or_never().is_none());
        }
        flight.complete(&Arc::new(1));
        for second in waiters {
            assert!(matches!(second.now_or_never(), Some(Lookup::Hit(cached)) if *cached == 1));
        }
        assert!(cache.in_flight().is_empty());
    }

    #[test]
    fn no_caller_waits_for_a_private_response() {
        let (clock, cache) = cache_of(1 << 20);
        let flight = open(&cache, "viewer");
        let mut second = Box::pin(cache.lookup(key("viewer")));
        assert!((&mut second).now_or_never().is_none());
        flight.complete_private();
        assert!(matches!(second.now_or_never(), Some(Lookup::Miss(_))));
        let (one, other) = (open(&cache, "viewer"), open(&cache, "viewer"));
        assert!(!one.is_leader && !other.is_leader);
        // A failure doesn't make the key private.
        open(&cache, "film").abandon();
        assert!(open(&cache, "film").is_leader);
        clock.on_disconnect();
        assert!(!open(&cache, "film").is_leader);
    }

    #[test]
    fn a_cache_of_zero_bytes_is_disabled() {
        let (_, cache) = cache_of(0);
        assert_eq!(lookup(&cache, 1), 1);
        assert_eq!(lookup(&cache, 2), 2);
        assert!(!cache.is_enabled() && cache.in_flight().is_empty());
    }

    #[test]
    fn different_lists_of_parts_have_different_keys() {
        let of = |parts: &[&str]| {
            CacheKey::from_parts(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        for other in [&["ab", ""][..], &["", "ab"], &["ab"], &["a", "b", ""]] {
            assert_ne!(of(&["a", "b"]), of(other));
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// A client looks up the key, and reads the row at a miss.
        Lookup(usize),
        /// The row changes. The notification arrives later.
        Write,
        Notify,
        /// A client completes the response from the row that it read.
        Complete(usize),
        Disconnect,
        Reconnect,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0_usize..4).prop_map(Step::Lookup),
            2 => Just(Step::Write),
            2 => Just(Step::Notify),
            4 => (0_usize..4).prop_map(Step::Complete),
            1 => Just(Step::Disconnect),
            1 => Just(Step::Reconnect),
        ]
    }

    proptest! {
        /// Four clients, a writer and a listener in any order. A cached response is never older than the last change
        /// that was notified before the lookup.
        #[test]
        fn no_interleaving_returns_a_stale_response(steps in prop::collection::vec(step(), 1..80)) {
            let (clock, cache) = cache_of(1 << 20);
            // The row contains the number of its writes.
            let (mut row, mut notified) = (0, 0);
            let mut reading: [Option<(InFlight<u32>, u32)>; 4] = Default::default();
            for step in steps {
                match step {
                    Step::Lookup(client) => {
                        reading[client] = None;
                        match cache.lookup(key("film")).now_or_never() {
                            Some(Lookup::Hit(cached)) => prop_assert!(*cached >= notified, "{cached} < {notified}"),
                            Some(Lookup::Miss(flight)) => reading[client] = Some((flight, row)),
                            None => {}
                        }
                    }
                    Step::Write => row += 1,
                    Step::Notify => {
                        notified = row;
                        clock.invalidate(FILM);
                    }
                    Step::Complete(client) => {
                        if let Some((flight, read)) = reading[client].take() {
                            flight.complete(&Arc::new(read));
                        }
                    }
                    Step::Disconnect => clock.on_disconnect(),
                    Step::Reconnect => {
                        // Notifications from before the reconnection are lost.
                        notified = row;
                        clock.on_connect();
                    }
                }
            }
        }
    }
}
