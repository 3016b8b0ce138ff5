//! A policy before it is checked, and what may be wrong with it.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

use super::Policy;

/// A policy as somebody asks for it, not checked yet. The default is the house policy, so that one
/// threshold can be changed alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PolicyDraft {
    /// How many reviews must carry a score before the film has one: 1 to 1,000,000, and 4 in the
    /// house.
    pub minimum_reviews: i64,
    /// The lowest score of "Universal acclaim": 81 in the house.
    pub acclaim_from: i64,
    /// The lowest score of "Generally favorable reviews", and of a positive review: 61 in the
    /// house.
    pub positive_from: i64,
    /// The lowest score of "Mixed or average reviews", and of a mixed review: 40 in the house.
    pub mixed_from: i64,
    /// The lowest score of "Generally unfavorable reviews", beneath which dislike is overwhelming:
    /// 20 in the house.
    pub dislike_below: i64,
    /// Whether unscored reviews that have a sentiment may stand in for missing scores: true in the
    /// house.
    pub estimate: bool,
}

impl Default for PolicyDraft {
    fn default() -> Self {
        Policy::HOUSE.draft()
    }
}

/// A threshold of a policy, by which an error says what to mend.
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
    /// The field's name as callers of the API spell it.
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

    /// Narrows a draft's number to what the field may be.
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

/// Why a draft is no policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyError {
    /// The field that is out of its range.
    pub field: PolicyField,
    /// What the draft has there.
    pub value: i64,
    /// What the field may be, given the fields before it.
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
