//! Scores and distributions of the reviews of films, critics and publications.

use std::sync::Arc;

use async_graphql::{Context, Enum, Result};
use macros::{InlineEnum, object};

use super::{
    score_distribution::ScoreDistribution,
    score_explanation::{ScoreContribution, explain, range},
    scoring_policy::ScoringPolicyInput,
};
use crate::{
    error::internal_error,
    graphql::{
        connection::Connection,
        int, language, loader, page_request,
        path::WithPath,
        scalar::{Date, Locale},
        selection::Inlined,
        site_rules, to_nullable_field,
        types::review::filter::ReviewFilterInput,
    },
    pagination::PageArgs,
    review::{
        counting::Counting,
        owner::Owner,
        store::{
            explanation,
            tally::{CountedTally, basis_of, stored_tally},
        },
    },
    score::{Policy, Score, ScoreRange, ScoredTally, Swing, Tally},
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

/// The reviews that a score is computed from.
#[derive(Clone, Debug)]
pub struct CountedReviews {
    /// The owner of the reviews.
    pub owner: Owner,
    /// Which of them count, and by which weights.
    pub counting: Counting,
}

/// The score of a set of reviews, with what explains it.
#[derive(Debug)]
pub struct ScoreObject {
    score: Score,
    policy: Policy,
    tally: Arc<ScoredTally>,
    /// The reviews; `None` if they are not stored, because the score is a preview.
    reviews: Option<CountedReviews>,
}

impl ScoreObject {
    /// Returns the score of all reviews of an owner under the rules of the site; without an owner, that of a preview.
    #[must_use]
    pub fn under_site_rules(
        owner: Option<Owner>,
        tally: &Arc<ScoredTally>,
        rules: &SiteRules,
    ) -> Self {
        Self {
            score: tally.site_score(&rules.policy).into_owned(),
            policy: rules.policy,
            tally: Arc::clone(tally),
            reviews: owner.map(|owner| CountedReviews {
                owner,
                counting: Counting::default(),
            }),
        }
    }
}

/// The arguments of a score: by which rules it is computed, and from which reviews.
#[derive(Debug, Default)]
pub struct ScoreArguments {
    /// The policy; the rules of the site when `None`.
    pub policy: Option<ScoringPolicyInput>,
    /// The filter of the reviews.
    pub filter: Option<ReviewFilterInput>,
    /// The day until which reviews count.
    pub as_of: Option<Date>,
}

impl ScoreArguments {
    /// Resolves the arguments: the policy, `None` for that of the site, and which reviews count.
    pub(super) async fn resolve(
        self,
        ctx: &Context<'_>,
        rules: &SiteRules,
    ) -> Result<(Option<Policy>, Counting)> {
        let filter = ReviewFilterInput::resolve(ctx, self.filter, rules.policy.bands()).await?;
        let counting = Counting::of_filter(filter).within(None, self.as_of.map(|day| day.0));
        match self.policy {
            Some(policy) => policy.resolve(ctx, rules, counting).await,
            None => Ok((None, counting)),
        }
    }
}

/// Computes the score of an owner's reviews: of all reviews, from the stored tally, or of those that count.
///
/// # Errors
///
/// When an argument is invalid, or a statement fails.
pub async fn score(
    ctx: &Context<'_>,
    owner: Owner,
    arguments: ScoreArguments,
) -> Result<Inlined<ScoreObject>> {
    let rules = site_rules(ctx).await?;
    let (policy, counting) = arguments.resolve(ctx, &rules).await?;
    let reviews = CountedReviews { owner, counting };
    let tally = tally(ctx, reviews.clone()).await?;
    let site_score = || tally.site_score(&rules.policy).into_owned();
    Ok(Inlined(ScoreObject {
        score: policy.map_or_else(site_score, |policy| tally.score(&policy)),
        policy: policy.unwrap_or(rules.policy),
        tally,
        reviews: Some(reviews),
    }))
}

/// Computes the distribution of an owner's reviews.
///
/// # Errors
///
/// See [`score`].
pub async fn distribution(
    ctx: &Context<'_>,
    owner: Owner,
    arguments: ScoreArguments,
) -> Result<Inlined<ScoreDistribution>> {
    let rules = site_rules(ctx).await?;
    let (policy, counting) = arguments.resolve(ctx, &rules).await?;
    let tally = tally(ctx, CountedReviews { owner, counting }).await?;
    let policy = policy.unwrap_or(rules.policy);
    Ok(Inlined(ScoreDistribution::new(tally, &policy)))
}

async fn tally(ctx: &Context<'_>, reviews: CountedReviews) -> Result<Arc<ScoredTally>> {
    let CountedReviews { owner, counting } = reviews;
    let loader = loader(ctx)?;
    let tally = if counting.is_default() {
        stored_tally(owner, loader).await
    } else {
        loader.load(CountedTally { owner, counting }).await
    };
    let tally = tally.map_err(|error| internal_error(&error))?;
    Ok(tally.unwrap_or_else(|| Arc::new(ScoredTally::new(Tally::default(), basis_of(owner)))))
}

/// The score of a set of reviews.
#[object(name = "Score")]
impl ScoreObject {
    /// The score: `mean`, rounded half up to a whole number from 0 to 100. Null if there are too few reviews.
    fn value(&self) -> Option<i32> {
        self.score.value.map(i32::from)
    }

    /// The verdict: the band of `value`; null if `value` is null.
    fn verdict(&self) -> Option<Verdict> {
        self.score.verdict.map(Verdict::from)
    }

    /// The verdict in words, such as "Generally favorable reviews" or "Überwiegend positiv"; null if `value` is null.
    #[localized(self.score.verdict.map(|verdict| language.verdict_label(verdict)))]
    #[price(Nothing)]
    fn verdict_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the label; when null, the one of the header Accept-Language. English if there are no labels in it."
        )]
        locale: Option<Locale>,
    ) -> Option<Result<String>> {
        let verdict = self.score.verdict?;
        let label =
            |language: &crate::translations::Language| language.verdict_label(verdict).to_string();
        Some(language(ctx, locale).map(label).with_path(ctx))
    }

    /// The verdict and the number of critics in words, such as "Generally favorable reviews - based on 11 Critics" or
    /// "Überwiegend positiv – 11 Kritiken". Critics and publications have the number of reviews instead: "based on 11 Reviews".
    /// Without a score, how many of the required reviews there are: "No score yet - 3 of 4 reviews".
    #[localized(language.score_label(self.score.label))]
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
        Ok(language.score_label(self.score.label).to_string())
    }

    /// The number of reviews, with or without a score.
    fn review_count(&self) -> i32 {
        int(self.score.review_count)
    }

    /// The number of critics of a film, as in `label`: several reviews by one critic count once, and a review without a
    /// critic counts as one by a critic of its own. For a critic or a publication, it equals `reviewCount`.
    fn critic_count(&self) -> i32 {
        int(self.score.critic_count)
    }

    /// The number of reviews with a score.
    fn scored_count(&self) -> i32 {
        int(self.score.scored_count)
    }

    /// The number of reviews that count towards `requiredCount`: those with a score, and, if the policy allows estimates,
    /// the unscored ones with a sentiment. `value` is null if it is less than `requiredCount`.
    fn counted_count(&self) -> i32 {
        int(self.score.counted_count)
    }

    /// The number of reviews that a score needs.
    fn required_count(&self) -> i32 {
        int(self.score.required_count)
    }

    /// The mean of the reviews' scores by their weights, not rounded, 0 to 100; null if `value` is null.
    fn mean(&self) -> Option<f64> {
        self.score.mean
    }

    /// The unweighted median of the scores; null if no review has a score.
    fn median(&self) -> Option<f64> {
        self.score.median
    }

    /// The unweighted lower quartile of the scores: a quarter of them are lower, between two scores interpolated; null if no
    /// review has a score.
    fn lower_quartile(&self) -> Option<f64> {
        self.tally.quartile(1)
    }

    /// The unweighted upper quartile of the scores: a quarter of them are higher, between two scores interpolated; null if no
    /// review has a score.
    fn upper_quartile(&self) -> Option<f64> {
        self.tally.quartile(3)
    }

    /// The unweighted standard deviation of the scores, as that of a population; null if no review has a score.
    fn standard_deviation(&self) -> Option<f64> {
        self.score.standard_deviation
    }

    /// The lowest score, 0 to 100; null if no review has a score.
    fn lowest(&self) -> Option<i32> {
        self.score.lowest.map(i32::from)
    }

    /// The highest score, 0 to 100; null if no review has a score.
    fn highest(&self) -> Option<i32> {
        self.score.highest.map(i32::from)
    }

    /// The percentage of recommendations among the reviews that recommend the film or advise against it, rounded half
    /// up; null if there are no such reviews.
    fn percent_recommended(&self) -> Option<i32> {
        self.score.percent_recommended.map(i32::from)
    }

    /// Whether `value` is an estimate: too few reviews have a score, so unscored reviews count as the middle of
    /// their sentiment's band.
    fn estimated(&self) -> bool {
        self.score.estimated
    }

    /// What each review contributes to `mean`, oldest addition first. The shares add up to `mean` exactly. Null if `mean` is
    /// null, and for the preview of a dry run, whose reviews are not stored. The error `UNAVAILABLE` means that the
    /// reviews have changed during the request: send it again.
    #[price(Explanation)]
    async fn explanation(
        &self,
        ctx: &Context<'_>,
        page: PageArgs,
    ) -> Option<Result<Inlined<Connection<ScoreContribution>>>> {
        // Invalid arguments are an error also if there is nothing to explain.
        let page = match page_request(&page, explanation::ORDER.tag()).with_path(ctx) {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        let mean = self.policy.mean(&self.tally)?;
        let reviews = self.reviews.clone()?;
        let connection = explain(ctx, reviews, &self.tally, (mean, page));
        Some(Box::pin(connection).await.with_path(ctx))
    }

    /// The scores that the reviews without a score allow: those if each of them had one. `value` may be outside, because it
    /// leaves these reviews out if enough others have a score. Null if there are fewer reviews than `requiredCount`, and for
    /// the preview of a dry run.
    #[price(ScoreRange)]
    async fn range(&self, ctx: &Context<'_>) -> Option<Result<Inlined<ScoreRange>>> {
        let reviews = self.reviews.clone()?;
        let range = range(ctx, reviews, &self.policy, &self.tally);
        to_nullable_field(Box::pin(range).await.with_path(ctx))
    }

    /// How many more reviews of each sentiment would change the verdict.
    fn swing(&self) -> Inlined<Swing> {
        Inlined(self.policy.swing(&self.tally))
    }
}
