//! The scoring policy that a client may pass.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, InputObject, Result};
use futures_util::future::{try_join, try_join_all};
use macros::InlineEnum;

use crate::{
    critic::CriticId,
    error::{code, error_with_code},
    graphql::{
        constraint::{BY_TYPE, WEIGHTS, constraint},
        lookup::{NO_ROW, RowReference},
        scalar::Date,
        types::{critic::reference::CriticBy, publication::reference::PublicationBy},
    },
    publication::PublicationId,
    review::counting::{Counting, CustomWeights, RepeatedWeight},
    score::{Policy, PolicyDraft, Weight},
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

/// A scoring policy. Fields that are null have the value of the rules of the site, or restrict nothing. The four
/// thresholds must be strictly descending, and from 1 to 100.
#[derive(Clone, Debug, Default, InputObject)]
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
    /// The weights of publications, which replace those of the site, or 1 if `weighting` is `EQUAL`; at most 100.
    #[graphql(directive = constraint::apply(BY_TYPE, WEIGHTS))]
    publication_weights: Option<Vec<PublicationWeightInput>>,
    /// The weights of critics, which replace those of the publications of their reviews; at most 100.
    #[graphql(directive = constraint::apply(BY_TYPE, WEIGHTS))]
    critic_weights: Option<Vec<CriticWeightInput>>,
    /// Whether only reviews by critics count whom their source lists as top critics.
    top_critics_only: Option<bool>,
    /// Only reviews published on this date or later count. A review without a date doesn't.
    reviewed_from: Option<Date>,
    /// Only reviews published on this date or earlier count. A review without a date doesn't.
    reviewed_to: Option<Date>,
    /// The critic whose reviews don't count.
    exclude_critic: Option<CriticBy>,
}

/// The weight of the reviews in a publication.
#[derive(Clone, Debug, InputObject)]
pub struct PublicationWeightInput {
    /// The publication.
    publication: PublicationBy,
    /// The weight of its reviews: 0.01 to 100, with at most two decimal places.
    weight: f64,
}

/// The weight of the reviews by a critic.
#[derive(Clone, Debug, InputObject)]
pub struct CriticWeightInput {
    /// The critic.
    critic: CriticBy,
    /// The weight of their reviews: 0.01 to 100, with at most two decimal places.
    weight: f64,
}

impl ScoringPolicyInput {
    /// Resolves a policy: validates it, looks up its critics and publications, and restricts which reviews count.
    ///
    /// # Errors
    ///
    /// `OUT_OF_RANGE` if a number is; `INVALID_ID`, `AMBIGUOUS` or `NOT_FOUND` if a reference is invalid; `INVALID_VALUE`
    /// if a critic or a publication has several weights; `UNAVAILABLE` or `INTERNAL` if a statement fails.
    pub(super) async fn resolve(
        mut self,
        ctx: &Context<'_>,
        rules: &SiteRules,
        counting: Counting,
    ) -> Result<(Option<Policy>, Counting)> {
        let mut draft = self.draft(rules);
        let [since, until] = [self.reviewed_from, self.reviewed_to].map(|day| day.map(|day| day.0));
        let mut counting = counting.within(since, until);
        counting.is_top_critics_only = self.top_critics_only == Some(true);
        if let Some(critic) = self.exclude_critic.take() {
            let critic = Box::pin(required(ctx, critic, "excludeCritic")).await?;
            counting.without_critic = Some(CriticId(critic));
        }
        let is_equal = Weighting::from(draft.weighting) == Weighting::Equal;
        let weights = Box::pin(self.weights(ctx, is_equal)).await?;
        if !weights.is_empty() {
            counting.weights = Some(Arc::new(weights));
            // The tally has the weights that count.
            draft.weighting = Weighting::ByPublication.into();
        }
        let policy = Policy::new(draft)
            .map_err(|error| error_with_code(code::OUT_OF_RANGE, error.to_string()))?;
        Ok((Some(policy), counting))
    }

    /// Returns the draft of the policy.
    fn draft(&self, rules: &SiteRules) -> PolicyDraft {
        let default = rules.policy_draft();
        let or_default = |value: Option<i32>, default: i64| value.map_or(default, i64::from);
        PolicyDraft {
            minimum_reviews: or_default(self.minimum_reviews, default.minimum_reviews),
            acclaim_from: or_default(self.acclaim_from, default.acclaim_from),
            positive_from: or_default(self.positive_from, default.positive_from),
            mixed_from: or_default(self.mixed_from, default.mixed_from),
            dislike_below: or_default(self.dislike_below, default.dislike_below),
            estimate: self.estimate.unwrap_or(default.estimate),
            weighting: self.weighting.map_or(default.weighting, Into::into),
        }
    }

