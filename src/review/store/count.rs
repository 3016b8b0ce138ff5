//! Numbers of reviews.

use std::collections::HashMap;

use entity::review;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr,
};

use super::{
    filter::{condition, visit_filter_tags},
    index::FilteredReviews,
    month_count,
    owner::{owner_column, owner_reviews_tag},
};
use crate::{
    cache::tag::{Tag, TagKind},
    database::session::Session,
    loader::key::{LoaderKey, one_by_one},
    review::{
        filter::ReviewFilter,
        owner::{Owner, OwnerKind},
    },
};

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
        visit_filter_tags(&self.filter, visit);
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let Some((kind, filter)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        if let Some(reviews) = FilteredReviews::find(kind, &filter, session).await {
            let mut counts = HashMap::with_capacity(keys.len());
            for key in keys {
                let count = reviews.count(key.owner).await;
                counts.insert(key, count as u64);
            }
            return Ok(counts);
        }
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
        visit_filter_tags(&self.0, visit);
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        one_by_one(keys, |key| async move {
            if key.0.excludes_all() {
                return Ok(0);
            }
            if key.0.author().is_none() && !key.0.rest.is_given() {
                return month_count::count(&key.0, session).await;
            }
            if let Some((author, rest)) = key.0.author() {
                let reviews = FilteredReviews::find(author.kind(), &rest, session).await;
                if let Some(reviews) = reviews {
                    return Ok(reviews.count(author).await as u64);
                }
            }
            let select = review::Entity::find().filter(condition(&key.0));
            select.count(session).await
        })
        .await
    }
}
