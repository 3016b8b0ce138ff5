//! The weights of reviews.

/// The weight of a review in a mean: from 0.01 to 100, and 1 by default. A publication's weight
/// applies to all of its reviews.
///
/// Weights are stored in whole hundredths, so that their sums are exact. They are never zero, so
/// that a mean of at least one review always exists; a review that must not count is left out of the
/// tally. The maximum limits the influence of a single publication, and keeps sums from overflowing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Weight(u32);

impl Weight {
    /// The smallest weight: 0.01.
    pub const MIN: Self = Self(1);

    /// The largest weight: 100.
    pub const MAX: Self = Self(10_000);

    /// Creates a weight from hundredths; `None` if they are not from 1 to 10,000.
    #[must_use]
    pub fn from_hundredths(hundredths: i32) -> Option<Self> {
        let weight = Self(hundredths.try_into().ok()?);
        (Self::MIN..=Self::MAX).contains(&weight).then_some(weight)
    }

    /// Returns the weight in hundredths, 1 to 10,000.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl Default for Weight {
    /// Returns the weight 1.
    fn default() -> Self {
        Self(100)
    }
}

#[cfg(test)]
mod tests;
