//! Published scores: the scores of films that other sources have published.

pub mod store;

use std::num::NonZeroU16;

use serde::Deserialize;

use crate::score::{Basis, NO_SCORE, Policy, Tally, Verdict};

/// A source's published score of a film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedScore {
    /// The name of the source.
    pub source: String,
    /// The kind of the score.
    pub kind: Kind,
    /// Who gave the scores.
    pub audience: Audience,
    /// The value, 0 to 100.
    pub value: Option<u8>,
    /// The maximum of the source.
    pub scale: Option<NonZeroU16>,
    /// The value as the source wrote it.
    pub original_value: Option<String>,
    /// The label in the source's words.
    pub label: Option<String>,
    /// The source's number of reviews.
    pub review_count: Option<u32>,
    /// The source's number of positive reviews.
    pub positive_count: Option<u32>,
    /// The source's number of mixed reviews.
    pub mixed_count: Option<u32>,
    /// The source's number of negative reviews.
    pub negative_count: Option<u32>,
}

/// A kind of published score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A mean of scores, or the label of its band.
    Score,
    /// The percentage of the audience that recommends the film.
    PercentRecommended,
}

/// Who gave the scores that a published score is computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Critics.
    #[default]
    Critics,
    /// The public, such as the users of a site.
    Public,
}

/// The largest maximum of a published score.
pub const MAX_SCALE: u16 = 1_000;

impl PublishedScore {
    /// Returns whether all values of the source equal those that Marquee computes from the film's reviews under a
    /// policy. `None` for a score of the public, which reviews of critics say nothing about.
    #[must_use]
    pub fn agrees(&self, tally: &Tally, policy: &Policy) -> Option<bool> {
        match self.audience {
            Audience::Critics => Some(self.agrees_with_critics(tally, policy)),
            Audience::Public => None,
        }
    }

    fn agrees_with_critics(&self, tally: &Tally, policy: &Policy) -> bool {
        let distribution = policy.distribution(tally);
        let value = match self.kind {
            Kind::Score => policy.value(tally).map(u8::from),
            Kind::PercentRecommended => tally.percent_recommended(),
        };
        let score = policy.score(tally, Basis::Critics);
        let label = score.verdict.map_or(NO_SCORE, Verdict::label);
        agrees_if_given(self.value, value)
            && agrees_if_given(self.label.as_deref(), Some(label))
            && agrees_if_given(self.review_count, Some(distribution.total))
            && agrees_if_given(self.positive_count, Some(distribution.positive.count))
            && agrees_if_given(self.mixed_count, Some(distribution.mixed.count))
            && agrees_if_given(self.negative_count, Some(distribution.negative.count))
    }
}

/// Returns whether the source's value equals the computed one. A missing value agrees with any.
fn agrees_if_given<T: PartialEq + Copy>(published: Option<T>, distribution: Option<T>) -> bool {
    published.is_none() || published == distribution
}

#[cfg(test)]
mod tests;
