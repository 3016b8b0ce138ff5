//! The unrated reviews of an owner, whose weights tallies don't have.

use std::collections::HashMap;

use entity::review;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, Func},
};

use crate::{
    cache::tag::Tag,
    database::{session::Session, sql},
    loader::key::LoaderKey,
    review::{
        counting::Counting,
        owner::{Owner, OwnerKind},
        store::{
            counting::{condition, join_weights, weight},
            filter::visit_filter_tags,
            owner::{owner_column, owner_reviews_tag},
        },
    },
};

/// An owner's reviews that count and have neither a score nor a sentiment nor a recommendation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnratedReviews {
    /// The owner of the reviews.
    pub owner: Owner,
    /// Which reviews count, and by which weights.
    pub counting: Counting,
}

/// The number of unrated reviews and the sum of their weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnratedSums {
    /// The number.
    pub count: u64,
    /// The sum of the weights in hundredths.
    pub weight: u64,
}

#[derive(FromQueryResult)]
struct Sums {
    owner: i64,
    count: i64,
    weight: i64,
}

impl LoaderKey for UnratedReviews {
    type Value = UnratedSums;
    type Group = (OwnerKind, Counting);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.counting.clone())
    }

    fn tags(&self, _: Option<&UnratedSums>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
        visit_filter_tags(&self.counting.filter, visit);
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, UnratedSums>, DbErr> {
        let Some((kind, counting)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let owners: Vec<i64> = keys.iter().map(|key| key.owner.key()).collect();
        let owner = owner_column(kind);
        let mut select = review::Entity::find()
            .select_only()
            .column_as(owner, "owner")
            .column_as(review::Column::Id.count(), "count")
            .filter(owner.eq_any(owners))
            .filter(review::Column::Score.is_null())
            .filter(review::Column::ImpliedSentiment.is_null())
            .filter(condition(&counting))
            .group_by(owner)
            .into_query();
        let sum = Expr::expr(Func::sum(weight(&counting, false))).cast_as("bigint");
        select.expr_as(sum, "weight");
        join_weights(&mut select, &counting);
        let sums: Vec<Sums> = sql::rows(session, sql::build(&select)).await?;
        let sums = sums.iter().map(|sums| {
            let (count, weight) = (sums.count.unsigned_abs(), sums.weight.unsigned_abs());
            (sums.owner, UnratedSums { count, weight })
        });
        let sums: HashMap<i64, UnratedSums> = sums.collect();
        let by_key = keys.into_iter().map(|key| {
            let of_owner = sums.get(&key.owner.key()).copied();
            (key, of_owner.unwrap_or_default())
        });
        Ok(by_key.collect())
    }
}
