//! The shares of reviews: few films, critics and publications have many reviews, most have few.

use super::random::Random;

/// A Zipf-Mandelbrot distribution: the share of rank 1, 2, 3 … is 1 / (rank + offset)^power. The offset
/// grows with the number of ranks, so that the first rank doesn't get nearly everything.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZipfMandelbrot {
    /// The number of ranks divided by this is added to the offset.
    pub(super) offset_divisor: u32,
    /// The constant part of the offset.
    pub(super) offset: u32,
    /// The exponent: 1 falls off gently, 2 steeply.
    pub(super) power: u32,
    /// The number of ranks divided by this is the number of last ranks without a share.
    pub(super) idle_divisor: Option<u32>,
}

impl ZipfMandelbrot {
    /// The fixed-point representation of 1. The sum over all ranks fits into 64 bits: for power 1 it
    /// is below 23 times this value, even for the maximum number of ranks.
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

/// The shares of a list of items. The ranks are shuffled, so that the first item isn't the largest.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    /// The cumulative sums of the shares.
    ends: Vec<u64>,
}

impl Shares {
    pub(super) fn new(distribution: ZipfMandelbrot, count: u32, random: &mut Random) -> Self {
        let mut ends: Vec<_> = distribution.shares(count).collect();
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

    /// Draws an item with a probability proportional to its share. Returns `None` if there are no items.
    pub(super) fn draw(&self, random: &mut Random) -> Option<usize> {
        if self.ends.is_empty() {
            return None;
        }
        let position = random.below_wide(self.total());
        Some(self.ends.partition_point(|end| *end <= position))
    }

    /// Splits a number by the shares. Returns for each item the sum of the parts before it, and at the
    /// end the number itself. Rounding the sums rather than the parts makes the parts add up exactly,
    /// and each part is within 1 of its exact share.
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
mod tests;
