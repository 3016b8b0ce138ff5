//! Scores and distributions of the reviews of films, critics and publications.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Result, SimpleObject};
use macros::{InlineEnum, InlineObject, object};

use crate::{
    error::{code, error_with_code, internal_error},
    graphql::{
        loader,
        path::WithPath,
        selection::{Inlined, InlinedList},
        types::review::ReviewFilterInput,
    },
    review::{
        Owner,
        store::tally::{FilteredTally, basis_of, stored_tally},
    },
    score::{
        Bucket, BucketWidth, Distribution, Policy, PolicyDraft, Score, ScoredTally, Share, Tally,
    },
};

/// The sentiment of a review: that of its score; without a score, the one that its source declared; without that, the
/// one of its recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::score::Sentiment")]
pub enum Sentiment {
    /// By default a score from 61 to 100. Without a score: declared positive, or recommended.
    Positive,
    /// By default a score from 40 to 60. Without a score: declared mixed.
    Mixed,
    /// By default a score from 0 to 39. Without a score: declared negative, or not recommended.
    Negative,
}

/// The label of the band of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::score::Verdict")]
pub enum Verdict {
    /// 81 to 100 by default.
    UniversalAcclaim,
    /// 61 to 80 by default.
    GenerallyFavorable,
    /// 40 to 60 by default.
    MixedOrAverage,
    /// 20 to 39 by default.
    GenerallyUnfavorable,
    /// 0 to 19 by default.
    OverwhelmingDislike,
}

/// A scoring policy. Fields that are null have the value of the default policy. The four thresholds must be strictly
/// descending, and from 1 to 100.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct ScoringPolicyInput {
    /// The minimum number of reviews for a score: 1 to 1,000,000; 4 when null.
    minimum_reviews: Option<i32>,
    /// The lowest score of the verdict `UNIVERSAL_ACCLAIM`; 81 when null.
    acclaim_from: Option<i32>,
    /// The lowest score of the verdict `GENERALLY_FAVORABLE`, and of positive reviews; 61 when null.
    positive_from: Option<i32>,
    /// The lowest score of the verdict `MIXED_OR_AVERAGE`, and of mixed reviews; 40 when null.
    mixed_from: Option<i32>,
    /// The lowest score of the verdict `GENERALLY_UNFAVORABLE`; 20 when null. Scores below it are
    /// `OVERWHELMING_DISLIKE`.
    dislike_below: Option<i32>,
    /// Whether unscored reviews with a sentiment count as the middle of its band if too few reviews have a score; true
    /// when null.
    estimate: Option<bool>,
}

impl ScoringPolicyInput {
    /// Validates a policy; `None` for the default policy.
    fn policy(input: Option<Self>) -> Result<Option<Policy>> {
        let default = PolicyDraft::default();
        let Some(input) = input else {
            return Ok(None);
        };
        let or_default = |value: Option<i32>, default: i64| value.map_or(default, i64::from);
        Policy::new(PolicyDraft {
            minimum_reviews: or_default(input.minimum_reviews, default.minimum_reviews),
            acclaim_from: or_default(input.acclaim_from, default.acclaim_from),
            positive_from: or_default(input.positive_from, default.positive_from),
            mixed_from: or_default(input.mixed_from, default.mixed_from),
            dislike_below: or_default(input.dislike_below, default.dislike_below),
            estimate: input.estimate.unwrap_or(default.estimate),
        })
        .map(Some)
        .map_err(|error| error_with_code(code::OUT_OF_RANGE, error.to_string()))
    }
}

/// Computes the score of an owner's reviews: of all reviews, from the stored tally, or of those that match a filter.
///
/// # Errors
///
/// When the policy or the filter is invalid, or the statement fails.
pub async fn score(
    ctx: &Context<'_>,
    owner: Owner,
    policy: Option<ScoringPolicyInput>,
    filter: Option<ReviewFilterInput>,
) -> Result<Inlined<Score>> {
    let policy = ScoringPolicyInput::policy(policy)?;
    let tally = tally(ctx, owner, filter).await?;
    Ok(Inlined(tally.score(policy.as_ref()).into_owned()))
}

