//! The type `ScoreDistribution`.

use std::sync::Arc;

use async_graphql::{Context, Result};
use macros::object;

use crate::{
    error::{code, error_with_code},
    graphql::{
        int, language,
        path::WithPath,
        scalar::Locale,
        selection::{Inlined, InlinedList},
    },
    score::{Bucket, BucketWidth, Distribution, Policy, ScoredTally, Sentiment, Share},
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
        Inlined(ScoreShare {
            share: self.distribution.positive,
            sentiment: Some(Sentiment::Positive),
        })
    }

    /// The mixed reviews.
    fn mixed(&self) -> Inlined<ScoreShare> {
        Inlined(ScoreShare {
            share: self.distribution.mixed,
            sentiment: Some(Sentiment::Mixed),
        })
    }

    /// The negative reviews.
    fn negative(&self) -> Inlined<ScoreShare> {
        Inlined(ScoreShare {
            share: self.distribution.negative,
            sentiment: Some(Sentiment::Negative),
        })
    }

    /// The reviews with neither a score nor a sentiment nor a recommendation.
    fn unrated(&self) -> Inlined<ScoreShare> {
        Inlined(ScoreShare {
            share: self.distribution.unrated,
            sentiment: None,
        })
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
#[derive(Clone, Copy, Debug)]
pub struct ScoreShare {
    share: Share,
    /// The sentiment of the reviews; `None` for those without one.
    sentiment: Option<Sentiment>,
}

/// A share of the reviews.
#[object]
impl ScoreShare {
    /// The number of reviews in the share.
    fn count(&self) -> i32 {
        int(self.share.count)
    }

    /// The percentage of all reviews, 0 to 100, not rounded; 0 if there are no reviews.
    fn percent(&self) -> f64 {
        self.share.percent()
    }

    /// The share in words, such as "9 out of 11" or "9 von 11".
    #[localized(language.share_label(self.share))]
    #[price(Nothing)]
    fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the label; when null, the one of the header Accept-Language. English if there are no labels in it."
        )]
        locale: Option<Locale>,
    ) -> Result<String> {
        let language = language(ctx, locale)?;
        Ok(language.share_label(self.share).to_string())
    }

    /// The name of the share, such as "Positive" or "Positiv".
    #[localized(language.share_name(self.sentiment))]
    #[price(Nothing)]
    fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the name; when null, the one of the header Accept-Language. English if there are no labels in it."
        )]
        locale: Option<Locale>,
    ) -> Result<String> {
        let language = language(ctx, locale)?;
        Ok(language.share_name(self.sentiment).to_string())
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
