//! Pages of filters that few reviews may match.
//!
//! If many reviews match, the index of the order finds the first ones of the page soon. If few do, they are all read by
//! an index that has the filter's columns, and sorted. The statistics of the catalogue tell which of the two is faster.

use entity::review;
use sea_orm::sea_query::{
    Asterisk, Expr, Order, Query, SelectStatement, extension::postgres::PgExpr,
};

use super::{ReviewQuery, keyset};
use crate::review::{
    filter::ReviewFilter, order::ReviewOrderField, statistics::Statistics, store::filter::condition,
};

/// Sorting this many reviews takes about as long as finding the first ones of this many of a million by the index of the
/// order, if the filter's columns don't depend on the order.
pub const MAX_FEW: u64 = 5_000;

/// The rating of a review, which `review_by_rating` indexes.
const RATING: &str = "review_rating(review.score, review.implied_sentiment, review.recommended)";

/// Returns whether few reviews match a query, and another index than that of its order finds them.
pub fn are_few(query: &ReviewQuery, statistics: &Statistics) -> bool {
    let has_days = query.filter.since.is_some() || query.filter.until.is_some();
    let has_other_index =
        has_rating(&query.filter) || has_days && query.order.field != ReviewOrderField::Date;
    has_other_index && statistics.matching(&query.filter) <= MAX_FEW
}

/// Returns the statement for a page of a query without an author, which reads and sorts all matching reviews.
pub fn select(query: &ReviewQuery) -> SelectStatement {
    let matching = Query::select()
        .column((review::Entity, Asterisk))
        .from(review::Entity)
        .cond_where(condition(&query.filter))
        .and_where(Expr::cust_with_expr(
            "review.id = ANY (ARRAY($1))",
            Expr::SubQuery(None, Box::new(ids(&query.filter).into())),
        ))
        .take();
    let matching = Query::select()
        .expr(Expr::cust(query.columns.column_list()))
        .from_subquery(matching, review::Entity)
        .take();
    keyset(query, false).page(matching, &query.page)
}

/// Returns the statement for the ids of the matching reviews. By its order only one index can be used. PostgreSQL would
/// read the whole table if it expects many rows.
fn ids(filter: &ReviewFilter) -> SelectStatement {
    let days = ReviewFilter {
        since: filter.since,
        until: filter.until,
        ..ReviewFilter::default()
    };
    let mut select = Query::select()
        .column(review::Column::Id)
        .from(review::Entity)
        .cond_where(condition(&days))
        .take();
    if has_rating(filter) {
        let rating = Expr::cust(RATING);
        let ratings: Vec<i16> = filter.ratings().collect();
        select
            .and_where(rating.clone().eq_any(ratings))
            .order_by_expr(rating, Order::Asc);
    }
    select
        .order_by(review::Column::ReviewedOn, Order::Asc)
        .take()
}

/// Returns whether a filter depends on the rating.
fn has_rating(filter: &ReviewFilter) -> bool {
    filter.sentiment.is_some() || filter.scored.is_some() || filter.recommended.is_some()
}
