//! How much a review counts.

/// How much a review counts in a mean, relative to the others: from 0.01 to 100, and 1 unless a
/// publication's says otherwise.
///
/// It is held in whole hundredths, so that sums of weights are exact. It is never zero: a weight of
/// nothing would make a mean of nothing possible, and a review that must not count is better left
/// out of the tally. The bound above keeps one publication from drowning the rest, and every sum
/// far from overflowing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Weight(u32);

impl Weight {
    /// The smallest weight: 0.01.
    pub const MIN: Self = Self(1);

    /// The largest weight: 100.
    pub const MAX: Self = Self(10_000);

    /// Reads a weight in hundredths. `None` if it is not from 1 to 10,000.
    #[must_use]
    pub fn from_hundredths(hundredths: i32) -> Option<Self> {
        let weight = Self(hundredths.try_into().ok()?);
        (Self::MIN..=Self::MAX).contains(&weight).then_some(weight)
    }

    /// The weight in hundredths, 1 to 10,000.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl Default for Weight {
    /// Weight 1, which every review has that nobody weighted.
    fn default() -> Self {
        Self(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_from_one_hundredth_to_one_hundred() {
        for hundredths in [1, 50, 100, 9_999, 10_000] {
            let weight = Weight::from_hundredths(hundredths).expect("in range");
            assert_eq!(i64::from(weight.hundredths()), i64::from(hundredths));
        }
        for hundredths in [i32::MIN, -1, 0, 10_001, i32::MAX] {
            assert_eq!(Weight::from_hundredths(hundredths), None, "{hundredths}");
        }
    }

    #[test]
    fn a_review_counts_once_unless_told_otherwise() {
        assert_eq!(Some(Weight::default()), Weight::from_hundredths(100));
    }
}
