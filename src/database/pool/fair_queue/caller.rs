//! The callers among which connections are shared.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::LazyLock,
};

/// A caller: whoever a rate limit applies to. The default stands for the server itself, such as for the lookup of
/// credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Caller(u64);

impl Caller {
    /// Returns the caller of a key. Callers can't choose keys that give equal callers.
    #[must_use]
    pub fn of(key: &impl Hash) -> Self {
        static RANDOM: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self(RANDOM.hash_one(key))
    }
}
