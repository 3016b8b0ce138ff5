//! Reads of reviews from the database.

mod references;
pub mod revisions;
mod rows;
pub mod tally;
pub mod versions;
pub mod write;

pub use self::{references::References, rows::ReviewColumns};

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use entity::review;
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, JoinType, Query, SelectStatement},
};

use self::rows::{fetch_reviews, select_columns};
use super::{
    Owner, OwnerKind, Review, ReviewFilter, ReviewId, ReviewOrder, ReviewOrderField, ScoreRule,
};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{keyset::Keyset, session::Session, sql},
    loader::key::{LoaderKey, one_by_one},
    pagination::{Direction, Page, PageRequest, SortKey},
    score::{Points, Policy, Sentiment, SentimentSet},
};

/// A review by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReviewById(pub ReviewId);

impl LoaderKey for ReviewById {
    type Value = Arc<Review>;
    type Group = ();

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::of(TagKind::Review, self.0.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Arc<Review>>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        let select = select_columns(ReviewColumns::ALL).filter(review::COLUMN.id.eq_any(ids));
        let statement = sql::build(&select.into_query(), None);
        let found = fetch_reviews(ReviewColumns::ALL, statement, session).await?;
        let found = found.into_iter().map(|review| (Self(review.id), review));
        Ok(found.collect())
    }
}

/// A page of the reviews of a film, by a critic or in a publication.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReviewPage {
    /// The owner of the reviews.
    pub owner: Owner,
    /// The filter, the order, the page and the columns.
    pub query: ReviewQuery,
}

/// A query for a page of reviews.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReviewQuery {
    /// The filter.
    pub filter: ReviewFilter,
    /// The order.
    pub order: ReviewOrder,
    /// The page.
    pub page: PageRequest,
    /// The columns to read.
    pub columns: ReviewColumns,
}

impl LoaderKey for ReviewPage {
    type Value = Arc<Page<Arc<Review>>>;
    type Group = (OwnerKind, ReviewQuery);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.query.clone())
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
    }

    /// Reads the pages of all owners of a kind with the same query by one statement, as for one field of a list of
    /// owners.
    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, query)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let owners: Vec<i64> = keys.iter().map(|key| key.owner.key()).collect();
        let rows = if query.filter.excludes_all() {
            Vec::new()
        } else {
            let select = pages_statement(kind, &owners, &query);
            fetch_reviews(query.columns, sql::build(&select, None), session).await?
        };
        let mut shares: HashMap<Owner, Vec<Arc<Review>>> =
            keys.iter().map(|key| (key.owner, Vec::new())).collect();
        for review in rows {
            if let Some(share) = kind.of(&review).and_then(|owner| shares.get_mut(&owner)) {
                share.push(review);
            }
        }
        let pages = keys.into_iter().map(|key| {
            let share = shares.remove(&key.owner).unwrap_or_default();
            let page = Arc::new(query.page(share));
            (key, page)
        });
        Ok(pages.collect())
    }
}

/// Returns the tag that is invalidated when any of an owner's reviews changes.
#[must_use]
pub fn owner_reviews_tag(owner: Owner) -> Tag {
    match owner {
        Owner::Film(id) => Tag::of(TagKind::FilmReviews, id.0),
        Owner::Critic(id) => Tag::of(TagKind::CriticReviews, id.0),
        Owner::Publication(id) => Tag::of(TagKind::PublicationReviews, id.0),
    }
}

impl ReviewQuery {
    /// Sorts rows and cuts them to a page. The rows come in any order, because a join doesn't preserve one.
    fn page(&self, rows: Vec<Arc<Review>>) -> Page<Arc<Review>> {
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|review| {
                let position = self.order.position(&review);
                (review, position)
            })
            .collect();
        rows.sort_by(|(_, one), (_, other)| {
            let forwards = match compare(&one.key, &other.key, self.order.direction) {
                Ordering::Equal if self.order.field == ReviewOrderField::Added => {
                    apply_direction(one.id.cmp(&other.id), self.order.direction)
                }
                Ordering::Equal => one.id.cmp(&other.id),
                decided => decided,
            };
            if self.page.is_from_end {
                forwards.reverse()
            } else {
                forwards
            }
        });
        Page::from_rows(rows, &self.page)
    }
}

/// Compares sort keys as the database does. Missing keys come last in either direction.
fn compare(one: &SortKey, other: &SortKey, direction: Direction) -> Ordering {
    match (one, other) {
        (SortKey::Missing, SortKey::Missing) => Ordering::Equal,
        (SortKey::Missing, _) => Ordering::Greater,
        (_, SortKey::Missing) => Ordering::Less,
        (SortKey::Number(one), SortKey::Number(other)) => {
            apply_direction(one.cmp(other), direction)
        }
        (SortKey::Date(one), SortKey::Date(other)) => apply_direction(one.cmp(other), direction),
        // No order of reviews mixes kinds of keys or sorts by a string.
        _ => Ordering::Equal,
    }
}

