//! Scoring: pure functions, with no I/O, no clock and no randomness.
//!
//! The database counts the reviews; this module computes scores from the counts. A [`Tally`] holds
//! the counts, which don't depend on a policy. A [`Policy`] holds the thresholds and turns a tally
//! into a [`Score`] (score, verdict, label, statistics), a [`Distribution`] or a bias. A score
//! under a custom policy is computed from the same tally and needs no further query.
//!
//! Sums are exact: scores are whole numbers and weights are whole hundredths. Only the last division
//! uses floating-point numbers.

pub(crate) mod row;

mod agreement;
mod bands;
mod bias;
mod count;
mod distribution;
mod draft;
mod interval;
mod label;
mod mean;
mod parts;
mod points;
mod policy;
mod range;
mod ratio;
mod score_input;
mod scored_tally;
mod sentiment;
mod statistics;
mod summary;
mod swing;
mod tally;
mod unscored;
mod validation;
mod verdict;
mod weight;
mod weighting;

#[cfg(test)]
mod arbitrary;

pub use agreement::{Agreement, AgreementSums, FilmReviews, MIN_FILMS, Opinion};
pub use bands::SentimentBands;
pub use bias::Bias;
pub use distribution::{Bucket, BucketWidth, Distribution, Share};
pub use draft::{PolicyDraft, PolicyError, PolicyField};
pub use interval::Interval;
pub use label::{Basis, NO_SCORE, ScoreLabel};
pub use mean::{Contribution, Fraction, Mean, MeanParts};
pub use parts::{TallyError, TallyParts};
pub use points::Points;
pub use policy::Policy;
pub use range::ScoreRange;
pub use score_input::ScoreInput;
pub use scored_tally::ScoredTally;
pub use sentiment::{Sentiment, SentimentSet};
pub use statistics::deviation_key;
pub use summary::Score;
pub use swing::Swing;
pub use tally::Tally;
pub use unscored::{Group, Unscored};
pub use verdict::Verdict;
pub use weight::{Weight, WeightError};
pub use weighting::Weighting;
