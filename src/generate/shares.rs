//! Who gets how much of the reviews: few get many, many get few.

use super::random::Random;

/// A law of Zipf and Mandelbrot: the share of rank 1, 2, 3 … is one over a power of the rank and an
/// offset. The offset, which grows with the number of ranks, keeps the first from getting nearly
/// everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Law {
    /// One rank in so many is added to the offset.
    pub(super) offset_divisor: u32,
    /// What is added to the offset whatever the number of ranks.
    pub(super) offset: u32,
    /// 1 falls off gently, 2 steeply.
    pub(super) power: u32,
    /// One rank in so many gets nothing at all.
    pub(super) idle_divisor: Option<u32>,
}

impl Law {
    /// What 1 comes to, so that integers are fine enough. Sixty-four bits hold the sum over as
    /// many ranks as there can be: it is under twenty-three times this for power 1.
    const ONE: u64 = 1 << 56;

    fn shares(self, ranks: u32) -> impl Iterator<Item = u64> {
        let idle = self.idle_divisor.map_or(0, |divisor| ranks / divisor);
        let offset = u64::from(ranks / self.offset_divisor) + u64::from(self.offset);
        (1..=ranks).map(move |rank| {
            if rank > ranks - idle {
                return 0;
            }
            let base = u64::from(rank) + offset;
            (0..self.power)
                .fold(Self::ONE, |share, _| share / base)
                .max(1)
        })
    }
}

/// The shares of some things, whose ranks are shuffled: the first isn't the one with the most.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    /// Where the share of each ends when they are laid end to end.
    ends: Vec<u64>,
}

impl Shares {
    pub(super) fn new(law: Law, things: u32, random: &mut Random) -> Self {
        let mut ends: Vec<_> = law.shares(things).collect();
        random.shuffle(&mut ends);
        let mut end = 0;
        for share in &mut ends {
            end += *share;
            *share = end;
        }
        Self { ends }
    }

    fn total(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// One of the things, each as likely as its share is large. `None` if there are none.
    pub(super) fn draw(&self, random: &mut Random) -> Option<usize> {
        if self.ends.is_empty() {
            return None;
        }
        let at = random.below_wide(self.total());
        Some(self.ends.partition_point(|end| *end <= at))
    }

    /// Splits a number by the shares: for each thing the sum of the parts before it, and at the end
    /// the number itself. Rounding the sums rather than the parts makes the parts add up exactly,
    /// each within one of its share.
    pub(super) fn split(&self, number: u32) -> Vec<u32> {
        let total = u128::from(self.total()).max(1);
        let sums = self.ends.iter().map(|end| {
            let sum = u128::from(number) * u128::from(*end) / total;
            u32::try_from(sum).unwrap_or(number)
        });
        std::iter::once(0).chain(sums).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generate::random::Purpose;

    fn parts(law: Law, things: u32, number: u32, seed: u64) -> Vec<u32> {
        let mut random = Random::new(seed, Purpose::Shares, 0);
        let starts = Shares::new(law, things, &mut random).split(number);
        starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    const GENTLE: Law = Law {
        offset_divisor: 200,
        offset: 4,
        power: 1,
        idle_divisor: Some(50),
    };

    #[test]
    fn the_parts_follow_the_law_in_a_shuffled_order() {
        let mut sizes = parts(GENTLE, 100, 1_000_000, 1);
        assert_ne!(sizes.iter().max(), sizes.first());
        sizes.sort_unstable_by(|one, other| other.cmp(one));
        let ratio = u64::from(sizes[0]) * 100 / u64::from(sizes[9]);
        assert_eq!(ratio, 280, "ranks 1 and 10 are as 10 + 4 to 1 + 4");
        assert_eq!(sizes[97..], [sizes[97], 0, 0], "a fiftieth gets nothing");
    }

    /// The sum over a thousand times as many ranks is at most seven larger: the logarithm of 1,000.
    #[test]
    fn the_longest_list_fits_into_the_sum() {
        let law = Law {
            offset_divisor: u32::MAX,
            offset: 0,
            power: 1,
            idle_divisor: None,
        };
        let sum: u64 = law.shares(u32::MAX / 1_000).sum();
        assert!(sum + 7 * Law::ONE < 23 * Law::ONE);
        let first: Vec<_> = law.shares(3).collect();
        assert_eq!(first, [Law::ONE, Law::ONE / 2, Law::ONE / 3]);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_whole(
            things in 1_u32..3_000,
            number: u32,
            seed: u64,
            power in 1_u32..=2,
            offset in 0_u32..5,
        ) {
            let law = Law { offset, power, ..GENTLE };
            let parts = parts(law, things, number, seed);
            prop_assert_eq!(parts.len(), usize::try_from(things).expect("small"));
            prop_assert_eq!(parts.into_iter().map(u64::from).sum::<u64>(), u64::from(number));
        }

        #[test]
        fn whoever_is_drawn_exists(things in 1_u32..300, seed: u64) {
            let mut random = Random::new(seed, Purpose::Shares, 0);
            let shares = Shares::new(GENTLE, things, &mut random);
            let drawn = shares.draw(&mut random).expect("there are some");
            prop_assert!(drawn < shares.ends.len());
        }
    }
}
