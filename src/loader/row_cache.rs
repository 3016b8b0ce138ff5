//! A cache of rows that many requests read, such as the critics and publications of every page.

use std::{collections::HashMap, fmt, sync::Arc};

use quick_cache::{Weighter, sync::Cache};

use super::key::LoaderKey;
use crate::{
    by_type::ByType,
    cache::{
        tag::Tag,
        versions::{Moment, Versions},
    },
};

/// The estimated number of rows of one type.
const ESTIMATED_ROWS: usize = 10_000;

/// The bytes of an entry besides its value: its key, its timestamp and its slot.
const OVERHEAD: u64 = 128;

/// The row cache of a process. All workers share it.
pub struct RowCache {
    versions: Arc<Versions>,
    /// The maximum bytes of the entries of one key type.
    bytes: u64,
    /// The [`Kind`] of each type of key.
    kinds: ByType,
}

impl fmt::Debug for RowCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RowCache").finish_non_exhaustive()
    }
}

/// A cached value with a timestamp from before it was read.
#[derive(Clone)]
struct Entry<V> {
    value: V,
    moment: Moment,
}

#[derive(Clone)]
struct Weigher<V>(fn(&V) -> usize);

impl<K, V> Weighter<K, Entry<V>> for Weigher<V> {
    fn weight(&self, _: &K, entry: &Entry<V>) -> u64 {
        (self.0)(&entry.value) as u64 + OVERHEAD
    }
}

type Kind<K> = Cache<K, Entry<<K as LoaderKey>::Value>, Weigher<<K as LoaderKey>::Value>>;

impl RowCache {
    /// Creates a cache of at most `bytes` for each key type; 0 disables it.
    #[must_use]
    pub fn new(clock: Arc<Versions>, bytes: u64) -> Self {
        Self {
            versions: clock,
            bytes,
            kinds: ByType::default(),
        }
    }

    /// Returns the timestamp to take before a read whose values are to be inserted. `None` if they can't be cached now.
    #[must_use]
    pub fn now(&self) -> Option<Moment> {
        self.versions.now().filter(|_| self.bytes > 0)
    }

    /// Returns the cached value of a key, if none of its tags has changed since it was read.
    pub fn get<K: LoaderKey>(&self, key: &K) -> Option<K::Value> {
        let entry = self.kind::<K>()?.get(key)?;
        let mut unchanged = true;
        key.tags(Some(&entry.value), &mut |tag: Tag| {
            unchanged &= self
                .versions
                .are_unchanged(entry.moment, std::iter::once(tag));
        });
        unchanged.then_some(entry.value)
    }

    /// Inserts values that were read after `timestamp`.
    pub fn insert<K: LoaderKey>(&self, timestamp: Moment, found: &HashMap<K, K::Value>) {
        let Some(kind) = self.kind::<K>() else {
            return;
        };
        for (key, value) in found {
            let entry = Entry {
                value: value.clone(),
                moment: timestamp,
            };
            kind.insert(key.clone(), entry);
        }
    }

    fn kind<K: LoaderKey>(&self) -> Option<Arc<Kind<K>>> {
        let weigh = K::WEIGH.filter(|_| self.bytes > 0)?;
        let make = || Cache::with_weighter(ESTIMATED_ROWS, self.bytes, Weigher(weigh));
        Some(self.kinds.get_or_make::<Kind<K>>(make))
    }
}