    /// Returns the custom weights. The critics and publications are looked up at the same time, so that one statement
    /// finds all that are given in the same form.
    async fn weights(&mut self, ctx: &Context<'_>, is_equal: bool) -> Result<CustomWeights> {
        let critics = self.critic_weights.take().unwrap_or_default();
        let critics = critics.into_iter().enumerate();
        let critics = critics.map(|(index, given)| async move {
            let field = format!("criticWeights[{index}]");
            let weight = weight(&field, given.weight)?;
            let critic = required(ctx, given.critic, &format!("{field}.critic")).await?;
            Ok::<_, Error>((CriticId(critic), weight))
        });
        let publications = self.publication_weights.take().unwrap_or_default();
        let publications = publications.into_iter().enumerate();
        let publications = publications.map(|(index, given)| async move {
            let field = format!("publicationWeights[{index}]");
            let weight = weight(&field, given.weight)?;
            let field = format!("{field}.publication");
            let publication = required(ctx, given.publication, &field).await?;
            Ok::<_, Error>((PublicationId(publication), weight))
        });
        let (critics, publications) =
            try_join(try_join_all(critics), try_join_all(publications)).await?;
        CustomWeights::new(critics, publications, is_equal).map_err(|repeated| {
            let (noun, field) = match repeated {
                RepeatedWeight::Critic => ("critic", "criticWeights"),
                RepeatedWeight::Publication => ("publication", "publicationWeights"),
            };
            let message = format!("`{field}` has several weights of a {noun}; give one of them");
            error_with_code(code::INVALID_VALUE, message)
        })
    }

    /// Returns how many rows the policy has to look up before its reviews can be read.
    #[must_use]
    pub fn lookups(&self) -> u64 {
        let critics = self.critic_weights.iter().flatten();
        let publications = self.publication_weights.iter().flatten();
        let is_looked_up = |given: &CriticBy| !matches!(given, CriticBy::Id(_));
        let critics = critics.filter(|given| is_looked_up(&given.critic)).count();
        let publications = publications
            .filter(|given| !matches!(given.publication, PublicationBy::Id(_)))
            .count();
        let excluded = self.exclude_critic.iter().filter(|it| is_looked_up(it));
        (critics + publications + excluded.count()) as u64
    }

    /// Returns how the reviews count; `None` for the rules of the site.
    #[must_use]
    pub fn weighting(&self) -> Option<crate::score::Weighting> {
        self.weighting.map(Into::into)
    }

    /// Returns which reviews count, as far as the cost of counting them depends on it: with any critic for those that have
    /// to be looked up, and with any weights. `counting` is that of the other arguments.
    #[must_use]
    pub fn estimated_counting(&self, counting: Counting) -> Counting {
        let [since, until] = [self.reviewed_from, self.reviewed_to].map(|day| day.map(|day| day.0));
        let mut counting = counting.within(since, until);
        counting.is_top_critics_only = self.top_critics_only == Some(true);
        counting.without_critic = self.exclude_critic.as_ref().map(|_| CriticId(NO_ROW));
        let is_empty = |length: Option<usize>| length.is_none_or(|length| length == 0);
        let has_weights = !is_empty(self.critic_weights.as_ref().map(Vec::len))
            || !is_empty(self.publication_weights.as_ref().map(Vec::len));
        counting.weights = has_weights.then(Arc::default);
        counting
    }
}

/// Looks up a row.
async fn required(ctx: &Context<'_>, reference: impl RowReference, field: &str) -> Result<i64> {
    let found = reference.look_up(ctx).await?;
    found.into_key()?.ok_or_else(|| {
        let message = format!("`{field}` does not exist; it may have been deleted");
        error_with_code(code::NOT_FOUND, message)
    })
}

/// Converts a weight.
fn weight(field: &str, weight: f64) -> Result<Weight> {
    Weight::from_factor(weight).map_err(|_| {
        let message = format!(
            "`{field}.weight` must be from 0.01 to 100, with at most two decimal places, not {weight:?}"
        );
        error_with_code(code::OUT_OF_RANGE, message)
    })
}
