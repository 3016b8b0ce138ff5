//! Scores from 0 to 100, the scale that all original scores are converted to.

use std::fmt;

/// A score: a whole number from 0 (worst) to 100 (best), of a review or of a set of reviews.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub struct Points(u8);

impl Points {
    /// The worst score.
    pub const MIN: Self = Self(0);

    /// The best score.
    pub const MAX: Self = Self(100);

    /// Creates a score from an integer of any width; `None` if it is not from 0 to 100.
    pub fn new(value: impl TryInto<u8>) -> Option<Self> {
        value
            .try_into()
            .ok()
            .map(Self)
            .filter(|points| *points <= Self::MAX)
    }

    /// Returns the number, 0 to 100.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns all scores in ascending order.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        (Self::MIN.0..=Self::MAX.0).map(Self)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Points> for u8 {
    fn from(points: Points) -> Self {
        points.0
    }
}

impl From<Points> for i16 {
    fn from(points: Points) -> Self {
        points.0.into()
    }
}

impl From<Points> for i32 {
    fn from(points: Points) -> Self {
        points.0.into()
    }
}

#[cfg(test)]
mod tests;