/// Computes the distribution of an owner's reviews.
///
/// # Errors
///
/// See [`score`].
pub async fn distribution(
    ctx: &Context<'_>,
    owner: Owner,
    policy: Option<ScoringPolicyInput>,
    filter: Option<ReviewFilterInput>,
) -> Result<Inlined<ScoreDistribution>> {
    let policy = ScoringPolicyInput::policy(policy)?;
    let tally = tally(ctx, owner, filter).await?;
    Ok(Inlined(ScoreDistribution::new(tally, policy.as_ref())))
}

async fn tally(
    ctx: &Context<'_>,
    owner: Owner,
    filter: Option<ReviewFilterInput>,
) -> Result<Arc<ScoredTally>> {
    let filter = ReviewFilterInput::parse(filter)?;
    let loader = loader(ctx)?;
    let tally = if filter.is_empty() {
        stored_tally(owner, loader).await
    } else {
        loader.load(FilteredTally { owner, filter }).await
    };
    let tally = tally.map_err(|error| internal_error(&error))?;
    Ok(tally.unwrap_or_else(|| Arc::new(ScoredTally::new(Tally::default(), basis_of(owner)))))
}

fn int(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// The score of a set of reviews.
#[object(name = "Score")]
impl Score {
    /// The score: `mean`, rounded half up to a whole number from 0 to 100. Null if there are too few reviews.
    fn value(&self) -> Option<i32> {
        self.value.map(i32::from)
    }

    /// The verdict: the band of `value`; null if `value` is null.
    fn verdict(&self) -> Option<Verdict> {
        self.verdict.map(Verdict::from)
    }

    /// The verdict and the number of reviews in words, such as "Generally favorable reviews - based on 11 Critics" or
    /// "No score yet - based on 2 Critics". For critics and publications it ends with "Reviews" instead of "Critics".
    fn label(&self) -> &str {
        &self.label
    }

    /// The number of reviews, with or without a score.
    fn review_count(&self) -> i32 {
        int(self.review_count)
    }

    /// The number of reviews with a score.
    fn scored_count(&self) -> i32 {
        int(self.scored_count)
    }

    /// The mean of the reviews' scores, weighted by publication and not rounded, 0 to 100; null if `value` is null.
    fn mean(&self) -> Option<f64> {
        self.mean
    }

    /// The unweighted median of the scores; null if no review has a score.
    fn median(&self) -> Option<f64> {
        self.median
    }

    /// The unweighted standard deviation of the scores, as that of a population; null if no review has a score.
    fn standard_deviation(&self) -> Option<f64> {
        self.standard_deviation
    }

    /// The lowest score, 0 to 100; null if no review has a score.
    fn lowest(&self) -> Option<i32> {
        self.lowest.map(i32::from)
    }

    /// The highest score, 0 to 100; null if no review has a score.
    fn highest(&self) -> Option<i32> {
        self.highest.map(i32::from)
    }

    /// The percentage of recommendations among the reviews that recommend the film or advise against it, rounded half
    /// up; null if there are no such reviews.
    fn percent_recommended(&self) -> Option<i32> {
        self.percent_recommended.map(i32::from)
    }

    /// Whether `value` is an estimate: too few reviews have a score, so unscored reviews count as the middle of their
    /// sentiment's band.
    fn estimated(&self) -> bool {
        self.estimated
    }
}

/// The distribution of a set of reviews by sentiment and by score.
#[derive(Debug)]
pub struct ScoreDistribution {
    distribution: Distribution,
    tally: Arc<ScoredTally>,
}

impl ScoreDistribution {
    /// Returns the distribution of a tally under the default policy.
    #[must_use]
    pub fn with_default_policy(tally: &Arc<ScoredTally>) -> Self {
        Self::new(Arc::clone(tally), None)
    }

    fn new(tally: Arc<ScoredTally>, policy: Option<&Policy>) -> Self {
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
