//! The scoring policy that a client may pass.

use async_graphql::{Enum, InputObject, Result};
use macros::InlineEnum;

use crate::{
    error::{code, error_with_code},
    score::{Policy, PolicyDraft},
    site_rules::SiteRules,
};

/// How the reviews count in a mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::score::Weighting")]
pub enum Weighting {
    /// Each review by the weight of its publication.
    ByPublication,
    /// All reviews alike.
    Equal,
}

/// A scoring policy. Fields that are null have the value of the rules of the site. The four thresholds must be strictly
/// descending, and from 1 to 100.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct ScoringPolicyInput {
    /// The minimum number of reviews for a score: 1 to 1,000,000.
    minimum_reviews: Option<i32>,
    /// The lowest score of the verdict `UNIVERSAL_ACCLAIM`.
    acclaim_from: Option<i32>,
    /// The lowest score of the verdict `GENERALLY_FAVORABLE`, and of positive reviews.
    positive_from: Option<i32>,
    /// The lowest score of the verdict `MIXED_OR_AVERAGE`, and of mixed reviews.
    mixed_from: Option<i32>,
    /// The lowest score of the verdict `GENERALLY_UNFAVORABLE`. Scores below it are `OVERWHELMING_DISLIKE`.
    dislike_below: Option<i32>,
    /// Whether unscored reviews with a sentiment count as the middle of its band if too few reviews have a score.
    estimate: Option<bool>,
    /// How the reviews count in the mean.
    weighting: Option<Weighting>,
}

impl ScoringPolicyInput {
    /// Validates a policy; `None` for that of the site.
    pub(super) fn policy(input: Option<Self>, rules: &SiteRules) -> Result<Option<Policy>> {
        let default = rules.policy_draft();
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
            weighting: input.weighting.map_or(default.weighting, Into::into),
        })
        .map(Some)
        .map_err(|error| error_with_code(code::OUT_OF_RANGE, error.to_string()))
    }
}
