//! Policies before validation, and the errors of validation.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

use super::{Policy, Weighting};

/// A policy before validation. [`PolicyDraft::default`] is the default policy, so that a caller can
/// change a single threshold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PolicyDraft {
    /// The number of scored reviews that a score needs: 1 to 1,000,000, 4 by default.
    pub minimum_reviews: i64,
    /// The lowest score of "Universal acclaim": 81 by default.
    pub acclaim_from: i64,
    /// The lowest score of "Generally favorable reviews", and of a positive review: 61 by default.
    pub positive_from: i64,
    /// The lowest score of "Mixed or average reviews", and of a mixed review: 40 by default.
    pub mixed_from: i64,
    /// The lowest score of "Generally unfavorable reviews": 20 by default. Scores below it are
    /// "Overwhelming dislike".
    pub dislike_below: i64,
    /// Whether unscored reviews with a sentiment may replace missing scores: true by default.
    pub estimate: bool,
    /// How the reviews count in a mean: by their publications by default.
    pub weighting: Weighting,
}

impl Default for PolicyDraft {
    fn default() -> Self {
        Policy::DEFAULT.draft()
    }
}

/// A threshold of a policy, named in errors.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PolicyField {
    /// [`PolicyDraft::minimum_reviews`].
    MinimumReviews,
    /// [`PolicyDraft::acclaim_from`].
    AcclaimFrom,
    /// [`PolicyDraft::positive_from`].
    PositiveFrom,
    /// [`PolicyDraft::mixed_from`].
    MixedFrom,
    /// [`PolicyDraft::dislike_below`].
    DislikeBelow,
}

impl PolicyField {
    /// Returns the field's name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MinimumReviews => "minimumReviews",
            Self::AcclaimFrom => "acclaimFrom",
            Self::PositiveFrom => "positiveFrom",
            Self::MixedFrom => "mixedFrom",
            Self::DislikeBelow => "dislikeBelow",
        }
    }

    /// Converts a draft's number to the field's type, and checks its range.
    pub(super) fn check<T>(self, value: i64, allowed: RangeInclusive<T>) -> Result<T, PolicyError>
    where
        T: Copy + PartialOrd + TryFrom<i64> + Into<i64>,
    {
        T::try_from(value)
            .ok()
            .filter(|value| allowed.contains(value))
            .ok_or_else(|| {
                let (lowest, highest) = allowed.into_inner();
                PolicyError {
                    field: self,
                    value,
                    allowed: lowest.into()..=highest.into(),
                }
            })
    }
}

/// The reason why a draft is not a valid policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyError {
    /// The field that is out of its range.
    pub field: PolicyField,
    /// The draft's value of the field.
    pub value: i64,
    /// The values that the field allows, given the fields before it.
    pub allowed: RangeInclusive<i64>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            value,
            allowed,
        } = self;
        write!(
            f,
            "{} must be from {} to {}, not {value}",
            field.name(),
            allowed.start(),
            allowed.end()
        )
    }
}

impl Error for PolicyError {}
