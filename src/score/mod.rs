//! What reviews add up to: pure rules, with no I/O, no clock and no randomness.
//!
//! The database counts and this module judges. A [`Tally`] holds the counts, which are the same
//! whoever asks; a [`Policy`] holds the thresholds and turns a tally into a [`Summary`] (score,
//! verdict, label, statistics), a [`Distribution`] or a leaning. "The score under my rules" is thus
//! the same tally under another policy, and costs no further query.
//!
//! Sums are exact: scores are whole numbers, weights are whole hundredths, and nothing becomes a
//! floating-point number before the last division.

pub(crate) mod row;

mod contradiction;
mod count;
mod distribution;
mod draft;
mod judged;
mod label;
mod leaning;
mod parts;
mod points;
mod policy;
mod rated;
mod ratio;
mod sentiment;
mod statistics;
mod summary;
mod tally;
mod unscored;
mod verdict;
mod weight;

#[cfg(test)]
mod arbitrary;

pub use distribution::{Bucket, BucketWidth, Distribution, Share};
pub use draft::{PolicyDraft, PolicyError, PolicyField};
pub use judged::Judged;
pub use label::Basis;
pub use parts::{TallyError, TallyParts};
pub use points::Points;
pub use policy::Policy;
pub use rated::Rated;
pub use sentiment::{Sentiment, Sentiments};
pub use summary::Summary;
pub use tally::Tally;
pub use unscored::{Group, Unscored};
pub use verdict::Verdict;
pub use weight::Weight;
