//! Published scores as the API shows them.

use async_graphql::{Enum, SimpleObject};
use macros::InlineEnum;

use crate::{published_score::PublishedScore, score::Tally};

/// What another source says of a film, beside our own score.
#[derive(Debug, SimpleObject)]
#[graphql(name = "PublishedScore")]
pub struct PublishedScoreObject {
    /// Where it was read.
    source: String,
    /// What the figure measures.
    kind: PublishedScoreKind,
    /// The figure, 0 to 100; null when the source gives only words.
    value: Option<i32>,
    /// As the source words it, such as "Generally favorable reviews"; null when it gives only a figure.
    label: Option<String>,
    /// How many reviews the source counts; null when it doesn't say.
    review_count: Option<i32>,
    /// How many of them it calls positive; null when it doesn't say.
    positive_count: Option<i32>,
    /// How many of them it calls mixed; null when it doesn't say.
    mixed_count: Option<i32>,
    /// How many of them it calls negative; null when it doesn't say.
    negative_count: Option<i32>,
    /// Whether everything that it says is what Marquee computes from the film's reviews.
    agrees: bool,
}

/// What a published figure measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::published_score::Kind")]
pub enum PublishedScoreKind {
    /// A mean of scores, or the name of its band.
    Score,
    /// The share of critics who say yes, in percent.
    PercentRecommended,
}

impl PublishedScoreObject {
    /// Shows what a source says beside what the film's reviews add up to.
    #[must_use]
    pub fn new(published: PublishedScore, tally: &Tally) -> Self {
        let agrees = published.agrees(tally);
        let count =
            |count: Option<u32>| count.map(|count| i32::try_from(count).unwrap_or(i32::MAX));
        Self {
            source: published.source,
            kind: published.kind.into(),
            value: published.value.map(i32::from),
            label: published.label,
            review_count: count(published.review_count),
            positive_count: count(published.positive_count),
            mixed_count: count(published.mixed_count),
            negative_count: count(published.negative_count),
            agrees,
        }
    }
}
