//! Pseudo-random choices that are the same on every machine and in every release.
//!
//! A benchmark or a bug report that names a seed must get the same records years later. `ChaCha8` is a
//! published cipher, so its output can't change. The distributions of the `rand` crates, and even their
//! expansion of a short seed, have changed between releases. So this module takes only raw words from
//! `rand_chacha` and implements the few distributions that the catalogue needs. They use integers only,
//! because the last digit of a floating-point logarithm depends on the machine.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// The purpose of a stream of random words. Each entity has its own stream, so that it can be generated
/// without the others, and so that an additional draw for one changes none of the others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// A film's own data.
    Film = 1,
    /// A critic's own data.
    Critic,
    /// A publication's own data.
    Publication,
    /// The reviews of a film.
    Reviews,
    /// The shares of reviews of films, critics and publications.
    Shares,
}

/// A stream of random choices.
#[derive(Clone, Debug)]
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// Creates the stream of the entity with this number and purpose.
    pub(super) fn new(seed: u64, purpose: Purpose, number: u32) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut words = ChaCha8Rng::from_seed(key);
        words.set_stream((purpose as u64) << 32 | u64::from(number));
        Self(words)
    }

    fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Draws a number below a bound, or returns 0 if the bound is 0. The bias is at most 2^-32, so a
    /// rejection loop isn't worth it.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let product = u64::from(self.word()) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// Draws a number below a bound of more than 32 bits.
    pub(super) fn below_wide(&mut self, bound: u64) -> u64 {
        let word = u64::from(self.word()) << 32 | u64::from(self.word());
        let product = u128::from(word) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// Returns true with a probability of `share` percent.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// Draws the sum of four numbers below a bound: a bell curve around twice the bound, with a standard
    /// deviation of a little over half of the bound.
    pub(super) fn bell(&mut self, bound: u32) -> u32 {
        (0..4).map(|_| self.below(bound)).sum()
    }

    /// Picks an item of a list, which must not be empty.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.index(items.len())]
    }

    /// Picks an item by weight. The list must not be empty.
    pub(super) fn weighted<T: Copy>(&mut self, items: &[(u32, T)]) -> T {
        let mut remaining = self.below(items.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in items {
            if remaining < *weight {
                return *item;
            }
            remaining -= weight;
        }
        items[0].1
    }

    /// Draws an index into a list of this length, or returns 0 if it is empty.
    pub(super) fn index(&mut self, length: usize) -> usize {
        u64::try_from(length)
            .ok()
            .and_then(|length| usize::try_from(self.below_wide(length)).ok())
            .unwrap_or(0)
    }

    /// Shuffles a list.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests;
