//! A worker's own copies of the rows that it returns most often, such as the critics and publications of every page.
//!
//! All workers share the rows of the [`RowCache`]. Each use of such a row writes a lock and its reference count, which
//! moves their cache lines from one processor to another if workers use them at the same time. The copies of a worker
//! stay with its processor.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use parking_lot::Mutex;

use super::{
    key::{CopyValue, LoaderKey},
    row_cache::{Entry, RowCache},
};
use crate::type_map::SharedTypeMap;

/// The number of rows of each type of key that a worker can copy: a power of two. A row of a critic or a publication has
/// about 200 bytes.
const SLOTS: usize = 4_096;

/// The copies of a worker.
#[derive(Default)]
pub struct LocalRows {
    /// The [`Table`] of each type of key.
    tables: SharedTypeMap,
}

/// A table of copies. Each key has one slot, which it shares with others.
struct Table<K: LoaderKey>(Mutex<Box<[Slot<K>]>>);

struct Slot<K: LoaderKey> {
    copy: Option<(K, Entry<K::Value>)>,
    /// The hash of the last key of this slot that had no copy. It is copied the second time in a row, so that rows that
    /// are used once don't replace those that are used often.
    candidate: u64,
}

impl<K: LoaderKey> Default for Table<K> {
    fn default() -> Self {
        let slots = (0..SLOTS).map(|_| Slot {
            copy: None,
            candidate: 0,
        });
        Self(Mutex::new(slots.collect()))
    }
}

impl LocalRows {
    /// Returns the worker's copy of a row, or the row of the row cache, if none of its tags has changed since it was read.
    pub fn get<K: LoaderKey>(
        &self,
        key: &K,
        row_cache: &RowCache,
        copy: CopyValue<K::Value>,
    ) -> Option<K::Value> {
        let hash = FixedState::default().hash_one(key);
        let Table(slots) = self.tables.get_or_insert_with(Table::<K>::default);
        let mut slots = slots.lock();
        let index = usize::try_from(hash % SLOTS as u64).ok()?;
        let slot = slots.get_mut(index)?;
        if let Some((copied, entry)) = &slot.copy
            && copied == key
        {
            if row_cache.is_current(key, entry) {
                return Some(entry.value.clone());
            }
            slot.copy = None;
        }
        let entry = row_cache.entry(key)?;
        if slot.candidate != hash {
            slot.candidate = hash;
            return Some(entry.value);
        }
        let entry = entry.map(copy);
        let value = entry.value.clone();
        slot.copy = Some((key.clone(), entry));
        Some(value)
    }
}

#[cfg(test)]
mod tests;
