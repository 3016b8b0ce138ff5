//! Rows that are asked for again and again: the critics and publications of every page, the films of every critic.

use std::{collections::HashMap, fmt, sync::Arc};

use quick_cache::{Weighter, sync::Cache};

use super::key::BatchKey;
use crate::{
    by_type::ByType,
    cache::{
        tag::Tag,
        versions::{Moment, Versions},
    },
};

/// About how many rows of a kind it is made for.
const USUAL: usize = 10_000;

/// What a row takes beside itself: its key, its moment and its place.
const OVERHEAD: u64 = 128;

/// The rows that a process keeps. All its workers have the same.
pub struct Rows {
    versions: Arc<Versions>,
    /// How many bytes the rows of a kind may take.
    bytes: u64,
    /// The [`Kind`] of each type of key.
    kinds: ByType,
}

impl fmt::Debug for Rows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rows").finish_non_exhaustive()
    }
}

/// A row, and before which moment it was read.
#[derive(Clone)]
struct Kept<V> {
    value: V,
    moment: Moment,
}

#[derive(Clone)]
struct Weigher<V>(fn(&V) -> usize);

impl<K, V> Weighter<K, Kept<V>> for Weigher<V> {
    fn weight(&self, _: &K, kept: &Kept<V>) -> u64 {
        (self.0)(&kept.value) as u64 + OVERHEAD
    }
}

type Kind<K> = Cache<K, Kept<<K as BatchKey>::Value>, Weigher<<K as BatchKey>::Value>>;

impl Rows {
    /// Keeps so many bytes of the rows of each kind; nothing if there are none.
    #[must_use]
    pub fn new(versions: Arc<Versions>, bytes: u64) -> Self {
        Self {
            versions,
            bytes,
            kinds: ByType::default(),
        }
    }

    /// The moment before a read, by which to keep what it gives.
    #[must_use]
    pub fn now(&self) -> Option<Moment> {
        self.versions.now().filter(|_| self.bytes > 0)
    }

    /// What is kept of a key, if nothing of it has changed.
    pub fn find<K: BatchKey>(&self, key: &K) -> Option<K::Value> {
        let kept = self.kind::<K>()?.get(key)?;
        let mut unchanged = true;
        key.tags(Some(&kept.value), &mut |tag: Tag| {
            unchanged &= self
                .versions
                .are_unchanged(kept.moment, std::iter::once(tag));
        });
        unchanged.then_some(kept.value)
    }

    /// Keeps what was read after a moment.
    pub fn keep<K: BatchKey>(&self, moment: Moment, found: &HashMap<K, K::Value>) {
        let Some(kind) = self.kind::<K>() else {
            return;
        };
        for (key, value) in found {
            let kept = Kept {
                value: value.clone(),
                moment,
            };
            kind.insert(key.clone(), kept);
        }
    }

    fn kind<K: BatchKey>(&self) -> Option<Arc<Kind<K>>> {
        let weigh = K::WEIGH.filter(|_| self.bytes > 0)?;
        let make = || Cache::with_weighter(USUAL, self.bytes, Weigher(weigh));
        Some(self.kinds.get_or_make::<Kind<K>>(make))
    }
}
