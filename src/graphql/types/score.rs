//! Scores and distributions as the API shows them, for films, critics and publications alike.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Result, SimpleObject};
use macros::{InlineEnum, InlineObject, object};

use crate::{
    error::{bad_input, code, internal},
    graphql::{
        loader,
        path::At,
        selection::{Inlined, InlinedList},
        types::review::ReviewFilterInput,
    },
    review::{
        Owner,
        store::tally::{FilteredTally, basis_of, kept_tally},
    },
    score::{
        Bucket, BucketWidth, Distribution, Judged, Policy, PolicyDraft, Share, Summary, Tally,
    },
};

/// What a review says on the whole: of its score if it has one, else as its source declared it, else by the critic's own yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::score::Sentiment")]
pub enum Sentiment {
    /// A score from 61, or declared so, or recommended.
    Positive,
    /// A score from 40 to 60, or declared so.
    Mixed,
    /// A score up to 39, or declared so, or not recommended.
    Negative,
}

/// The name of the band that a score falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::score::Verdict")]
pub enum Verdict {
    /// 81 to 100.
    UniversalAcclaim,
    /// 61 to 80.
    GenerallyFavorable,
    /// 40 to 60.
    MixedOrAverage,
    /// 20 to 39.
    GenerallyUnfavorable,
    /// 0 to 19.
    OverwhelmingDislike,
}

/// Rules of one's own for a score. What is left out or null is as the house has it.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct ScoringPolicyInput {
    /// The fewest reviews that make a score: 1 to 1,000,000. 4 unless said.
    minimum_reviews: Option<i32>,
    /// The lowest score of universal acclaim. 81 unless said. The four edges have to descend, within 1 to 100.
    acclaim_from: Option<i32>,
    /// The lowest score that is positive, or generally favorable. 61 unless said.
    positive_from: Option<i32>,
    /// The lowest score that is mixed. 40 unless said.
    mixed_from: Option<i32>,
    /// Scores below this one are overwhelming dislike. 20 unless said.
    dislike_below: Option<i32>,
    /// Whether unscored reviews with a sentiment count as the middle of its band when too few carry a score. True unless said.
    estimate: Option<bool>,
}

impl ScoringPolicyInput {
    /// `None` for the house's rules.
    fn policy(input: Option<Self>) -> Result<Option<Policy>> {
        let house = PolicyDraft::default();
        let Some(input) = input else {
            return Ok(None);
        };
        let or = |given: Option<i32>, house: i64| given.map_or(house, i64::from);
        Policy::new(PolicyDraft {
            minimum_reviews: or(input.minimum_reviews, house.minimum_reviews),
            acclaim_from: or(input.acclaim_from, house.acclaim_from),
            positive_from: or(input.positive_from, house.positive_from),
            mixed_from: or(input.mixed_from, house.mixed_from),
            dislike_below: or(input.dislike_below, house.dislike_below),
            estimate: input.estimate.unwrap_or(house.estimate),
        })
        .map(Some)
        .map_err(|error| bad_input(code::OUT_OF_RANGE, error.to_string()))
    }
}

/// Judges the reviews of an owner: all of them, by the tally that is kept, or those that a filter lets through.
///
/// # Errors
///
/// When the policy or the filter can't be, or the filtered reviews could not be counted.
pub async fn score(
    ctx: &Context<'_>,
    owner: Owner,
    policy: Option<ScoringPolicyInput>,
    filter: Option<ReviewFilterInput>,
) -> Result<Inlined<Summary>> {
    let policy = ScoringPolicyInput::policy(policy)?;
    let tally = tally(ctx, owner, filter).await?;
    Ok(Inlined(tally.summary(policy.as_ref()).into_owned()))
}

/// Sorts the reviews of an owner into bands.
///
/// # Errors
///
/// As [`score`].
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
) -> Result<Arc<Judged>> {
    let filter = ReviewFilterInput::parse(filter)?;
    let loader = loader(ctx)?;
    let found = if filter.is_empty() {
        kept_tally(owner, loader).await
    } else {
        loader.load(FilteredTally { owner, filter }).await
    };
    let found = found.map_err(|error| internal(&error))?;
    Ok(found.unwrap_or_else(|| Arc::new(Judged::new(Tally::default(), basis_of(owner)))))
}

