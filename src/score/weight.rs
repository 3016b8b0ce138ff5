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

    /// Converts a number. Weights are whole hundredths, so that their sums are exact. A number with more decimal places
    /// is an error, because rounding would change the weight.
    ///
    /// # Errors
    ///
    /// When the number is out of range, or has more than two decimal places.
    pub fn from_factor(factor: f64) -> Result<Self, WeightError> {
        let hundredths = factor * 100.0;
        let range = 1.0 - HUNDREDTHS_TOLERANCE..=10_000.0 + HUNDREDTHS_TOLERANCE;
        if !range.contains(&hundredths) {
            return Err(WeightError::OutOfRange);
        }
        let rounded = hundredths.round();
        if (hundredths - rounded).abs() > HUNDREDTHS_TOLERANCE {
            return Err(WeightError::TooPrecise);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole, and from 1 to 10,000"
        )]
        Self::from_hundredths(rounded as i32).ok_or(WeightError::OutOfRange)
    }

    /// Returns the weight as a number, 0.01 to 100.
    #[must_use]
    pub fn factor(self) -> f64 {
        f64::from(self.0) / 100.0
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

/// The tolerance for hundredths that have no exact binary representation.
const HUNDREDTHS_TOLERANCE: f64 = 1e-6;

/// The reason why a number is no weight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WeightError {
    /// It is not from 0.01 to 100.
    OutOfRange,
    /// It has more than two decimal places.
    TooPrecise,
}

#[cfg(test)]
mod tests;
