//! The weights of unrated reviews, which tallies don't have.

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
            owner::{owner_column, owner_reviews_tag},
        },
    },
};

/// The sum of the weights of an owner's reviews that count and have neither a score nor a sentiment nor a
/// recommendation, in hundredths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnratedWeight {
    /// The owner of the reviews.
    pub owner: Owner,
    /// Which reviews count, and by which weights.
    pub counting: Counting,
}

#[derive(FromQueryResult)]
struct Sum {
    owner: i64,
    weight: i64,
}

impl LoaderKey for UnratedWeight {
    type Value = u64;
    type Group = (OwnerKind, Counting);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.counting.clone())
    }

    fn tags(&self, _: Option<&u64>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, u64>, DbErr> {
        let Some((kind, counting)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let owners: Vec<i64> = keys.iter().map(|key| key.owner.key()).collect();
        let owner = owner_column(kind);
        let mut select = review::Entity::find()
            .select_only()
            .column_as(owner, "owner")
            .filter(owner.eq_any(owners))
            .filter(review::Column::Score.is_null())
            .filter(review::Column::ImpliedSentiment.is_null())
            .filter(condition(&counting))
            .group_by(owner)
            .into_query();
        let sum = Expr::expr(Func::sum(weight(&counting, false))).cast_as("bigint");
        select.expr_as(sum, "weight");
        join_weights(&mut select, &counting);
        let sums: Vec<Sum> = sql::rows(session, sql::build(&select)).await?;
        let sums: HashMap<i64, i64> = sums.iter().map(|sum| (sum.owner, sum.weight)).collect();
        let by_key = keys.into_iter().map(|key| {
            let sum = sums.get(&key.owner.key()).copied().unwrap_or_default();
            (key, sum.unsigned_abs())
        });
        Ok(by_key.collect())
    }
}
