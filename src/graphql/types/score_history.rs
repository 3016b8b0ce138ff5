//! The history of a score.

use std::sync::Arc;

use async_graphql::{Context, Enum, Result};
use macros::{InlineEnum, object};

use super::{
    review::filter::ReviewFilterInput,
    score::{ScoreArguments, Verdict},
    score_distribution::ScoreDistribution,
    scoring_policy::ScoringPolicyInput,
};
use crate::{
    database::error::ReadError,
    graphql::{
        connection::{
            Connection, ConnectionNode, Total,
            loaded_page::{LoadedPage, load_page},
        },
        int, page_request,
        scalar::Date,
        selection::Inlined,
        site_rules,
    },
    loader::data_loader::DataLoader,
    pagination::{Page, PageArgs},
    review::{
        owner::Owner,
        store::tally::{HistoryCount, HistoryPage, HistoryPoint, HistoryQuery},
    },
    score::{Policy, Score},
};

/// The interval between the points of a history. A review belongs to the interval of its date of publication, without
/// any time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, InlineEnum)]
#[graphql(remote = "crate::score::Interval")]
pub enum HistoryInterval {
    /// A week of ISO 8601, from Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Total for HistoryCount {
    async fn count(&self, loader: &DataLoader) -> Result<u64, ReadError> {
        self.load(loader).await
    }
}

impl ConnectionNode for ScorePoint {
    type Total = HistoryCount;
}

/// The score of a set of reviews as of the end of an interval in which a review was published.
#[derive(Debug)]
pub struct ScorePoint {
    point: Arc<HistoryPoint>,
    score: Score,
    policy: Policy,
}

/// The score of a set of reviews as of the end of an interval in which a review was published. It equals `score` and
/// `scoreDistribution` with the date as `asOf`, and stays the same until the next point.
#[object]
impl ScorePoint {
    /// The last day of the interval.
    fn date(&self) -> Date {
        Date(self.point.last_day)
    }

    /// The number of reviews that were published in the interval.
    fn added_count(&self) -> i32 {
        int(self.point.added)
    }

    /// The number of reviews that were published on `date` or earlier, with or without a score.
    fn review_count(&self) -> i32 {
        int(self.score.review_count)
    }

    /// The number of critics of a film, each counted once; for a critic or a publication, `reviewCount`.
    fn critic_count(&self) -> i32 {
        int(self.score.critic_count)
    }

    /// The number of reviews with a score.
    fn scored_count(&self) -> i32 {
        int(self.score.scored_count)
    }

    /// The score: `mean`, rounded half up to a whole number from 0 to 100. Null if there were too few reviews.
    fn value(&self) -> Option<i32> {
        self.score.value.map(i32::from)
    }

    /// The mean of the reviews' scores by their weights, not rounded, 0 to 100; null if `value` is null.
    fn mean(&self) -> Option<f64> {
        self.score.mean
    }

    /// The verdict: the band of `value`; null if `value` is null.
    fn verdict(&self) -> Option<Verdict> {
        self.score.verdict.map(Verdict::from)
    }

    /// Whether `value` is an estimate: too few reviews had a score, so unscored reviews count as the middle of their
    /// sentiment's band.
    fn estimated(&self) -> bool {
        self.score.estimated
    }

    /// The distribution of the reviews by sentiment and by score.
    fn distribution(&self) -> Inlined<ScoreDistribution> {
        let tally = Arc::clone(&self.point.tally);
        Inlined(ScoreDistribution::new(tally, &self.policy))
    }
}

/// The arguments of a history: its interval, and by which rules and from which reviews the scores are computed.
#[derive(Debug)]
pub struct HistoryArguments {
    /// The interval between the points; a month when `None`.
    pub interval: Option<HistoryInterval>,
    /// The policy; the rules of the site when `None`.
    pub policy: Option<ScoringPolicyInput>,
    /// The filter of the reviews.
    pub filter: Option<ReviewFilterInput>,
}

/// The interval if none is given.
const DEFAULT_INTERVAL: HistoryInterval = HistoryInterval::Month;

/// Loads a page of the history of an owner's reviews.
///
/// # Errors
///
/// When an argument is invalid, or a statement fails.
pub async fn history(
    ctx: &Context<'_>,
    owner: Owner,
    arguments: HistoryArguments,
    page: &PageArgs,
) -> Result<Inlined<Connection<ScorePoint>>> {
    let interval = arguments.interval.unwrap_or(DEFAULT_INTERVAL).into();
    let order = HistoryQuery::order(interval);
    let rules = site_rules(ctx).await?;
    let score = ScoreArguments {
        policy: arguments.policy,
        filter: arguments.filter,
        as_of: None,
    };
    let (policy, counting) = score.resolve(ctx, &rules).await?;
    let policy = policy.unwrap_or(rules.policy);
    let key = HistoryPage {
        owner,
        query: HistoryQuery {
            interval,
            counting,
            page: page_request(page, order)?,
        },
    };
    let total = HistoryCount(key.clone());
    let LoadedPage { value, sides } = load_page(ctx, &total, order, key).await?;
    let points = value.page.rows.iter().map(|(point, position)| {
        let point = ScorePoint {
            score: point.tally.score(&policy),
            point: Arc::clone(point),
            policy,
        };
        (Arc::new(point), position.clone())
    });
    let value = Arc::new(Page {
        rows: points.collect(),
        has_more: value.page.has_more,
    });
    Ok(Connection::of(LoadedPage { value, sides }, order, total))
}
