//! Where the levels of all buckets are kept, in memory that is bounded.
//!
//! A level is the moment at which the bucket is full again; once that is over, it is the same as none. What is kept is a fingerprint of the
//! payer and that moment, 16 bytes, in groups; the fingerprint says in which. A group that is full gives up its fullest bucket, the one
//! that is full soonest: of all of them it is the one that has been idle longest or has spent least, and its payer gains the least by
//! being forgotten. So whoever floods the table with other addresses doesn't get a fresh bucket by it: an empty one goes last, after every
//! bucket of its group that the flood has brought. And nobody can choose a group, for the fingerprints are keyed by chance.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hash},
    marker::PhantomData,
};

use governor::{nanos::Nanos, state::StateStore};
use parking_lot::Mutex;

/// How many groups there are; a power of two.
const GROUPS: usize = 1 << 14;

/// The most buckets that a group keeps.
const GROUP: usize = 64;

/// The most buckets that are kept.
pub const LARGEST: usize = GROUPS * GROUP;

/// The most memory that a table takes, in bytes, with what the allocator adds to each group.
pub const LARGEST_BYTES: usize =
    GROUPS * (size_of::<Mutex<Vec<Bucket>>>() + GROUP * size_of::<Bucket>() + 32);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    fingerprint: u64,
    full_at: Nanos,
}

/// The levels of the buckets of payers of a kind `K`.
#[derive(Debug)]
pub struct Table<K> {
    groups: Box<[Mutex<Vec<Bucket>>]>,
    chance: RandomState,
    payers: PhantomData<fn(&K)>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self {
            groups: (0..GROUPS).map(|_| Mutex::default()).collect(),
            chance: RandomState::new(),
            payers: PhantomData,
        }
    }
}

impl<K> Table<K> {
    /// How many buckets are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        let groups = self.groups.iter();
        groups.map(|group| group.lock().len()).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Hash> StateStore for Table<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, payer: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let fingerprint = self.chance.hash_one(payer);
        let group = usize::try_from(fingerprint % GROUPS as u64).unwrap_or_default();
        let mut group = self.groups[group].lock();
        let place = group
            .iter()
            .position(|bucket| bucket.fingerprint == fingerprint);
        let (outcome, full_at) = measure(place.map(|place| group[place].full_at))?;
        let bucket = Bucket {
            fingerprint,
            full_at,
        };
        match place {
            Some(place) => group[place] = bucket,
            None => keep(&mut group, bucket),
        }
        Ok(outcome)
    }
}

/// Keeps a new bucket, instead of the fullest one if there are too many.
fn keep(group: &mut Vec<Bucket>, bucket: Bucket) {
    if group.len() < GROUP {
        group.push(bucket);
        return;
    }
    let fullest = group.iter_mut().min_by_key(|bucket| bucket.full_at);
    if let Some(fullest) = fullest {
        *fullest = bucket;
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Sets a payer's level and gives the one before.
    fn set(table: &Table<u32>, payer: u32, full_at: u64) -> Option<u64> {
        let measured: Result<_, Infallible> =
            table.measure_and_replace(&payer, |level| Ok((level.map(u64::from), full_at.into())));
        measured.unwrap()
    }

    #[test]
    fn a_level_is_kept_and_what_is_refused_changes_nothing() {
        let table = Table::default();
        assert_eq!(set(&table, 1, 10), None);
        assert_eq!(set(&table, 2, 20), None);
        assert_eq!(set(&table, 1, 30), Some(10));
        let refused: Result<(), _> = table.measure_and_replace(&3, |_| Err("no"));
        assert_eq!(refused, Err("no"));
        assert_eq!(set(&table, 2, 21), Some(20));
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn however_many_payers_there_are_the_table_is_bounded_and_empty_buckets_stay() {
        let table = Table::default();
        let spent = 0..1000;
        for payer in spent.clone() {
            set(&table, payer, 1_000_000_000);
        }
        // Twice as many others as there is room for, each of whom has spent a little.
        let others = 2 * u32::try_from(LARGEST).unwrap();
        for payer in 0..others {
            set(&table, 1000 + payer, u64::from(payer));
        }
        assert!(table.len() <= LARGEST, "{}", table.len());
        let forgotten = spent.filter(|payer| set(&table, *payer, 0).is_none());
        assert_eq!(forgotten.count(), 0);
        // Those who have been idle longest have gone.
        assert_eq!(set(&table, 1000, 0), None);
    }

    #[test]
    fn a_million_addresses_take_less_than_20_megabytes() {
        const { assert!(LARGEST >= 1_000_000 && LARGEST_BYTES < 20_000_000) };
        let table = Table::default();
        for payer in 0..1_100_000 {
            set(&table, payer, u64::from(payer));
        }
        let groups = table.groups.iter();
        let kept: usize = groups.map(|group| group.lock().capacity()).sum();
        assert!(kept * size_of::<Bucket>() < 20_000_000, "{kept}");
    }
}
