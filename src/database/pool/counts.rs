//! The numbers of connections and of waiting requests, and how callers share them.

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
    /// How callers share the connections.
    pub shares: Shares,
}

/// How callers share the connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// The callers that hold a connection.
    pub callers: u64,
    /// The callers that wait for a connection.
    pub waiting_callers: u64,
    /// The most connections that one caller holds.
    pub largest: u64,
    /// The connections that run expensive statements.
    pub expensive: u64,
    /// The requests that were refused because their caller asked for more than its share.
    pub refused_over_share: u64,
    /// The requests that were refused because all callers together asked for more than there is.
    pub refused_overloaded: u64,
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
            shares: self.shares.sum(other.shares),
        }
    }
}

impl Shares {
    /// Returns the sums of both, and the largest share of both.
    #[must_use]
    pub fn sum(self, other: Self) -> Self {
        Self {
            callers: self.callers + other.callers,
            waiting_callers: self.waiting_callers + other.waiting_callers,
            largest: self.largest.max(other.largest),
            expensive: self.expensive + other.expensive,
            refused_over_share: self.refused_over_share + other.refused_over_share,
            refused_overloaded: self.refused_overloaded + other.refused_overloaded,
        }
    }
}
