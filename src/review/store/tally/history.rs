//! The tallies of reviews as of the ends of intervals.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::NaiveDate;
use entity::review;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait,
    sea_query::{Alias, Expr, Query, SelectStatement},
};

use super::{
    basis_of,
    counts::{COUNTS, Counts, TotalCounts},
};
use crate::{
    cache::tag::Tag,
    database::{error::ReadError, session::Session, sql},
    loader::{
        data_loader::DataLoader,
        key::LoaderKey,
        page_key::{PageKey, PageValue},
    },
    pagination::{Direction, KeyKind, OrderTag, Page, PageRequest, Position, SortKey},
    review::{
        counting::Counting,
        owner::{Owner, OwnerKind},
        store::{
            counting::{condition, join_weights, weight},
            filter::visit_filter_tags,
            index::FilteredReviews,
            owner::{owner_column, owner_reviews_tag},
        },
    },
    score::{Interval, ScoreInput, ScoredTally},
};

/// A page of the history of an owner's reviews: a point for each interval in which a review was published.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HistoryPage {
    /// The owner of the reviews.
    pub owner: Owner,
    /// The intervals, which reviews count, and the page.
    pub query: HistoryQuery,
}

/// A query for a page of a history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HistoryQuery {
    /// The intervals.
    pub interval: Interval,
    /// Which reviews count, and by which weights.
    pub counting: Counting,
    /// The page.
    pub page: PageRequest,
}

/// A point of a history.
#[derive(Debug)]
pub struct HistoryPoint {
    /// The last day of the interval.
    pub last_day: NaiveDate,
    /// The tally of the reviews that were published on this day or earlier.
    pub tally: Arc<ScoredTally>,
    /// The number of reviews that were published in the interval.
    pub added: u32,
}

/// The points of a page, and the number of all points.
#[derive(Debug, Default)]
pub struct HistoryPoints {
    /// The page.
    pub page: Page<Arc<HistoryPoint>>,
    /// The number of all points.
    pub total: usize,
}

/// The number of points of a history, which each of its pages has.
#[derive(Clone, Debug)]
pub struct HistoryCount(pub HistoryPage);

impl HistoryCount {
    /// Returns the number of points.
    ///
    /// # Errors
    ///
    /// When the statement fails.
    pub async fn load(&self, loader: &DataLoader) -> Result<u64, ReadError> {
        let points = loader.load(self.0.clone()).await?;
        Ok(points.map_or(0, |points| points.total as u64))
    }
}

impl HistoryQuery {
    /// Returns the order of the points: by day. Cursors are bound to the interval.
    #[must_use]
    pub const fn order(interval: Interval) -> OrderTag {
        OrderTag {
            name: match interval {
                Interval::Week => "week",
                Interval::Month => "month",
                Interval::Year => "year",
            },
            kind: KeyKind::Date,
            is_nullable: false,
            direction: Direction::Ascending,
        }
    }

    /// Returns the points of the page from the counts of all intervals of an owner, in the order of their days.
    fn points(&self, owner: Owner, steps: &[Step]) -> Result<HistoryPoints, DbErr> {
        let order = Self::order(self.interval);
        let positions = steps.iter().map(|step| position(step.last_day));
        let selected = self.page.select(positions, order);
        let selected: BTreeSet<NaiveDate> = selected.iter().filter_map(day_of).collect();
        let mut total = TotalCounts::default();
        let mut points = Vec::with_capacity(selected.len());
        for step in steps {
            match &step.reviews {
                StepReviews::Counted(counts) => total.add(counts),
                StepReviews::Listed(reviews) => {
                    for review in reviews {
                        total.add_review(*review);
                    }
                }
            }
            if selected.contains(&step.last_day) {
                let point = HistoryPoint {
                    last_day: step.last_day,
                    tally: Arc::new(ScoredTally::new(total.tally()?, basis_of(owner))),
                    added: step.added,
                };
                points.push((Arc::new(point), position(step.last_day)));
            }
        }
        Ok(HistoryPoints {
            page: Page::from_unsorted_rows(points, &self.page, order),
            total: steps.len(),
        })
    }
}

/// Returns the position of the point of a day. There is one of each day.
fn position(day: NaiveDate) -> Position {
    Position {
        key: SortKey::Date(day),
        id: 0,
    }
}

fn day_of(position: &Position) -> Option<NaiveDate> {
    match position.key {
        SortKey::Date(day) => Some(day),
        _ => None,
    }
}

impl PageValue for Arc<HistoryPoints> {
    fn has_more(&self) -> bool {
        self.page.has_more
    }
}

impl PageKey for HistoryPage {
    fn page(&self) -> &PageRequest {
        &self.query.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        let query = HistoryQuery { page, ..self.query };
        Self { query, ..self }
    }
}

