//! Random choices that are the same on every machine and in every release.
//!
//! The catalogue of a seed is an address: a measurement or a bug report that names it must find the
//! same records years later. `ChaCha8` is a published cipher, so its words can't change; what turns
//! words into choices can, and does: the distributions and even the expansion of a short seed of the
//! `rand` family have changed between releases. So only the raw words come from there, and the few
//! choices that the catalogue needs are made here, of integers alone, since the last digit of a
//! floating-point logarithm depends on the machine.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// What a stream of random words is for. Each thing has its own stream, so that it can be made
/// without making the others first, and so that a draw more for one moves none of the others.
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
    /// Which films are much reviewed, and which critics and publications review much.
    Shares,
}

/// A stream of random choices.
#[derive(Clone, Debug)]
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of one thing, which is a number among its kind.
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

    /// A number below a bound, or 0 if there is none. No number is likelier than another by more
    /// than one in four thousand million, which is not worth the loop that would mend it.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let product = u64::from(self.word()) * u64::from(bound);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// The same for bounds that need more than 32 bits.
    pub(super) fn below_wide(&mut self, bound: u64) -> u64 {
        let word = u64::from(self.word()) << 32 | u64::from(self.word());
        let product = u128::from(word) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// The sum of four numbers below a bound: a bell around twice the bound, whose standard
    /// deviation is a little over half of the bound.
    pub(super) fn bell(&mut self, bound: u32) -> u32 {
        (0..4).map(|_| self.below(bound)).sum()
    }

    /// One of some things, of which there is at least one.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.index(from.len())]
    }

    /// One of some things that are to come up so many times in relation to each other. There is at
    /// least one.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, thing) in from {
            if left < *weight {
                return *thing;
            }
            left -= weight;
        }
        from[0].1
    }

    /// A place in a list of this length, or 0 if it is empty.
    pub(super) fn index(&mut self, length: usize) -> usize {
        u64::try_from(length)
            .ok()
            .and_then(|length| usize::try_from(self.below_wide(length)).ok())
            .unwrap_or(0)
    }

    /// Puts things into a random order.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = self.index(last + 1);
            things.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words that the cipher's specification gives, worked out by another program. When these
    /// change, every catalogue has changed.
    #[test]
    fn the_words_of_a_stream_are_pinned() {
        let words = |seed, purpose, number| {
            let mut random = Random::new(seed, purpose, number);
            [random.word(), random.word()]
        };
        assert_eq!(words(0, Purpose::Film, 0), [1_740_451_766, 4_239_384_297]);
        assert_eq!(words(42, Purpose::Reviews, 7), [3_627_807_189, 22_397_305]);
    }

    #[test]
    fn streams_of_other_seeds_purposes_and_numbers_differ() {
        let word = |seed, purpose, number| Random::new(seed, purpose, number).word();
        let first = word(1, Purpose::Film, 1);
        assert_ne!(first, word(2, Purpose::Film, 1));
        assert_ne!(first, word(1, Purpose::Critic, 1));
        assert_ne!(first, word(1, Purpose::Film, 2));
    }

    #[test]
    fn weights_are_kept() {
        let mut random = Random::new(1, Purpose::Film, 0);
        let heads = (0..10_000)
            .filter(|_| random.weighted(&[(3, true), (0, false), (1, false)]))
            .count();
        assert!((7_300..7_700).contains(&heads), "{heads}");
    }

    proptest! {
        #[test]
        fn a_choice_is_below_its_bound(seed: u64, small in 1_u32.., large in 1_u64.., length in 1_usize..) {
            let mut random = Random::new(seed, Purpose::Film, 0);
            prop_assert!(random.below(small) < small);
            prop_assert!(random.below_wide(large) < large);
            prop_assert!(random.index(length) < length);
        }

        #[test]
        fn a_shuffle_loses_nothing(seed: u64, length in 0_usize..50) {
            let mut things: Vec<_> = (0..length).collect();
            Random::new(seed, Purpose::Film, 0).shuffle(&mut things);
            things.sort_unstable();
            prop_assert_eq!(things, (0..length).collect::<Vec<_>>());
        }
    }
}
