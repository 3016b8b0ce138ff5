//! Tallies of the reviews that count under a policy or match a filter, which are counted for each request.

use std::{collections::HashMap, sync::Arc};

use entity::review;
use sea_orm::{
    ColumnTrait, DbErr, DeriveIden, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, Query},
};

use super::{
    basis_of,
    counts::{COUNTS, Counts, TotalCounts},
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
            index::FilteredReviews,
            owner::{owner_column, owner_reviews_tag},
        },
    },
    score::{ScoredTally, Tally},
};

/// The tally of an owner's reviews that count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CountedTally {
    /// The owner of the reviews.
    pub owner: Owner,
    /// Which reviews count, and by which weights.
    pub counting: Counting,
}

impl LoaderKey for CountedTally {
    type Value = Arc<ScoredTally>;
    type Group = (OwnerKind, Counting);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.counting.clone())
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
        visit_filter_tags(&self.counting.filter, visit);
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, counting)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let mut tallies = HashMap::with_capacity(keys.len());
        if let Some(reviews) = FilteredReviews::counted(kind, &counting, session).await {
            for key in &keys {
                tallies.insert(key.owner.key(), reviews.tally(key.owner).await);
            }
        } else {
            let owners: Vec<i64> = keys.iter().map(|key| key.owner.key()).collect();
            tallies = fetch(kind, &counting, owners, session).await?;
        }
        let tallies_by_key = keys.into_iter().map(|key| {
            let tally = tallies.remove(&key.owner.key()).unwrap_or_default();
            let scored_tally = ScoredTally::new(tally, basis_of(key.owner));
            (key, Arc::new(scored_tally))
        });
        Ok(tallies_by_key.collect())
    }
}

/// The number of reviews by critics beyond the first one of each, from groups of equal reviews by the same critic.
const REPEATED: &str = "(coalesce(sum(reviews) FILTER (WHERE critic_id IS NOT NULL), 0) - count(DISTINCT critic_id))::integer AS repeated";

#[derive(DeriveIden)]
enum Group {
    Table,
    Owner,
}

async fn fetch(
    kind: OwnerKind,
    counting: &Counting,
    owners: Vec<i64>,
    session: &Session,
) -> Result<HashMap<i64, Tally>, DbErr> {
    if counting.filter.excludes_all() {
        return Ok(HashMap::new());
    }
    let owner = owner_column(kind);
    let columns = [
        review::Column::Score,
        review::Column::ImpliedSentiment,
        review::Column::Recommended,
    ];
    let mut groups = review::Entity::find()
        .select_only()
        .column_as(owner, "owner")
        .columns(columns)
        .column_as(Expr::cust("count(*)"), "reviews")
        .filter(owner.eq_any(owners))
        .filter(condition(counting))
        .group_by(owner);
    for column in columns {
        groups = groups.group_by(column);
    }
    let weight = weight(counting, false);
    groups = groups.column_as(weight.clone(), "weight").group_by(weight);
    // Only a film's label counts critics.
    let repeated = if kind == OwnerKind::Film {
        groups = groups
            .column(review::Column::CriticId)
            .group_by(review::Column::CriticId);
        REPEATED
    } else {
        "0 AS repeated"
    };
    let mut groups = groups.into_query();
    join_weights(&mut groups, counting);
    let counts = Query::select()
        .expr(Expr::cust(COUNTS))
        .expr(Expr::cust(repeated))
        .from_subquery(groups, Group::Table)
        .group_by_col(Group::Owner)
        .take();
    let rows: Vec<Counts> = sql::rows(session, sql::build(&counts)).await?;
    let tallies = rows.iter().map(|row| {
        let mut total = TotalCounts::default();
        total.add(row);
        Ok((row.owner, total.tally()?))
    });
    tallies.collect()
}
