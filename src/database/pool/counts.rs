//! The numbers of connections and of waiting requests.

use std::sync::atomic::Ordering;

use super::Inner;

/// The numbers of connections and of waiting callers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolCounts {
    /// The connections that are open and not borrowed.
    pub idle: u64,
    /// The connections that are borrowed.
    pub used: u64,
    /// The callers that wait for a connection.
    pub waiting: u64,
    /// The maximum number of connections.
    pub max: u64,
}

impl PoolCounts {
    /// Returns the sums of both.
    #[must_use]
    pub fn sum(self, other: Self) -> Self {
        Self {
            idle: self.idle + other.idle,
            used: self.used + other.used,
            waiting: self.waiting + other.waiting,
            max: self.max + other.max,
        }
    }
}

/// A guard that counts a waiting caller until it is dropped.
pub(super) struct WaiterGuard<'a>(&'a Inner);

impl<'a> WaiterGuard<'a> {
    pub(super) fn try_new(inner: &'a Inner) -> Option<Self> {
        let waiting = inner.waiting.fetch_add(1, Ordering::Relaxed);
        let guard = Self(inner);
        (waiting < inner.settings.max_waiting).then_some(guard)
    }
}

impl Drop for WaiterGuard<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