fn int(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// What reviews add up to.
#[object(name = "Score")]
impl Summary {
    /// The mean of the reviews' scores, weighted by publication and rounded half up, 0 to 100. Null when too few reviews say anything.
    fn value(&self) -> Option<i32> {
        self.value.map(i32::from)
    }

    /// The band that the value falls into; null when there is no value.
    fn verdict(&self) -> Option<Verdict> {
        self.verdict.map(Verdict::from)
    }

    /// The verdict and the number of all reviews in words, such as "Generally favorable reviews - based on 11 Critics", or "No score yet -
    /// based on 2 Critics". Of a critic or a publication it is based on reviews.
    fn label(&self) -> &str {
        &self.label
    }

    /// How many reviews there are, scored or not.
    fn review_count(&self) -> i32 {
        int(self.review_count)
    }

    /// How many of them carry a score.
    fn scored_count(&self) -> i32 {
        int(self.scored_count)
    }

    /// The mean that the value is the rounding of; null when there is no value.
    fn mean(&self) -> Option<f64> {
        self.mean
    }

    /// The middle one of the scores that were given, or the mean of the middle two; null when none was. Not weighted.
    fn median(&self) -> Option<f64> {
        self.median
    }

    /// How far the scores that were given stray from their mean (the population's standard deviation, not weighted); null when none was.
    fn standard_deviation(&self) -> Option<f64> {
        self.standard_deviation
    }

    /// The lowest score that was given; null when none was.
    fn lowest(&self) -> Option<i32> {
        self.lowest.map(i32::from)
    }

    /// The highest score that was given; null when none was.
    fn highest(&self) -> Option<i32> {
        self.highest.map(i32::from)
    }

    /// Of those critics who say yes or no, how many in a hundred say yes, rounded half up; null when nobody does.
    fn percent_recommended(&self) -> Option<i32> {
        self.percent_recommended.map(i32::from)
    }

    /// Whether too few reviews carry a score, so that unscored ones were counted as the middle of the band of their sentiment.
    fn estimated(&self) -> bool {
        self.estimated
    }
}

/// How the reviews spread.
#[derive(Debug)]
pub struct ScoreDistribution {
    distribution: Distribution,
    tally: Arc<Judged>,
}

impl ScoreDistribution {
    /// How a tally spreads under the house's rules.
    #[must_use]
    pub fn with_default_policy(tally: &Arc<Judged>) -> Self {
        Self::new(Arc::clone(tally), None)
    }

    fn new(tally: Arc<Judged>, policy: Option<&Policy>) -> Self {
        Self {
            distribution: tally.distribution(policy),
            tally,
        }
    }
}

/// How the reviews spread over sentiments and scores.
#[object]
impl ScoreDistribution {
    /// How many reviews there are.
    fn total(&self) -> i32 {
        int(self.tally.review_count())
    }

    /// The positive ones.
    fn positive(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.positive.into())
    }

    /// The mixed ones.
    fn mixed(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.mixed.into())
    }

    /// The negative ones.
    fn negative(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.negative.into())
    }

    /// Those with neither a score nor a sentiment nor a recommendation.
    fn unrated(&self) -> Inlined<ScoreShare> {
        Inlined(self.distribution.unrated.into())
    }

    /// The scores that were given, counted in buckets. Unscored reviews are in none.
    #[without_arguments(InlinedList(self.tally.histogram(BucketWidth::default())))]
    fn histogram(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many scores a bucket holds, 1 to 100. The last bucket takes 100 along, or what is left.",
            default = 10
        )]
        // A variable that isn't given comes as null, where the default is meant.
        width: Option<i32>,
    ) -> Result<InlinedList<Bucket>> {
        let Some(width) = width else {
            return Ok(InlinedList(self.tally.histogram(BucketWidth::default())));
        };
        let width = BucketWidth::new(i64::from(width)).ok_or_else(|| {
            bad_input(
                code::OUT_OF_RANGE,
                format!("a bucket's `width` is 1 to 100, not {width}"),
            )
        });
        Ok(InlinedList(self.tally.histogram(width.at(ctx)?)))
    }
}

/// A part of the reviews.
#[derive(Debug, InlineObject, SimpleObject)]
pub struct ScoreShare {
    /// How many they are.
    count: i32,
    /// How many in a hundred of all reviews, not rounded; 0 when there are no reviews.
    percent: f64,
    /// In words, such as "9 out of 11".
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

/// The scores from one to another.
#[object(name = "ScoreBucket")]
impl Bucket {
    /// The lowest score of the bucket, 0 to 100.
    fn from(&self) -> i32 {
        self.from.into()
    }

    /// The highest score of the bucket, which belongs to it.
    fn to(&self) -> i32 {
        self.to.into()
    }

    /// How many reviews gave such a score.
    fn count(&self) -> i32 {
        int(self.count)
    }
}
