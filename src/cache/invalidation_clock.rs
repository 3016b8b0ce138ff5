//! The times of the last changes, by tag.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

use parking_lot::Mutex;

use super::tag::Tag;

/// The number of slots for times of changes. Tags that share a slot count as changed when either is, which costs a read
/// and never makes a response wrong.
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 16;

/// The multiplier of Fibonacci hashing: 2⁶⁴ divided by the golden ratio, as an odd number.
const HASH_MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The number of the latest changes that are kept one by one. While some thousand reviews are added each second, with up to
/// four tags each, this is what changes during the seconds in which the index of a million reviews is read.
pub const MAX_CHANGES: usize = 131_072;

/// The floor while the process does not receive notifications.
const DISCONNECTED: u64 = u64::MAX;

/// The times of the last changes, by a logical clock that each change increments. A process has one.
#[derive(Debug)]
pub struct InvalidationClock {
    clock: AtomicU64,
    /// Everything that was read before this time is stale.
    floor: AtomicU64,
    /// A notification may have been lost before this time.
    gap: AtomicU64,
    changed: Box<[AtomicU64]>,
    latest: Mutex<LatestChanges>,
}

/// The latest changes, in their order.
#[derive(Debug, Default)]
struct LatestChanges {
    changes: VecDeque<(u64, Tag)>,
    /// The time of the last change that is not kept any more.
    forgotten_until: u64,
}

/// A time of the logical clock of [`InvalidationClock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u64);

impl Default for InvalidationClock {
    /// Creates a clock that counts as disconnected.
    fn default() -> Self {
        Self {
            clock: AtomicU64::new(0),
            floor: AtomicU64::new(DISCONNECTED),
            gap: AtomicU64::new(0),
            changed: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            latest: Mutex::default(),
        }
    }
}

impl InvalidationClock {
    /// Returns the timestamp to take before a read. `None` while the process does not receive notifications: then the
    /// result must not be cached.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        let now = self.clock.load(SeqCst);
        (self.floor.load(SeqCst) != DISCONNECTED).then_some(Timestamp(now))
    }

    /// Returns whether none of these tags has changed since a timestamp. `false` while the process does not receive
    /// notifications.
    pub fn are_unchanged(&self, since: Timestamp, mut tags: impl Iterator<Item = Tag>) -> bool {
        since.0 >= self.floor.load(SeqCst) && tags.all(|tag| self.slot(tag).load(SeqCst) <= since.0)
    }

    /// Returns whether a tag has not changed since a timestamp, for tags that a change of many rows names as well. `false`
    /// while the process does not receive notifications, or if one may have been lost.
    pub fn is_certain(&self, since: Timestamp, tag: Tag) -> bool {
        self.floor.load(SeqCst) != DISCONNECTED
            && since.0 >= self.gap.load(SeqCst)
            && self.slot(tag).load(SeqCst) <= since.0
    }

    /// Returns the tags that have changed since a timestamp, each at least once. `None` after more than `limit` changes, or
    /// if they are not known: after [`MAX_CHANGES`], or if any row may have changed.
    pub fn changes_since(&self, since: Timestamp, limit: usize) -> Option<Vec<Tag>> {
        let latest = self.latest.lock();
        let first = self.first_change_since(&latest, since)?;
        if latest.changes.len() - first > limit {
            return None;
        }
        let changes = latest.changes.range(first..);
        Some(changes.map(|(_, tag)| *tag).collect())
    }

    /// Returns the number of changes since a timestamp; `None` if they are not known. It takes as long for many as for few.
    pub fn count_changes_since(&self, since: Timestamp) -> Option<usize> {
        let latest = self.latest.lock();
        let first = self.first_change_since(&latest, since)?;
        Some(latest.changes.len() - first)
    }

    /// Returns the index of the first change after a timestamp; `None` if not all of them are known.
    fn first_change_since(&self, latest: &LatestChanges, since: Timestamp) -> Option<usize> {
        let is_known = since.0 >= self.floor.load(SeqCst) && since.0 >= latest.forgotten_until;
        is_known.then(|| latest.changes.partition_point(|(time, _)| *time <= since.0))
    }

    /// Records that rows have changed at the same time, and with them the tag of any row of their kinds. The changes must
    /// be committed, so that reads from now on see them.
    pub fn invalidate(&self, tags: &[Tag]) {
        let now = {
            let mut latest = self.latest.lock();
            let now = self.tick();
            for tag in tags {
                latest.push(now, *tag);
            }
            now
        };
        for tag in tags {
            self.slot(*tag).fetch_max(now, SeqCst);
            self.slot(tag.as_any()).fetch_max(now, SeqCst);
        }
    }

    /// Records that any row may have changed, and that a notification may have been lost.
    pub fn invalidate_all(&self) {
        self.gap.fetch_max(self.tick(), SeqCst);
        self.invalidate_rows();
    }

    /// Records that any row may have changed, as a notification says.
    pub fn invalidate_rows(&self) {
        let now = self.tick();
        // While disconnected, the floor stays.
        let _ = self.floor.fetch_update(SeqCst, SeqCst, |floor| {
            (floor != DISCONNECTED).then(|| floor.max(now))
        });
    }

    /// Records that the process receives notifications from now on. Any row may have changed before.
    pub fn on_connect(&self) {
        let now = self.tick();
        self.gap.fetch_max(now, SeqCst);
        self.connect_at(now);
    }

    fn connect_at(&self, now: u64) {
        // The process may have been connected before. The floor never falls while it is.
        let _ = self.floor.fetch_update(SeqCst, SeqCst, |floor| {
            Some(if floor == DISCONNECTED {
                now
            } else {
                floor.max(now)
            })
        });
    }

    /// Records that the process does not receive notifications any more.
    pub fn on_disconnect(&self) {
        self.floor.store(DISCONNECTED, SeqCst);
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, SeqCst) + 1
    }

    fn slot(&self, tag: Tag) -> &AtomicU64 {
        // After the multiplication by an odd number, the upper bits depend on all bits of the tag.
        let hash = tag.number().wrapping_mul(HASH_MULTIPLIER) >> (u64::BITS - SLOT_BITS);
        &self.changed[usize::try_from(hash).unwrap_or_default() % SLOTS]
    }
}

impl LatestChanges {
    fn push(&mut self, time: u64, tag: Tag) {
        if self.changes.len() == MAX_CHANGES
            && let Some((oldest, _)) = self.changes.pop_front()
        {
            self.forgotten_until = oldest;
        }
        self.changes.push_back((time, tag));
    }
}

#[cfg(test)]
mod tests;