fn apply_direction(ordering: Ordering, direction: Direction) -> Ordering {
    match direction {
        Direction::Ascending => ordering,
        Direction::Descending => ordering.reverse(),
    }
}

/// The number of an owner's reviews that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReviewCount {
    /// The owner of the reviews.
    pub owner: Owner,
    /// The filter.
    pub filter: ReviewFilter,
}

impl LoaderKey for ReviewCount {
    type Value = u64;
    type Group = (OwnerKind, ReviewFilter);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.filter.clone())
    }

    fn tags(&self, _: Option<&u64>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let Some((kind, filter)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let owners: Vec<i64> = keys.iter().map(|key| key.owner.key()).collect();
        let counted = count_by_owner(kind, owners, &filter, session).await?;
        let counts = keys.into_iter().map(|key| {
            let count = counted.get(&key.owner.key()).copied().unwrap_or_default();
            (key, count.unsigned_abs())
        });
        Ok(counts.collect())
    }
}

async fn count_by_owner(
    kind: OwnerKind,
    owners: Vec<i64>,
    filter: &ReviewFilter,
    session: &Session,
) -> Result<HashMap<i64, i64>, DbErr> {
    if filter.excludes_all() {
        return Ok(HashMap::new());
    }
    let column = owner_column(kind);
    let counted: Vec<(i64, i64)> = review::Entity::find()
        .select_only()
        .column(column)
        .expr(Expr::cust("count(*)"))
        .filter(column.eq_any(owners))
        .filter(condition(filter))
        .group_by(column)
        .into_tuple()
        .all(session)
        .await?;
    Ok(counted.into_iter().collect())
}

/// The number of all reviews that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReviewTotal(pub ReviewFilter);

impl LoaderKey for ReviewTotal {
    type Value = u64;
    type Group = ReviewFilter;

    fn group(&self) -> ReviewFilter {
        self.0.clone()
    }

    fn tags(&self, _: Option<&u64>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Review));
        if self.0.is_empty() {
            // Without a filter, the number is read from the films' tallies.
            visit(Tag::any(TagKind::FilmReviews));
            visit(Tag::any(TagKind::Film));
        }
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        one_by_one(keys, |key| async move {
            if key.0.excludes_all() {
                return Ok(0);
            }
            if key.0.is_empty() {
                return sum_review_counts(session).await;
            }
            let select = review::Entity::find().filter(condition(&key.0));
            select.count(session).await
        })
        .await
    }
}

/// Sums the review counts of the films' tallies, which are far fewer rows than the reviews.
async fn sum_review_counts(session: &Session) -> Result<u64, DbErr> {
    let total: Option<Option<i64>> = entity::film_tally::Entity::find()
        .select_only()
        .expr(Expr::cust("sum(review_count)::bigint"))
        .into_tuple()
        .one(session)
        .await?;
    Ok(total.flatten().unwrap_or_default().unsigned_abs())
}

/// A page of all reviews.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AllReviews(pub ReviewQuery);

impl LoaderKey for AllReviews {
    type Value = Arc<Page<Arc<Review>>>;
    type Group = Self;

    fn group(&self) -> Self {
        self.clone()
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(Tag::any(TagKind::Review));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        one_by_one(keys, |Self(query)| async move {
            if query.filter.excludes_all() {
                return Ok(Arc::new(query.page(Vec::new())));
            }
            let select = select_columns(query.columns).filter(condition(&query.filter));
            let mut select = select.into_query();
            keyset(query.order).apply(&mut select, &query.page);
            let statement = sql::build(&select, Some(query.page.fetch_limit()));
            let rows = fetch_reviews(query.columns, statement, session).await?;
            Ok(Arc::new(query.page(rows)))
        })
        .await
    }
}

/// Returns the statement for the pages of several owners. `unnest` makes a row of each owner, and a lateral join reads
/// that owner's page through the owner's index: a descending order from the end of the index, an ascending one by
/// sorting the owner's reviews.
fn pages_statement(kind: OwnerKind, owners: &[i64], query: &ReviewQuery) -> SelectStatement {
    let owner = Alias::new("owner");
    let mut page = Query::select()
        .column((review::Entity, Asterisk))
        .from(review::Entity)
        .cond_where(condition(&query.filter))
        .take();
    page.and_where(column(owner_column(kind)).eq(Expr::col((owner.clone(), owner.clone()))));
    keyset(query.order).apply(&mut page, &query.page);
    page.limit(query.page.fetch_limit());
    Query::select()
        .expr(Expr::cust(query.columns.column_list()))
        .from_function(Func::cust("unnest").arg(owners.to_vec()), owner)
        .join_lateral(
            JoinType::InnerJoin,
            page,
            review::Entity,
            Expr::cust("TRUE"),
        )
        .take()
}

