//! What critics and publications have in common beyond scores: their bias, their outliers, and their years.

use std::sync::Arc;

use async_graphql::{Context, Enum, Result};
use futures_util::future::try_join_all;
use macros::{InlineEnum, object};

use crate::{
    graphql::{
        int, list_length, load,
        selection::{Inlined, InlinedList},
        site_rules,
    },
    pagination::DEFAULT_PAGE_SIZE,
    review::{
        Review,
        owner::Owner,
        store::{
            ReviewById,
            outliers::{BiasOf, Outlier, OutlierQuery, OutliersOf},
            years::{YearOfReviews, YearsOf},
        },
    },
    score::Bias,
};

/// On which side of the other reviews of its film a review is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::review::store::outliers::OutlierDirection")]
pub enum OutlierDirection {
    /// Reviews below the score of the others, the greatest difference first.
    Harshest,
    /// Reviews above the score of the others, the greatest difference first.
    Kindest,
}

/// A review that differs from the other reviews of its film.
#[derive(Debug)]
pub struct ReviewOutlier {
    review: Arc<Review>,
    outlier: Outlier,
}

/// A review that differs from the other reviews of its film.
#[object]
impl ReviewOutlier {
    /// The review.
    fn review(&self) -> Inlined<Arc<Review>> {
        Inlined(Arc::clone(&self.review))
    }

    /// The score of the film without the review under the rules of the site, 0 to 100.
    fn film_score(&self) -> i32 {
        self.outlier.film_score
    }

    /// The score of the review minus `filmScore`, in points; never 0.
    fn difference(&self) -> i32 {
        self.outlier.difference
    }
}

/// How much higher or lower a set of reviews scores films than the other reviews of the same films.
#[object(name = "ScoreBias")]
impl Bias {
    /// The mean difference, in points, of the score of a review and the score of its film without the review, under the
    /// rules of the site: positive if the reviews are kinder than others.
    fn mean(&self) -> f64 {
        self.mean_difference()
    }

    /// The number of reviews that were compared: those with a score, of films that have a score without them.
    fn review_count(&self) -> i32 {
        int(self.reviews)
    }
}

/// The reviews of a year.
#[object(name = "ReviewYear")]
impl YearOfReviews {
    /// The year in which the reviews were published.
    fn year(&self) -> i32 {
        self.year
    }

    /// The number of reviews.
    fn review_count(&self) -> i32 {
        int(self.reviews)
    }

    /// The number of reviews with a score.
    fn scored_count(&self) -> i32 {
        int(self.scored)
    }

    /// The unweighted mean of the scores, 0 to 100; null if no review has a score.
    fn mean(&self) -> Option<f64> {
        mean(self)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the sums of scores are below 2^53"
)]
fn mean(year: &YearOfReviews) -> Option<f64> {
    (year.scored > 0).then(|| year.sum as f64 / year.scored as f64)
}

/// Loads the reviews of an owner that differ most from the others of their films.
///
/// # Errors
///
/// `INVALID_PAGE` if the number of reviews is out of range; `UNAVAILABLE` or `INTERNAL` if a statement fails.
pub async fn outliers(
    ctx: &Context<'_>,
    owner: Owner,
    direction: OutlierDirection,
    first: Option<i32>,
) -> Result<InlinedList<ReviewOutlier>> {
    let query = OutlierQuery {
        direction: direction.into(),
        first: list_length(first, DEFAULT_PAGE_SIZE)?,
        policy: site_rules(ctx).await?.policy,
    };
    let outliers = load(ctx, OutliersOf { owner, query }).await?;
    let outliers = outliers
        .iter()
        .flat_map(|outliers| outliers.iter().copied());
    let outliers = outliers.map(async |outlier| {
        let review = load(ctx, ReviewById(outlier.review)).await;
        // A review may have been deleted since.
        review.map(|review| review.map(|review| ReviewOutlier { review, outlier }))
    });
    let outliers = try_join_all(outliers).await?;
    Ok(outliers.into_iter().flatten().collect())
}

/// Loads the bias of an owner's reviews; `None` if none can be compared.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn bias(ctx: &Context<'_>, owner: Owner) -> Result<Option<Bias>> {
    let policy = site_rules(ctx).await?.policy;
    load(ctx, BiasOf { owner, policy }).await
}

/// Loads the years in which an owner's reviews were published.
///
/// # Errors
///
/// `UNAVAILABLE` or `INTERNAL` if the statement fails.
pub async fn per_year(ctx: &Context<'_>, owner: Owner) -> Result<InlinedList<YearOfReviews>> {
    let years = load(ctx, YearsOf(owner)).await?;
    let years = years.iter().flat_map(|years| years.iter().copied());
    Ok(years.collect())
}
