//! Scores and distributions of the reviews of films, critics and publications.

use std::sync::Arc;

use async_graphql::{Context, Enum, Result};
use macros::{InlineEnum, object};

use super::{score_distribution::ScoreDistribution, scoring_policy::ScoringPolicyInput};
use crate::{
    error::internal_error,
    graphql::{
        int, language, loader, scalar::Locale, selection::Inlined, site_rules,
        types::review::filter::ReviewFilterInput,
    },
    review::{
        owner::Owner,
        store::tally::{FilteredTally, basis_of, stored_tally},
    },
    score::{Score, ScoredTally, Tally},
    site_rules::SiteRules,
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
    let rules = site_rules(ctx).await?;
    let policy = ScoringPolicyInput::policy(policy, &rules)?;
    let tally = tally(ctx, owner, filter, &rules).await?;
    let site_score = || tally.site_score(&rules.policy).into_owned();
    let score = policy.map_or_else(site_score, |policy| tally.score(&policy));
    Ok(Inlined(score))
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
    let rules = site_rules(ctx).await?;
    let policy = ScoringPolicyInput::policy(policy, &rules)?;
    let tally = tally(ctx, owner, filter, &rules).await?;
    let policy = policy.unwrap_or(rules.policy);
    Ok(Inlined(ScoreDistribution::new(tally, &policy)))
}

pub(super) async fn tally(
    ctx: &Context<'_>,
    owner: Owner,
    filter: Option<ReviewFilterInput>,
    rules: &SiteRules,
) -> Result<Arc<ScoredTally>> {
    let filter = ReviewFilterInput::resolve(ctx, filter, rules.policy.bands()).await?;
    let loader = loader(ctx)?;
    let tally = if filter.is_empty() {
        stored_tally(owner, loader).await
    } else {
        loader.load(FilteredTally { owner, filter }).await
    };
    let tally = tally.map_err(|error| internal_error(&error))?;
    Ok(tally.unwrap_or_else(|| Arc::new(ScoredTally::new(Tally::default(), basis_of(owner)))))
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

    /// The verdict in words, such as "Generally favorable reviews" or "Überwiegend positiv"; null if `value` is null.
    #[localized(self.verdict.map(|verdict| language.verdict_label(verdict)))]
    #[price(Nothing)]
    fn verdict_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the label; when null, the one of the header Accept-Language. English if there are no labels in it."
        )]
        locale: Option<Locale>,
    ) -> Result<Option<String>> {
        let language = language(ctx, locale)?;
        let label = |verdict| language.verdict_label(verdict).to_string();
        Ok(self.verdict.map(label))
    }

    /// The verdict and the number of critics in words, such as "Generally favorable reviews - based on 11 Critics" or
    /// "Überwiegend positiv – 11 Kritiken". Critics and publications have the number of reviews instead: "based on 11 Reviews".
    /// Without a score, how many of the required reviews there are: "No score yet - 3 of 4 reviews".
    #[localized(language.score_label(self.label))]
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
        Ok(language.score_label(self.label).to_string())
    }

    /// The number of reviews, with or without a score.
    fn review_count(&self) -> i32 {
        int(self.review_count)
    }

    /// The number of critics of a film, as in `label`: several reviews by one critic count once, and a review without a
    /// critic counts as one by a critic of its own. For a critic or a publication, it equals `reviewCount`.
    fn critic_count(&self) -> i32 {
        int(self.critic_count)
    }

    /// The number of reviews with a score.
    fn scored_count(&self) -> i32 {
        int(self.scored_count)
    }

    /// The number of reviews that count towards `requiredCount`: those with a score, and, if the policy allows estimates,
    /// the unscored ones with a sentiment. `value` is null if it is less than `requiredCount`.
    fn counted_count(&self) -> i32 {
        int(self.counted_count)
    }

    /// The number of reviews that a score needs.
    fn required_count(&self) -> i32 {
        int(self.required_count)
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

    /// Whether `value` is an estimate: too few reviews have a score, so unscored reviews count as the middle of
    /// their sentiment's band.
    fn estimated(&self) -> bool {
        self.estimated
    }
}
