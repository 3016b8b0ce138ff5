//! The labels of the bands of scores.

use std::fmt;

/// The label of the band that a score falls into. Ordered from the best to the worst.
///
/// The five bands, their names and their default thresholds are those that Metacritic made customary
/// for films.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// 81 to 100 under the default policy.
    UniversalAcclaim,
    /// 61 to 80 under the default policy.
    GenerallyFavorable,
    /// 40 to 60 under the default policy.
    MixedOrAverage,
    /// 20 to 39 under the default policy.
    GenerallyUnfavorable,
    /// 0 to 19 under the default policy.
    OverwhelmingDislike,
}

impl Verdict {
    /// Returns the verdict in English, as sources write it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::UniversalAcclaim => "Universal acclaim",
            Self::GenerallyFavorable => "Generally favorable reviews",
            Self::MixedOrAverage => "Mixed or average reviews",
            Self::GenerallyUnfavorable => "Generally unfavorable reviews",
            Self::OverwhelmingDislike => "Overwhelming dislike",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

#[cfg(test)]
mod tests;
