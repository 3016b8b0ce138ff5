//! Pages of reviews.

mod few_matches;
mod rare_matches;

use std::{collections::HashMap, sync::Arc};

use entity::review;
use sea_orm::{
    DbErr, QueryFilter, QueryTrait,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, JoinType, Query, SelectStatement},
};

pub use self::few_matches::MAX_FEW;
use super::{
    ReviewColumns,
    filter::{condition, score_range, visit_filter_tags},
    owner::{owner_column, owner_reviews_tag},
    rows::{fetch_reviews, select_columns},
};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{keyset::Keyset, session::Session, sql},
    loader::{
        key::{LoaderKey, one_by_one},
        page_key::PageKey,
    },
    pagination::{Page, PageRequest},
    review::{
        Review,
        filter::ReviewFilter,
        order::{ReviewOrder, ReviewOrderField},
        owner::{Owner, OwnerKind},
        statistics::CurrentStatistics,
    },
};

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
        visit_filter_tags(&self.query.filter, visit);
    }

    /// Reads the pages of all owners of a kind with the same query by one statement, as for one field of a list of
    /// owners.
    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, query)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let owners: Vec<Owner> = keys.iter().map(|key| key.owner).collect();
        let rows = pages_of(kind, &owners, &query, session).await?;
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

impl PageKey for ReviewPage {
    fn page(&self) -> &PageRequest {
        &self.query.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        let query = ReviewQuery { page, ..self.query };
        Self { query, ..self }
    }
}

impl ReviewQuery {
    /// Sorts rows and cuts them to a page. The rows come in any order, because neither a join nor a union of ranges
    /// preserves one.
    fn page(&self, rows: Vec<Arc<Review>>) -> Page<Arc<Review>> {
        let rows = rows.into_iter().map(|review| {
            let position = self.order.position(&review);
            (review, position)
        });
        Page::from_unsorted_rows(rows.collect(), &self.page, self.order.tag())
    }
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
        visit_filter_tags(&self.0.filter, visit);
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        one_by_one(keys, |Self(query)| async move {
            if query.filter.excludes_all() {
                return Ok(Arc::new(query.page(Vec::new())));
            }
            if let Some((author, filter)) = query.filter.author() {
                let rest = ReviewQuery {
                    filter,
                    ..query.clone()
                };
                let rows = pages_of(author.kind(), &[author], &rest, session).await?;
                return Ok(Arc::new(query.page(rows)));
            }
            let select = if are_few(&query, session) {
                few_matches::select(&query)
            } else {
                let select = select_columns(query.columns).filter(condition(&query.filter));
                keyset(&query, false).page(select.into_query(), &query.page)
            };
            let rows = fetch_reviews(query.columns, sql::build(&select), session).await?;
            Ok(Arc::new(query.page(rows)))
        })
        .await
    }
}

impl PageKey for AllReviews {
    fn page(&self) -> &PageRequest {
        &self.0.page
    }

    fn with_page(self, page: PageRequest) -> Self {
        Self(ReviewQuery { page, ..self.0 })
    }
}

/// Reads the pages of several owners of a kind.
async fn pages_of(
    kind: OwnerKind,
    owners: &[Owner],
    query: &ReviewQuery,
    session: &Session,
) -> Result<Vec<Arc<Review>>, DbErr> {
    if query.filter.excludes_all() {
        return Ok(Vec::new());
    }
    if let Some(rows) = rare_matches::fetch(kind, owners, query, session).await? {
        return Ok(rows);
    }
    let select = pages_statement(kind, owners, query);
    fetch_reviews(query.columns, sql::build(&select), session).await
}

/// Returns whether few reviews match a query, as far as that is known.
fn are_few(query: &ReviewQuery, session: &Session) -> bool {
    let statistics = session
        .snapshots()
        .and_then(|snapshots| snapshots.get::<CurrentStatistics>().load());
    statistics.is_some_and(|statistics| few_matches::are_few(query, &statistics))
}

/// Returns the statement for the pages of several owners. `unnest` makes a row of each owner, and a lateral join reads
/// that owner's page through the owner's index.
fn pages_statement(kind: OwnerKind, owners: &[Owner], query: &ReviewQuery) -> SelectStatement {
    let owner = Alias::new("owner");
    let keys: Vec<i64> = owners.iter().map(|owner| owner.key()).collect();
    let mut page = Query::select()
        .column((review::Entity, Asterisk))
        .from(review::Entity)
        .cond_where(condition(&query.filter))
        .take();
    page.and_where(column(owner_column(kind)).eq(Expr::col((owner.clone(), owner.clone()))));
    let page = keyset(query, true).page(page, &query.page);
    Query::select()
        .expr(Expr::cust(query.columns.column_list()))
        .from_function(Func::cust("unnest").arg(keys), owner)
        .join_lateral(
            JoinType::InnerJoin,
            page,
            review::Entity,
            Expr::cust("TRUE"),
        )
        .take()
}

/// Returns the order of a page. An owner's reviews have only descending indexes by score and by date.
fn keyset(query: &ReviewQuery, is_of_owner: bool) -> Keyset {
    let order = query.order;
    let key = match order.field {
        ReviewOrderField::Added => None,
        ReviewOrderField::Score => Some(column(review::Column::Score)),
        ReviewOrderField::Date => Some(column(review::Column::ReviewedOn)),
    };
    Keyset {
        key,
        is_nullable: order.tag().is_nullable,
        is_index_descending: is_of_owner,
        key_range: match order.field {
            ReviewOrderField::Score => query.filter.sentiment.and_then(score_range),
            ReviewOrderField::Added | ReviewOrderField::Date => None,
        }
        .map(|(lowest, highest)| (lowest.into(), highest.into())),
        id: column(review::Column::Id),
        direction: order.direction,
    }
}

fn column(column: review::Column) -> Expr {
    Expr::col((review::Entity, column))
}
