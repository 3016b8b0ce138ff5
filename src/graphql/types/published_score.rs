//! The type `PublishedScore`.

use async_graphql::{Enum, SimpleObject};
use macros::InlineEnum;

use crate::{
    graphql::int,
    published_score::PublishedScore,
    score::{Policy, Tally},
};

/// A score of a film that another source has published.
#[derive(Debug, SimpleObject)]
#[graphql(name = "PublishedScore")]
pub struct PublishedScoreObject {
    /// The name of the source.
    source: String,
    /// The kind of the score.
    kind: PublishedScoreKind,
    /// Who gave the scores. A source may publish a score of critics and another one of the public.
    audience: PublishedScoreAudience,
    /// The value, 0 to 100, converted from `scale`; null if the source gives only a label.
    value: Option<i32>,
    /// The maximum of the source's scale, such as 5, 10 or 100; null if it is unknown, or if the source gives only a label.
    scale: Option<i32>,
    /// The value as the source wrote it, such as "7.9"; null if it is unknown, or if the source gives only a label.
    original_value: Option<String>,
    /// The source's label, such as "Generally favorable reviews"; null if the source gives only a value.
    label: Option<String>,
    /// The source's number of reviews; null if the source doesn't give it.
    review_count: Option<i32>,
    /// The source's number of positive reviews; null if the source doesn't give it.
    positive_count: Option<i32>,
    /// The source's number of mixed reviews; null if the source doesn't give it.
    mixed_count: Option<i32>,
    /// The source's number of negative reviews; null if the source doesn't give it.
    negative_count: Option<i32>,
    /// Whether all values that the source gives equal those that Marquee computes from the film's reviews under
    /// the rules of the site; null if `audience` is `PUBLIC`, because all reviews are those of critics.
    agrees: Option<bool>,
}

/// The kind of a published score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::published_score::Kind")]
pub enum PublishedScoreKind {
    /// A mean of scores, or the label of its band.
    Score,
    /// The percentage of the audience that recommends the film.
    PercentRecommended,
}

/// Who gave the scores that a published score is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::published_score::Audience")]
pub enum PublishedScoreAudience {
    /// Critics.
    Critics,
    /// The public, such as the users of a site.
    Public,
}

impl PublishedScoreObject {
    /// Converts a published score, and compares it with the tally of the film's reviews under a policy.
    #[must_use]
    pub fn new(published: PublishedScore, tally: &Tally, policy: &Policy) -> Self {
        let agrees = published.agrees(tally, policy);
        let count = |count: Option<u32>| count.map(int);
        Self {
            source: published.source,
            kind: published.kind.into(),
            audience: published.audience.into(),
            value: published.value.map(i32::from),
            scale: published.scale.map(|scale| i32::from(scale.get())),
            original_value: published.original_value,
            label: published.label,
            review_count: count(published.review_count),
            positive_count: count(published.positive_count),
            mixed_count: count(published.mixed_count),
            negative_count: count(published.negative_count),
            agrees,
        }
    }
}