impl LoaderKey for HistoryPage {
    type Value = Arc<HistoryPoints>;
    type Group = (OwnerKind, HistoryQuery);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.query.clone())
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
        visit_filter_tags(&self.query.counting.filter, visit);
    }

    /// Reads the histories of all owners of a kind by one statement.
    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, query)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let mut steps = HashMap::new();
        if let Some(reviews) = FilteredReviews::counted(kind, &query.counting, session).await {
            for key in &keys {
                let listed = reviews.by_interval(key.owner, query.interval).await;
                let of_owner = listed.into_iter().map(Step::of_reviews);
                steps.insert(key.owner.key(), of_owner.collect());
            }
        } else if !query.counting.filter.excludes_all() {
            let owners = keys.iter().map(|key| key.owner.key()).collect();
            steps = fetch(kind, owners, &query, session).await?;
        }
        let mut histories = HashMap::with_capacity(keys.len());
        for key in keys {
            let steps: Vec<Step> = steps.remove(&key.owner.key()).unwrap_or_default();
            let points = key.query.points(key.owner, &steps)?;
            histories.insert(key, Arc::new(points));
        }
        Ok(histories)
    }
}

/// The number of intervals after which other requests of the worker get a turn.
const STEPS_PER_TURN: usize = 256;

/// The reviews of an interval.
#[derive(Debug)]
struct Step {
    last_day: NaiveDate,
    added: u32,
    reviews: StepReviews,
}

#[derive(Debug)]
enum StepReviews {
    /// The database has counted them.
    Counted(Counts),
    /// The index in memory has them.
    Listed(Vec<ScoreInput>),
}

impl Step {
    fn of_reviews((last_day, reviews): (NaiveDate, Vec<ScoreInput>)) -> Self {
        Self {
            last_day,
            added: u32::try_from(reviews.len()).unwrap_or(u32::MAX),
            reviews: StepReviews::Listed(reviews),
        }
    }
}

/// The counts of the reviews of an interval.
#[derive(Debug, FromQueryResult)]
struct StepRow {
    last_day: NaiveDate,
    added: i32,
    #[sea_orm(nested)]
    counts: Counts,
}

/// Reads the counts of each interval of several owners, in the order of the days.
async fn fetch(
    kind: OwnerKind,
    owners: Vec<i64>,
    query: &HistoryQuery,
    session: &Session,
) -> Result<HashMap<i64, Vec<Step>>, DbErr> {
    let statement = sql::build(&steps_statement(kind, owners, query));
    let mut steps: HashMap<i64, Vec<Step>> = HashMap::new();
    for (number, row) in session.query_all_raw(statement).await?.iter().enumerate() {
        let row = StepRow::from_query_result(row, "")?;
        steps.entry(row.counts.owner).or_default().push(Step {
            last_day: row.last_day,
            added: row.added.unsigned_abs(),
            reviews: StepReviews::Counted(row.counts),
        });
        if number % STEPS_PER_TURN == STEPS_PER_TURN - 1 {
            tokio::task::yield_now().await;
        }
    }
    Ok(steps)
}

/// Returns the statement for the counts of each interval in which a review of the owners was published, in the order of
/// the days. A review is repeated if its critic has an earlier one of the film that counts.
fn steps_statement(kind: OwnerKind, owners: Vec<i64>, query: &HistoryQuery) -> SelectStatement {
    let owner = owner_column(kind);
    let is_repeated = if kind == OwnerKind::Film {
        r#""review"."critic_id" IS NOT NULL AND row_number() OVER (PARTITION BY "review"."film_id", "review"."critic_id" ORDER BY "review"."reviewed_on") > 1"#
    } else {
        "FALSE"
    };
    let mut reviews = review::Entity::find()
        .select_only()
        .column_as(owner, "owner")
        .columns([
            review::Column::Score,
            review::Column::ImpliedSentiment,
            review::Column::Recommended,
        ])
        .column_as(weight(&query.counting, false), "weight")
        .column_as(Expr::cust(last_day(query.interval)), "last_day")
        .column_as(Expr::cust(is_repeated), "is_repeated")
        .column_as(Expr::cust("1"), "reviews")
        .filter(owner.eq_any(owners))
        .filter(review::Column::ReviewedOn.is_not_null())
        .filter(condition(&query.counting))
        .into_query();
    join_weights(&mut reviews, &query.counting);
    let columns = format!(
        "last_day, count(*)::integer AS added, {COUNTS}, (count(*) FILTER (WHERE is_repeated))::integer AS repeated"
    );
    Query::select()
        .expr(Expr::cust(columns))
        .from_subquery(reviews, Alias::new("counted"))
        .add_group_by([Expr::cust("owner"), Expr::cust("last_day")])
        .order_by_expr(Expr::cust("last_day"), sea_orm::Order::Asc)
        .take()
}

/// Returns the SQL of [`Interval::last_day`]. Timestamps without a time zone don't depend on that of the session.
const fn last_day(interval: Interval) -> &'static str {
    match interval {
        Interval::Week => {
            r#"least((date_trunc('week', "review"."reviewed_on"::timestamp) + interval '6 days')::date, date '9999-12-31')"#
        }
        Interval::Month => {
            r#"(date_trunc('month', "review"."reviewed_on"::timestamp) + interval '1 month - 1 day')::date"#
        }
        Interval::Year => {
            r#"(date_trunc('year', "review"."reviewed_on"::timestamp) + interval '1 year - 1 day')::date"#
        }
    }
}
