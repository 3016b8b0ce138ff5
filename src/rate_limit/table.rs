//! The store of the levels of all buckets, in bounded memory.
//!
//! The level of a bucket is the time at which it is full again. A level in the past is equivalent to no entry. An entry
//! is a fingerprint of the key and the level, 16 bytes. Entries are stored in groups, which the fingerprint selects.
//!
//! A full group evicts its fullest bucket, the one that is full again first. That bucket has been idle longest or has
//! spent least, so its owner gains least from the eviction. An attacker who floods the table with addresses does not
//! get a fresh bucket: an empty bucket is evicted last, after all buckets that the flood added to its group. Nor can an
//! attacker choose a group, because the hash key of the fingerprints is random.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hash},
    marker::PhantomData,
    sync::Arc,
};

use governor::{nanos::Nanos, state::StateStore};
use parking_lot::Mutex;

/// The number of groups; a power of two.
const GROUP_COUNT: usize = 1 << 14;

/// The maximum number of buckets in a group.
const GROUP_SIZE: usize = 64;

/// The maximum number of buckets in a table.
pub const MAX_BUCKETS: usize = GROUP_COUNT * GROUP_SIZE;

/// The maximum memory of a table, in bytes, including the allocator's overhead for each group.
pub const MAX_BYTES: usize =
    GROUP_COUNT * (size_of::<Mutex<Vec<Bucket>>>() + GROUP_SIZE * size_of::<Bucket>() + 32);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    fingerprint: u64,
    full_at: Nanos,
}

/// The levels of the buckets of keys of the type `K`. Clones share them.
#[derive(Debug)]
pub struct BucketTable<K> {
    groups: Arc<[Mutex<Vec<Bucket>>]>,
    hasher: RandomState,
    key_type: PhantomData<fn(&K)>,
}

impl<K> Default for BucketTable<K> {
    fn default() -> Self {
        Self {
            groups: (0..GROUP_COUNT).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            key_type: PhantomData,
        }
    }
}

impl<K> Clone for BucketTable<K> {
    fn clone(&self) -> Self {
        Self {
            groups: Arc::clone(&self.groups),
            hasher: self.hasher.clone(),
            key_type: PhantomData,
        }
    }
}

impl<K> BucketTable<K> {
    /// Returns the number of buckets in the table.
    #[must_use]
    pub fn len(&self) -> usize {
        let groups = self.groups.iter();
        groups.map(|group| group.lock().len()).sum()
    }

    /// Returns whether the table has no buckets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Hash> StateStore for BucketTable<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let fingerprint = self.hasher.hash_one(key);
        let group = usize::try_from(fingerprint % GROUP_COUNT as u64).unwrap_or_default();
        let mut group = self.groups[group].lock();
        let index = group
            .iter()
            .position(|bucket| bucket.fingerprint == fingerprint);
        let (outcome, full_at) = measure(index.map(|index| group[index].full_at))?;
        let bucket = Bucket {
            fingerprint,
            full_at,
        };
        match index {
            Some(index) => group[index] = bucket,
            None => insert_or_evict(&mut group, bucket),
        }
        Ok(outcome)
    }
}

/// Adds a new bucket to a group. Replaces the fullest bucket if the group is full.
fn insert_or_evict(group: &mut Vec<Bucket>, bucket: Bucket) {
    if group.len() < GROUP_SIZE {
        group.push(bucket);
        return;
    }
    let fullest = group.iter_mut().min_by_key(|bucket| bucket.full_at);
    if let Some(fullest) = fullest {
        *fullest = bucket;
    }
}

#[cfg(test)]
mod tests;
