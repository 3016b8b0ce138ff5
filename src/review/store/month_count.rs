//! Numbers of all reviews that match a filter.
//!
//! The table `review_month_count` has the numbers of each month. So only reviews of the months at both ends of a range of
//! days are counted one by one: those of the days that are missing from the whole months, or exceed them, whichever are
//! fewer.

mod date_parts;

use entity::review;
use sea_orm::{
    ConnectionTrait, DbErr, DeriveIden, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{
        Alias, Condition, Expr, ExprTrait, Query, SelectStatement, UnionType,
        extension::postgres::PgExpr,
    },
};

use self::date_parts::{DateParts, Days, MonthRange};
use super::filter::{condition, names, score_band};
use crate::{
    database::{session::Session, sql},
    review::filter::ReviewFilter,
};

/// A row of reviews with a score has the sentiment under the default policy, which nothing reads.
#[derive(DeriveIden)]
enum ReviewMonthCount {
    Table,
    Month,
    Sentiment,
    IsScored,
    Score,
    Recommended,
    Reviews,
}

/// Returns the number of the reviews that match a filter without a critic and without a publication.
pub async fn count(filter: &ReviewFilter, session: &Session) -> Result<u64, DbErr> {
    let parts = DateParts::of(filter.since, filter.until);
    let months = parts.months.map(|months| count_months(filter, months));
    let days = parts
        .days
        .into_iter()
        .flatten()
        .map(|days| count_days(filter, days));
    let union = months.into_iter().chain(days).reduce(|mut union, part| {
        union.union(UnionType::All, part);
        union
    });
    let Some(union) = union else { return Ok(0) };
    let sum = Query::select()
        .expr_as(Expr::cust("sum(reviews)::bigint"), "reviews")
        .from_subquery(union, Alias::new("part"))
        .take();
    let row = session.query_one_raw(sql::build(&sum)).await?;
    let reviews: Option<Option<i64>> = row.map(|row| row.try_get("", "reviews")).transpose()?;
    Ok(reviews.flatten().unwrap_or_default().unsigned_abs())
}

/// Returns the statement that sums the numbers of whole months.
fn count_months(filter: &ReviewFilter, months: MonthRange) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr_as(Expr::cust("sum(reviews)"), ReviewMonthCount::Reviews)
        .from(ReviewMonthCount::Table);
    if let MonthRange::Between(first, last) = months {
        select.and_where(Expr::col(ReviewMonthCount::Month).between(first, last));
    }
    if let Some(sentiment) = filter.sentiment {
        let unscored = Expr::col(ReviewMonthCount::Sentiment).eq_any(names(sentiment.sentiments));
        let unscored = unscored.and(Expr::col(ReviewMonthCount::IsScored).not());
        let has_sentiment = sentiment.sentiments.iter().fold(
            Condition::any().add(unscored),
            |any, sentiment_of_score| {
                let (lowest, highest) = score_band(sentiment, sentiment_of_score);
                any.add(Expr::col(ReviewMonthCount::Score).between(lowest, highest))
            },
        );
        select.cond_where(has_sentiment);
    }
    if let Some(is_scored) = filter.scored {
        select.and_where(Expr::col(ReviewMonthCount::IsScored).eq(is_scored));
    }
    if let Some(recommended) = filter.recommended {
        select.and_where(Expr::col(ReviewMonthCount::Recommended).eq(recommended));
    }
    select.take()
}

/// Returns the statement that counts the reviews of a few days. Their number is negative if the months include them
/// although the filter doesn't.
fn count_days(filter: &ReviewFilter, days: Days) -> SelectStatement {
    let filter = ReviewFilter {
        since: Some(days.first),
        until: Some(days.last),
        ..filter.clone()
    };
    let count = if days.is_excess {
        "-count(*)::numeric"
    } else {
        "count(*)::numeric"
    };
    review::Entity::find()
        .select_only()
        .column_as(Expr::cust(count), "reviews")
        .filter(condition(&filter))
        .into_query()
}
