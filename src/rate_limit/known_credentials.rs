//! A bounded set of credentials that were valid recently.
//!
//! Looking up credentials is expensive. So the client's address is charged before unknown credentials are looked up,
//! and an address that has sent many invalid ones is rejected. Clients with valid credentials at the same address must
//! not be rejected with it, so known credentials are exempt from the charge.

use std::{collections::hash_map::RandomState, fmt, hash::BuildHasher};

use quick_cache::sync::Cache;

/// The maximum number of credentials in the set. The least used ones are evicted first.
const MAX_CREDENTIALS: usize = 10_000;

/// A set of fingerprints of credentials: hashes with a random key, which do not reveal the credentials. A collision is
/// harmless because known credentials are still looked up, only without a charge.
pub struct KnownCredentials {
    fingerprints: Cache<u64, ()>,
    hasher: RandomState,
}

impl Default for KnownCredentials {
    fn default() -> Self {
        Self {
            fingerprints: Cache::new(MAX_CREDENTIALS),
            hasher: RandomState::new(),
        }
    }
}

impl fmt::Debug for KnownCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KnownCredentials")
    }
}

impl KnownCredentials {
    /// Returns whether the credentials were valid recently.
    #[must_use]
    pub fn contains(&self, credentials: &[u8]) -> bool {
        self.fingerprints
            .get(&self.fingerprint(credentials))
            .is_some()
    }

    /// Adds the credentials to the set if they are valid, and removes them otherwise.
    pub fn record(&self, credentials: &[u8], are_valid: bool) {
        let fingerprint = self.fingerprint(credentials);
        if are_valid {
            self.fingerprints.insert(fingerprint, ());
        } else {
            self.fingerprints.remove(&fingerprint);
        }
    }

    fn fingerprint(&self, credentials: &[u8]) -> u64 {
        self.hasher.hash_one(credentials)
    }
}

#[cfg(test)]
mod tests;