fn keyset(order: ReviewOrder) -> Keyset {
    let key = match order.field {
        ReviewOrderField::Added => None,
        ReviewOrderField::Score => Some(column(review::Column::Score)),
        ReviewOrderField::Date => Some(column(review::Column::ReviewedOn)),
    };
    Keyset {
        key,
        is_nullable: order.tag().is_nullable,
        id: column(review::Column::Id),
        direction: order.direction,
    }
}

fn column(column: review::Column) -> Expr {
    Expr::col((review::Entity, column))
}

/// Returns the column that refers to the owner.
#[must_use]
pub fn owner_column(kind: OwnerKind) -> review::Column {
    match kind {
        OwnerKind::Film => review::Column::FilmId,
        OwnerKind::Critic => review::Column::CriticId,
        OwnerKind::Publication => review::Column::PublicationId,
    }
}

/// Returns the SQL condition of a filter.
#[must_use]
pub fn condition(filter: &ReviewFilter) -> Condition {
    let ReviewFilter {
        sentiment,
        critic,
        publication,
        scored,
        recommended,
        since,
        until,
    } = filter;
    Condition::all()
        .add_option(sentiment.map(sentiment_condition))
        .add_option(critic.map(|critic| review::Column::CriticId.eq(critic.0)))
        .add_option(publication.map(|publication| review::Column::PublicationId.eq(publication.0)))
        .add_option(scored.map(|scored| {
            if scored {
                review::Column::Score.is_not_null()
            } else {
                review::Column::Score.is_null()
            }
        }))
        .add_option(recommended.map(|yes| review::Column::Recommended.eq(yes)))
        .add_option(since.map(|day| review::Column::ReviewedOn.gte(day)))
        .add_option(until.map(|day| review::Column::ReviewedOn.lte(day)))
}

/// Returns the SQL condition for a set of sentiments. The bounds of the bands come from the default policy.
///
/// The expression is the same for every set: a range of scores for each sentiment, empty if the set doesn't contain it,
/// and one array for reviews without a score. All sets thus share one prepared statement.
fn sentiment_condition(sentiments: SentimentSet) -> Condition {
    let implied: Vec<String> = sentiments
        .iter()
        .map(|sentiment| review::Sentiment::from(sentiment).to_value())
        .collect();
    let implied = review::Column::ImpliedSentiment.eq_any(implied);
    Sentiment::ALL
        .into_iter()
        .map(|sentiment| {
            let band = sentiments
                .contains(sentiment)
                .then(|| score_band(sentiment));
            band.flatten().unwrap_or(EMPTY_SCORE_RANGE)
        })
        .fold(Condition::any().add(implied), |any, (lowest, highest)| {
            any.add(review::Column::Score.between(lowest, highest))
        })
}

/// An empty range of scores.
const EMPTY_SCORE_RANGE: (i16, i16) = (0, -1);

/// Returns the lowest and the highest score of a sentiment under the default policy; `None` if it has no scores.
fn score_band(sentiment: Sentiment) -> Option<(i16, i16)> {
    let policy = Policy::default();
    let mut band = Points::all().filter(|points| policy.sentiment(*points) == sentiment);
    let lowest = band.next()?;
    let highest = band.next_back().unwrap_or(lowest);
    Some((lowest.into(), highest.into()))
}

/// Implements the conversion of one enum into another one with the same variants.
macro_rules! one_way {
    ($from:ty, $to:ty, $($variant:ident),+) => {
        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                match value { $(<$from>::$variant => Self::$variant),+ }
            }
        }
    };
}
pub(crate) use one_way;

/// Implements the conversions between an enum of a table and one of a domain with the same variants.
macro_rules! same_variants {
    ($row:ty, $domain:ty, $($variant:ident),+) => {
        $crate::review::store::one_way!($row, $domain, $($variant),+);
        $crate::review::store::one_way!($domain, $row, $($variant),+);
    };
}
pub(crate) use same_variants;

same_variants!(review::Sentiment, Sentiment, Positive, Mixed, Negative);
same_variants!(
    review::ScoreRule,
    ScoreRule,
    Given,
    Fraction,
    Stars,
    Letter,
    Percent
);
