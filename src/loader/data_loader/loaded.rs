//! The values that a request has loaded or is loading.

use std::collections::{HashMap, hash_map::Entry};

use foldhash::fast::RandomState;
use futures_channel::oneshot;
use parking_lot::{Mutex, MutexGuard};

use crate::loader::{batcher::LoadResult, key::LoaderKey};

/// The result of a lookup that doesn't wait.
pub(super) enum Peeked<V> {
    Loaded(Option<V>),
    Missing,
}

pub(super) enum Slot<V> {
    Loaded(Option<V>),
    /// The key is being read, and these callers wait for the result.
    Pending(Vec<oneshot::Sender<LoadResult<V>>>),
}

/// The role of a caller that loads a key.
pub(super) enum Joined<V> {
    Loaded(Option<V>),
    /// The caller waits for the leader's result.
    Follower(oneshot::Receiver<LoadResult<V>>),
    /// The caller reads the key.
    Leader,
}

/// The keys of one type that a request has loaded or is loading.
pub(super) struct Loaded<K: LoaderKey>(Mutex<Slots<K>>);

impl<K: LoaderKey> Default for Loaded<K> {
    fn default() -> Self {
        // Most lists are of rows that the row cache holds. A page of ten fits without growing.
        let capacity = if K::WEIGH.is_some() { 10 } else { 0 };
        let slots = HashMap::with_capacity_and_hasher(capacity, RandomState::default());
        Self(Mutex::new(slots))
    }
}

type Slots<K> = HashMap<K, Slot<<K as LoaderKey>::Value>, RandomState>;

impl<K: LoaderKey> Loaded<K> {
    pub(super) fn lock(&self) -> MutexGuard<'_, Slots<K>> {
        self.0.lock()
    }

    pub(super) fn join(&self, key: &K) -> Joined<K::Value> {
        let mut slots = self.lock();
        match slots.get_mut(key) {
            Some(Slot::Loaded(value)) => Joined::Loaded(value.clone()),
            Some(Slot::Pending(followers)) => {
                // Not tokio's channel: that consumes the task's budget, so that a level of many fields would be split
                // into two statements.
                let (sender, receiver) = oneshot::channel();
                followers.push(sender);
                Joined::Follower(receiver)
            }
            None => {
                slots.insert(key.clone(), Slot::Pending(Vec::new()));
                Joined::Leader
            }
        }
    }
}

/// The first caller that loads a key. If it is cancelled, the next one becomes the leader.
pub(super) struct Leader<'a, K: LoaderKey> {
    pub(super) loaded: &'a Loaded<K>,
    pub(super) key: &'a K,
}

impl<K: LoaderKey> Leader<'_, K> {
    /// Stores the value and sends the result to the followers. An error is not stored: the next load reads again.
    pub(super) fn complete(&self, result: &LoadResult<K::Value>) {
        let mut slots = self.loaded.lock();
        let slot = match result {
            Ok(value) => slots.insert(self.key.clone(), Slot::Loaded(value.clone())),
            Err(_) => slots.remove(self.key),
        };
        drop(slots);
        if let Some(Slot::Pending(followers)) = slot {
            for sender in followers {
                // A follower that was cancelled needs no result.
                let _ = sender.send(result.clone());
            }
        }
    }
}

impl<K: LoaderKey> Drop for Leader<'_, K> {
    fn drop(&mut self) {
        if let Entry::Occupied(slot) = self.loaded.lock().entry(self.key.clone())
            && matches!(slot.get(), Slot::Pending(_))
        {
            slot.remove();
        }
    }
}
