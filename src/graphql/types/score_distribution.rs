//! The type `ScoreDistribution`.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use macros::{InlineObject, object};

use crate::{
    error::{code, error_with_code},
    graphql::{
        int,
        path::WithPath,
        selection::{Inlined, InlinedList},
    },
    score::{Bucket, BucketWidth, Distribution, Policy, ScoredTally, Share},
    site_rules::SiteRules,
};

/// The distribution of a set of reviews by sentiment and by score.
#[derive(Debug)]
pub struct ScoreDistribution {
    distribution: Distribution,
    tally: Arc<ScoredTally>,
}

impl ScoreDistribution {
    /// Returns the distribution of a tally under the rules of the site.
    #[must_use]
    pub fn under_site_rules(tally: &Arc<ScoredTally>, rules: &SiteRules) -> Self {
        Self {
            distribution: tally.site_distribution(&rules.policy),
            tally: Arc::clone(tally),
        }
    }

    pub(super) fn new(tally: Arc<ScoredTally>, policy: &Policy) -> Self {
        Self {
            distribution: tally.distribution(policy),
            tally,
        }
    }
}

/// The distribution of a set of reviews by sentiment and by score.
#[object]
impl ScoreDistribution {
    /// The number of reviews.
    fn total(&self) -> i32 {
        int(self.tally.review_count())
    }

    /// The positive reviews.
    fn positive(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.positive.into())
    }

    /// The mixed reviews.
    fn mixed(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.mixed.into())
    }

    /// The negative reviews.
    fn negative(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.negative.into())
    }

    /// The reviews with neither a score nor a sentiment nor a recommendation.
    fn unrated(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.unrated.into())
    }

    /// The reviews with a score, counted in buckets from 0 to 100 without gaps. Empty buckets are included.
    #[without_arguments(InlinedList(self.tally.histogram(BucketWidth::default())))]
    #[price(Nothing)]
    fn histogram(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The width of a bucket in points, 1 to 100. The last bucket can be narrower, or wider by one to include 100.",
            default = 10
        )]
        // async-graphql passes an omitted variable as null instead of the default.
        width: Option<i32>,
    ) -> Result<InlinedList<Bucket>> {
        let Some(width) = width else {
            return Ok(InlinedList(self.tally.histogram(BucketWidth::default())));
        };
        let width = BucketWidth::new(i64::from(width)).ok_or_else(|| {
            error_with_code(
                code::OUT_OF_RANGE,
                format!("`width` must be from 1 to 100, not {width}"),
            )
        });
        Ok(InlinedList(self.tally.histogram(width.with_path(ctx)?)))
    }
}

/// A share of the reviews.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct ScoreShare {
    /// The number of reviews in the share.
    count: i32,
    /// The percentage of all reviews, 0 to 100, not rounded; 0 if there are no reviews.
    percent: f64,
    /// The share in words, such as "9 out of 11".
    label: String,
}

impl From<Share> for ScoreShare {
    fn from(share: Share) -> Self {
        Self {
            count: int(share.count),
            percent: share.percent(),
            label: share.label(),
        }
    }
}

/// The number of reviews with a score in a range.
#[object(name = "ScoreBucket")]
impl Bucket {
    /// The lowest score of the bucket, 0 to 100.
    fn from(&self) -> i32 {
        self.from.into()
    }

    /// The highest score of the bucket, inclusive.
    fn to(&self) -> i32 {
        self.to.into()
    }

    /// The number of reviews with a score in the bucket.
    fn count(&self) -> i32 {
        int(self.count)
    }
}
