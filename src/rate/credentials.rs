//! Which credentials were good lately.
//!
//! To look up credentials is work, so an address pays for those that nobody knows before they are looked up, and one that has shown many bad ones
//! is made to wait. Whoever shows good ones from the same address must not have to wait with it; hence this memory.

use std::{collections::hash_map::RandomState, fmt, hash::BuildHasher};

use quick_cache::sync::Cache;

/// How many credentials are remembered; those that aren't shown any more go first.
const MANY: usize = 10_000;

/// Remembers fingerprints of credentials, keyed by chance, from which nobody reads the credentials. That two have the same does no harm: what is
/// known here is looked up all the same, only without being paid for.
pub struct KnownCredentials {
    known: Cache<u64, ()>,
    chance: RandomState,
}

impl Default for KnownCredentials {
    fn default() -> Self {
        Self {
            known: Cache::new(MANY),
            chance: RandomState::new(),
        }
    }
}

impl fmt::Debug for KnownCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KnownCredentials")
    }
}

impl KnownCredentials {
    /// Whether they were good lately.
    #[must_use]
    pub fn were_good(&self, credentials: &[u8]) -> bool {
        self.known.get(&self.fingerprint(credentials)).is_some()
    }

    /// Remembers whether they are good.
    pub fn note(&self, credentials: &[u8], good: bool) {
        let fingerprint = self.fingerprint(credentials);
        if good {
            self.known.insert(fingerprint, ());
        } else {
            self.known.remove(&fingerprint);
        }
    }

    fn fingerprint(&self, credentials: &[u8]) -> u64 {
        self.chance.hash_one(credentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_good_is_known_until_it_is_bad_and_the_memory_is_bounded() {
        let known = KnownCredentials::default();
        assert!(!known.were_good(b"one"));
        known.note(b"one", true);
        assert!(known.were_good(b"one") && !known.were_good(b"other"));
        known.note(b"one", false);
        assert!(!known.were_good(b"one"));
        for number in 0..2 * MANY {
            known.note(&number.to_le_bytes(), true);
        }
        assert!(known.known.len() <= MANY);
    }
}
