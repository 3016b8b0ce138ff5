//! Score labels: a verdict with the number of reviews, or how many reviews a score needs.

use super::Verdict;

/// The label of a film without a score, in English, as sources write it.
pub const NO_SCORE: &str = "No score yet";

/// The noun for the reviews in a label.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Basis {
    /// Used for a film, whose label counts each critic once: "based on 11 Critics".
    Critics,
    /// Used for a critic or a publication: "based on 11 Reviews".
    Reviews,
}

/// What the label of a score says, in whichever language.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ScoreLabel {
    /// "Generally favorable reviews - based on 11 Critics".
    Scored {
        /// The verdict.
        verdict: Verdict,
        /// The number of critics of a film, or of reviews of a critic or a publication.
        count: u32,
        /// What is counted.
        basis: Basis,
    },
    /// "No score yet - 3 of 4 reviews".
    Unscored {
        /// The number of reviews that count towards a score. It is less than `wanted`.
        counted: u32,
        /// The number of reviews that a score needs.
        wanted: u32,
    },
}
