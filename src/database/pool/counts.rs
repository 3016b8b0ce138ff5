//! The numbers of connections and of waiting requests.

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
