//! The label of a band of scores.

use std::fmt;

/// The label of the band that a score falls into. Ordered from the best to the worst.
///
/// The five bands, their names and their house edges are those that Metacritic made customary for
/// films.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// 81 to 100 under the house policy.
    UniversalAcclaim,
    /// 61 to 80 under the house policy.
    GenerallyFavorable,
    /// 40 to 60 under the house policy.
    MixedOrAverage,
    /// 20 to 39 under the house policy.
    GenerallyUnfavorable,
    /// 0 to 19 under the house policy.
    OverwhelmingDislike,
}

impl Verdict {
    /// The verdict as readers see it, in English.
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
mod tests {
    use super::*;

    #[test]
    fn a_verdict_reads_as_the_trade_words_it() {
        assert_eq!(Verdict::UniversalAcclaim.to_string(), "Universal acclaim");
        assert_eq!(
            Verdict::GenerallyFavorable.to_string(),
            "Generally favorable reviews"
        );
        assert_eq!(
            Verdict::MixedOrAverage.to_string(),
            "Mixed or average reviews"
        );
        assert_eq!(
            Verdict::GenerallyUnfavorable.to_string(),
            "Generally unfavorable reviews"
        );
        assert_eq!(
            Verdict::OverwhelmingDislike.to_string(),
            "Overwhelming dislike"
        );
    }
}
