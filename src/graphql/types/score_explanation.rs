//! The explanation of a score: the share of each review, what unscored reviews allow, and what would change the verdict.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, Result};
use macros::{InlineEnum, object};

use super::score::CountedReviews;
use crate::{
    database::error::ReadError,
    error::{code, error_with_code, internal_error},
    graphql::{
        connection::{
            Connection, ConnectionNode, Total,
            loaded_page::{LoadedPage, load_page},
        },
        loader,
        selection::Inlined,
    },
    loader::data_loader::DataLoader,
    pagination::{Page, PageRequest},
    review::{
        Review, ScoreRule,
        store::{
            explanation::{
                ExplanationPage, ExplanationQuery, ORDER, WeightedReview, WeightedReviews,
            },
            tally::UnratedReviews,
        },
    },
    score::{
        Contribution, Fraction, Mean, Policy, ScoreInput, ScoreRange, Swing, Tally, Weighting,
    },
};

/// What a review contributes to the mean of a score.
#[derive(Debug)]
pub struct ScoreContribution {
    review: Arc<Review>,
    contribution: Contribution,
}

/// The number of contributions, which is known from the tally.
#[derive(Clone, Copy, Debug)]
pub struct ContributionCount(u32);

impl Total for ContributionCount {
    async fn count(&self, _: &DataLoader) -> Result<u64, ReadError> {
        Ok(self.0.into())
    }
}

impl ConnectionNode for ScoreContribution {
    type Total = ContributionCount;
}

/// What a review contributes to the mean of a score.
#[object]
impl ScoreContribution {
    /// The review.
    fn review(&self) -> Inlined<Arc<Review>> {
        Inlined(Arc::clone(&self.review))
    }

    /// The score as which the review counts: its own; in an estimate without one, the middle of the band of its sentiment,
    /// which may be half a point.
    fn score(&self) -> f64 {
        self.contribution.score()
    }

    /// The rule by which the review has this score.
    fn rule(&self) -> ContributionRule {
        ContributionRule::of(&self.review)
    }

    /// The weight by which the review counts: 0.01 to 100.
    fn weight(&self) -> f64 {
        self.contribution.weight.factor()
    }

    /// The part of `mean` that is the review's, in points: `score` times `weight`, divided by the sum of all weights.
    fn share(&self) -> Inlined<Fraction> {
        Inlined(self.contribution.share)
    }
}

/// An exact fraction. All shares of a score have the same denominator, and the sum of their numerators, divided by it, is
/// `mean`, to the last bit.
#[object(name = "ScoreFraction")]
impl Fraction {
    /// The numerator divided by the denominator, rounded to a floating-point number.
    fn value(&self) -> f64 {
        self.to_f64()
    }

    /// The numerator: a whole number, which is exact as a floating-point number, like sums of it below 2^53.
    fn numerator(&self) -> f64 {
        whole(self.numerator)
    }

    /// The denominator: a positive whole number, twice the sum of all weights in hundredths.
    fn denominator(&self) -> f64 {
        whole(self.denominator)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the numbers of fractions are below 2^53"
)]
const fn whole(number: u64) -> f64 {
    number as f64
}

/// The rule by which a review has the score as which it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
pub enum ContributionRule {
    /// Its score was given as a whole number from 0 to 100.
    Given,
    /// Its score was converted from a fraction, such as "3.5/5".
    Fraction,
    /// Its score was converted from stars, in digits, words or asterisks.
    Stars,
    /// Its score was converted from a school grade, such as "B+".
    Letter,
    /// Its score was converted from a percentage, such as "85%".
    Percent,
    /// It has no score, and counts as the middle of the band of its declared sentiment.
    DeclaredSentiment,
    /// It has neither a score nor a declared sentiment, and counts as the middle of the positive band if it recommends the
    /// film, of the negative one if it advises against it.
    Recommendation,
}

impl ContributionRule {
    fn of(review: &Review) -> Self {
        match review.score_rule.filter(|_| review.score.is_some()) {
            Some(ScoreRule::Given) => Self::Given,
            Some(ScoreRule::Fraction) => Self::Fraction,
            Some(ScoreRule::Stars) => Self::Stars,
            Some(ScoreRule::Letter) => Self::Letter,
            Some(ScoreRule::Percent) => Self::Percent,
            None if review.declared_sentiment.is_some() => Self::DeclaredSentiment,
            None => Self::Recommendation,
        }
    }
}

/// The lowest and the highest score that a set of reviews could have if each of them had a score.
#[object(name = "ScoreRange")]
impl ScoreRange {
    /// The score, 0 to 100, if each unscored review had the lowest score of the band of its sentiment; 0 without a
    /// sentiment.
    fn lowest(&self) -> i32 {
        self.lowest.into()
    }

