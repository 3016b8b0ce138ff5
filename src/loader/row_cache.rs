//! A cache of rows that many requests read, such as the critics and publications of every page.

use std::{collections::HashMap, fmt, sync::Arc};

use quick_cache::{Weighter, sync::Cache};

use super::key::LoaderKey;
use crate::{
    cache::{
        invalidation_clock::{InvalidationClock, Timestamp},
        tag::Tag,
    },
    type_map::SharedTypeMap,
};

/// The estimated number of rows of one type.
const ESTIMATED_ROWS: usize = 10_000;

/// The bytes of an entry besides its value: its key, its timestamp and its slot.
const OVERHEAD: u64 = 128;

/// The row cache of a process. All workers share it.
pub struct RowCache {
    clock: Arc<InvalidationClock>,
    /// The maximum bytes of the entries of one key type.
    max_bytes: u64,
    /// The [`TypeCache`] of each type of key.
    caches: SharedTypeMap,
}

impl fmt::Debug for RowCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RowCache").finish_non_exhaustive()
    }
}

/// A cached value with a timestamp from before it was read.
#[derive(Clone)]
pub(super) struct Entry<V> {
    pub(super) value: V,
    timestamp: Timestamp,
}

impl<V> Entry<V> {
    /// Returns an entry with another value, of the same time.
    pub(super) fn map<W>(&self, map: impl FnOnce(&V) -> W) -> Entry<W> {
        Entry {
            value: map(&self.value),
            timestamp: self.timestamp,
        }
    }
}

#[derive(Clone)]
struct Weigher<V>(fn(&V) -> usize);

impl<K, V> Weighter<K, Entry<V>> for Weigher<V> {
    fn weight(&self, _: &K, entry: &Entry<V>) -> u64 {
        (self.0)(&entry.value) as u64 + OVERHEAD
    }
}

type TypeCache<K> = Cache<K, Entry<<K as LoaderKey>::Value>, Weigher<<K as LoaderKey>::Value>>;

impl RowCache {
    /// Creates a cache of at most `max_bytes` for each key type; 0 disables it.
    #[must_use]
    pub fn new(clock: Arc<InvalidationClock>, max_bytes: u64) -> Self {
        Self {
            clock,
            max_bytes,
            caches: SharedTypeMap::default(),
        }
    }

    /// Returns the timestamp to take before a read whose values are to be inserted. `None` if they can't be cached now.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        self.clock.now().filter(|_| self.max_bytes > 0)
    }

    /// Returns the cached value of a key, if none of its tags has changed since it was read.
    pub fn get<K: LoaderKey>(&self, key: &K) -> Option<K::Value> {
        self.entry(key).map(|entry| entry.value)
    }

    /// Returns the entry of a key, if none of its tags has changed since it was read.
    pub(super) fn entry<K: LoaderKey>(&self, key: &K) -> Option<Entry<K::Value>> {
        let entry = self.cache::<K>()?.get(key)?;
        self.is_current(key, &entry).then_some(entry)
    }

    /// Returns whether none of the tags of an entry has changed since its value was read.
    pub(super) fn is_current<K: LoaderKey>(&self, key: &K, entry: &Entry<K::Value>) -> bool {
        let mut is_unchanged = true;
        key.tags(Some(&entry.value), &mut |tag: Tag| {
            is_unchanged &= self
                .clock
                .are_unchanged(entry.timestamp, std::iter::once(tag));
        });
        is_unchanged
    }

    /// Inserts values that were read after `timestamp`.
    pub fn insert<K: LoaderKey>(&self, timestamp: Timestamp, values: &HashMap<K, K::Value>) {
        let Some(cache) = self.cache::<K>() else {
            return;
        };
        for (key, value) in values {
            let entry = Entry {
                value: value.clone(),
                timestamp,
            };
            cache.insert(key.clone(), entry);
        }
    }

    fn cache<K: LoaderKey>(&self) -> Option<&TypeCache<K>> {
        let weigh = K::WEIGH.filter(|_| self.max_bytes > 0)?;
        let new_cache = || Cache::with_weighter(ESTIMATED_ROWS, self.max_bytes, Weigher(weigh));
        Some(self.caches.get_or_insert_with::<TypeCache<K>>(new_cache))
    }
}
