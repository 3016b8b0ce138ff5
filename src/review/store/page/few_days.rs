//! Pages of the reviews of a range of days, in another order than by date.
//!
//! If the range has many reviews, the index of the order finds the first ones of the page soon. If it has few, they are
//! all read by the index by date, and sorted. Which of the two is decided by the number of reviews in the range, in the
//! same statement.

use entity::review;
use sea_orm::{
    DeriveIden, QueryFilter, QueryTrait,
    sea_query::{
        Asterisk, CommonTableExpression, Expr, Order, Query, SelectStatement, UnionType, WithClause,
    },
};

use super::{ReviewQuery, keyset};
use crate::review::{
    filter::ReviewFilter,
    store::{filter::condition, rows::select_columns},
};

/// Sorting this many reviews takes about as long as finding the first ones of this many of a million by the index of the
/// order, if the dates don't depend on the order.
pub const MAX_FEW: u64 = 5_000;

#[derive(DeriveIden)]
enum Table {
    /// The ids of the reviews of the range, up to one more than [`MAX_FEW`].
    Days,
    /// The reviews of the filter, if the range has few.
    Few,
    Page,
}

/// Returns the statement for a page.
pub fn select(query: &ReviewQuery) -> SelectStatement {
    let days = ReviewFilter {
        since: query.filter.since,
        until: query.filter.until,
        ..ReviewFilter::default()
    };
    let days = Query::select()
        .column(review::Column::Id)
        .from(review::Entity)
        .cond_where(condition(&days))
        // By this order only the index by date can be used. PostgreSQL would read the whole table if it expects many rows.
        .order_by(review::Column::ReviewedOn, Order::Asc)
        .limit(MAX_FEW + 1)
        .take();
    let few = Query::select()
        .column((review::Entity, Asterisk))
        .from(review::Entity)
        .cond_where(condition(&query.filter))
        .and_where(Expr::cust(format!(
            "(SELECT count(*) FROM days) <= {MAX_FEW}"
        )))
        .and_where(Expr::cust("review.id = ANY (ARRAY(SELECT id FROM days))"))
        .take();
    let by_order = select_columns(query.columns)
        .filter(condition(&query.filter))
        .filter(Expr::cust(format!(
            "(SELECT count(*) FROM days) > {MAX_FEW}"
        )))
        .into_query();
    let by_date = Query::select()
        .expr(Expr::cust(query.columns.column_list()))
        .from_as(Table::Few, review::Entity)
        .take();
    let [by_order, by_date] = [by_order, by_date].map(|select| {
        Query::select()
            .column(Asterisk)
            .from_subquery(keyset(query, false).page(select, &query.page), Table::Page)
            .take()
    });
    let table = |name, select| {
        CommonTableExpression::new()
            .table_name(name)
            .query(select)
            .materialized(true)
            .to_owned()
    };
    let tables = WithClause::new()
        .cte(table(Table::Days, days))
        .cte(table(Table::Few, few))
        .to_owned();
    let mut pages = by_order;
    pages.union(UnionType::All, by_date).with_cte(tables);
    // Only a statement that begins with SELECT is repeated after a dead connection.
    Query::select()
        .column(Asterisk)
        .from_subquery(pages, Table::Page)
        .take()
}
