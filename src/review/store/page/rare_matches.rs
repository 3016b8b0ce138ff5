//! Pages of the reviews of critics and publications of which few match a filter.
//!
//! The database reads an author's reviews in their order until enough match. If few do, it reads all of them. The index
//! in memory finds them faster.

use std::{collections::HashMap, sync::Arc};

use entity::review;
use sea_orm::{DbErr, QueryFilter, QueryTrait};

use super::ReviewQuery;
use crate::{
    database::{session::Session, sql},
    review::{
        Review,
        owner::{Owner, OwnerKind},
        store::{
            filter::condition,
            index::FilteredReviews,
            rows::{fetch_reviews, select_columns},
        },
    },
};

/// Reads the pages of several owners of a kind. `None` if the database finds them fast, or has to find them.
pub async fn fetch(
    kind: OwnerKind,
    owners: &[Owner],
    query: &ReviewQuery,
    session: &Session,
) -> Result<Option<Vec<Arc<Review>>>, DbErr> {
    if query.filter.is_empty() {
        return Ok(None);
    }
    let reviews = FilteredReviews::find(kind, &query.filter, session).await;
    let wanted = usize::from(query.page.size) + 1;
    let reviews = reviews.filter(|reviews| reviews.are_rare(owners, wanted));
    let Some(reviews) = reviews else {
        return Ok(None);
    };
    let mut expected = HashMap::new();
    for owner in owners {
        let positions = reviews.page(*owner, query.order, &query.page).await;
        expected.extend(positions.into_iter().map(|at| (at.id, (*owner, at))));
    }
    if expected.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let ids: Vec<i64> = expected.keys().copied().collect();
    let select = select_columns(query.columns)
        .filter(review::COLUMN.id.eq_any(ids))
        .filter(condition(&query.filter));
    let rows = fetch_reviews(query.columns, sql::build(&select.into_query()), session).await?;
    let is_as_expected = |review: &Arc<Review>| {
        let expected = expected.get(&review.id.0);
        expected.is_some_and(|(owner, position)| {
            kind.of(review) == Some(*owner) && query.order.position(review) == *position
        })
    };
    let is_unchanged = rows.len() == expected.len() && rows.iter().all(is_as_expected);
    // If a review has changed since, others may take its place.
    Ok(is_unchanged.then_some(rows))
}