    /// The score, 0 to 100, if each unscored review had the highest score of the band of its sentiment; 100 without a
    /// sentiment.
    fn highest(&self) -> i32 {
        self.highest.into()
    }
}

/// How many more reviews of one sentiment would change the verdict, or give one if there is none. Each would have the
/// middle of the band of its sentiment as its score, and the weight 1.
#[object(name = "ScoreSwing")]
impl Swing {
    /// The number of more positive reviews that would change the verdict; null if no number up to 2,147,483,647 does.
    fn positive(&self) -> Option<i32> {
        self.positive.and_then(|count| count.try_into().ok())
    }

    /// The number of more mixed reviews that would change the verdict; null if no number up to 2,147,483,647 does.
    fn mixed(&self) -> Option<i32> {
        self.mixed.and_then(|count| count.try_into().ok())
    }

    /// The number of more negative reviews that would change the verdict; null if no number up to 2,147,483,647 does.
    fn negative(&self) -> Option<i32> {
        self.negative.and_then(|count| count.try_into().ok())
    }
}

/// Loads a page of what the reviews contribute to a mean.
///
/// # Errors
///
/// `UNAVAILABLE` if the reviews have changed since the mean was read, which also makes the server execute a query again;
/// see [`load_page`] for the others.
pub(super) async fn explain(
    ctx: &Context<'_>,
    reviews: CountedReviews,
    tally: &Tally,
    (mean, page): (Mean, PageRequest),
) -> Result<Inlined<Connection<ScoreContribution>>> {
    let order = ORDER.tag();
    let total = ContributionCount(if mean.is_estimated() {
        tally.scored_count() + tally.unscored().count()
    } else {
        tally.scored_count()
    });
    let key = ExplanationPage {
        owner: reviews.owner,
        is_estimated: mean.is_estimated(),
        query: ExplanationQuery {
            counting: reviews.counting,
            is_equal: mean.policy().weighting() == Weighting::Equal,
            page,
        },
    };
    let LoadedPage { value, sides } = load_page(ctx, &total, order, key).await?;
    if value.parts.is_some_and(|parts| parts != mean.parts()) {
        return Err(inconsistent(loader(ctx)?));
    }
    let value = Arc::new(contributions(&value, &mean));
    Ok(Connection::of(LoadedPage { value, sides }, order, total))
}

fn contributions(reviews: &WeightedReviews, mean: &Mean) -> Page<Arc<ScoreContribution>> {
    let contribution = |WeightedReview { review, weight }: &WeightedReview| {
        let contribution = mean.contribution(ScoreInput {
            points: review.score,
            declared: review.declared_sentiment,
            recommended: review.recommended,
            weight: *weight,
        })?;
        Some(Arc::new(ScoreContribution {
            review: Arc::clone(review),
            contribution,
        }))
    };
    let rows = reviews.page.rows.iter();
    let rows = rows.filter_map(|(row, position)| Some((contribution(row)?, position.clone())));
    Page {
        rows: rows.collect(),
        has_more: reviews.page.has_more,
    }
}

/// Computes the scores that the reviews without a score allow; `None` if there are too few reviews. Only the weights of
/// unrated reviews are not in a tally, and need a statement.
///
/// # Errors
///
/// `UNAVAILABLE` if the reviews have changed since the tally was read; or when the statement fails.
pub(super) async fn range(
    ctx: &Context<'_>,
    reviews: CountedReviews,
    policy: &Policy,
    tally: &Tally,
) -> Result<Option<ScoreRange>> {
    let CountedReviews { owner, counting } = reviews;
    let needs_weight = tally.unrated() > 0 && policy.weighting() == Weighting::ByPublication;
    if !needs_weight {
        return Ok(policy.range(tally, 0));
    }
    let loader = loader(ctx)?;
    let unrated = loader.load(UnratedReviews { owner, counting }).await;
    let unrated = unrated.map_err(|error| internal_error(&error))?;
    let unrated = unrated.unwrap_or_default();
    if unrated.count != u64::from(tally.unrated()) {
        return Err(inconsistent(loader));
    }
    Ok(policy.range(tally, unrated.weight))
}

/// Reports that the reviews have changed since the tally was read, which makes the server execute a query again. Returns
/// the error of other operations.
fn inconsistent(loader: &DataLoader) -> Error {
    loader.report_inconsistency();
    let message = "the reviews changed during the request; send it again";
    error_with_code(code::UNAVAILABLE, message)
}
