//! Tallies of filtered reviews, which are counted for each request.

use std::{collections::HashMap, sync::Arc};

use entity::review;
use sea_orm::{
    ColumnTrait, DbErr, DeriveIden, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait,
    sea_query::{Expr, Query},
};

use super::basis_of;
use crate::{
    cache::tag::Tag,
    database::{session::Session, sql},
    loader::key::LoaderKey,
    review::{
        filter::ReviewFilter,
        owner::{Owner, OwnerKind},
        store::{
            filter::condition,
            index::FilteredReviews,
            owner::{owner_column, owner_reviews_tag},
        },
    },
    score::{ScoredTally, Tally, TallyParts},
};

/// The tally of an owner's reviews that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilteredTally {
    /// The owner of the reviews.
    pub owner: Owner,
    /// The filter.
    pub filter: ReviewFilter,
}

impl LoaderKey for FilteredTally {
    type Value = Arc<ScoredTally>;
    type Group = (OwnerKind, ReviewFilter);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.filter.clone())
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.owner));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, filter)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let mut tallies = HashMap::with_capacity(keys.len());
        if let Some(reviews) = FilteredReviews::find(kind, &filter, session).await {
            for key in &keys {
                tallies.insert(key.owner.key(), reviews.tally(key.owner).await);
            }
        } else {
            let owners: Vec<i64> = keys.iter().map(|key| key.owner.key()).collect();
            tallies = fetch(kind, &filter, owners, session).await?;
        }
        let tallies_by_key = keys.into_iter().map(|key| {
            let tally = tallies.remove(&key.owner.key()).unwrap_or_default();
            let scored_tally = ScoredTally::new(tally, basis_of(key.owner));
            (key, Arc::new(scored_tally))
        });
        Ok(tallies_by_key.collect())
    }
}

/// The counts of an owner's reviews. The scores are those that a review has, in any order, and may be repeated.
#[derive(FromQueryResult)]
struct Counts {
    owner: i64,
    scores: Option<Vec<i16>>,
    reviews_by_score: Option<Vec<i32>>,
    unscored_positive: i32,
    unscored_mixed: i32,
    unscored_negative: i32,
    unrated: i32,
    unscored_positive_weight: i64,
    unscored_mixed_weight: i64,
    unscored_negative_weight: i64,
    weighted_sum: i64,
    weight: i64,
    recommended: i32,
    not_recommended: i32,
    repeated: i32,
}

/// The columns of [`Counts`], from groups of equal reviews. The database sums the groups, because there are a hundred
/// times as many groups as owners, and reading a row takes the server longer than the database.
const COUNTS: &str = "
owner,
array_agg(score) FILTER (WHERE score IS NOT NULL) AS scores,
array_agg(reviews::integer) FILTER (WHERE score IS NOT NULL) AS reviews_by_score,
coalesce(sum(reviews) FILTER (WHERE implied_sentiment = 'positive'), 0)::integer AS unscored_positive,
coalesce(sum(reviews) FILTER (WHERE implied_sentiment = 'mixed'), 0)::integer AS unscored_mixed,
coalesce(sum(reviews) FILTER (WHERE implied_sentiment = 'negative'), 0)::integer AS unscored_negative,
coalesce(sum(reviews) FILTER (WHERE score IS NULL AND implied_sentiment IS NULL), 0)::integer AS unrated,
coalesce(sum(reviews * weight) FILTER (WHERE implied_sentiment = 'positive'), 0)::bigint AS unscored_positive_weight,
coalesce(sum(reviews * weight) FILTER (WHERE implied_sentiment = 'mixed'), 0)::bigint AS unscored_mixed_weight,
coalesce(sum(reviews * weight) FILTER (WHERE implied_sentiment = 'negative'), 0)::bigint AS unscored_negative_weight,
coalesce(sum(reviews * weight * score), 0)::bigint AS weighted_sum,
coalesce(sum(reviews * weight) FILTER (WHERE score IS NOT NULL), 0)::bigint AS weight,
coalesce(sum(reviews) FILTER (WHERE recommended), 0)::integer AS recommended,
coalesce(sum(reviews) FILTER (WHERE NOT recommended), 0)::integer AS not_recommended";

/// The number of reviews by critics beyond the first one of each, from groups of equal reviews by the same critic.
const REPEATED: &str = "(coalesce(sum(reviews) FILTER (WHERE critic_id IS NOT NULL), 0) - count(DISTINCT critic_id))::integer AS repeated";

#[derive(DeriveIden)]
enum Group {
    Table,
    Owner,
}

async fn fetch(
    kind: OwnerKind,
    filter: &ReviewFilter,
    owners: Vec<i64>,
    session: &Session,
) -> Result<HashMap<i64, Tally>, DbErr> {
    if filter.excludes_all() {
        return Ok(HashMap::new());
    }
    let owner = owner_column(kind);
    let columns = [
        review::Column::Score,
        review::Column::ImpliedSentiment,
        review::Column::Recommended,
        review::Column::Weight,
    ];
    let mut groups = review::Entity::find()
        .select_only()
        .column_as(owner, "owner")
        .columns(columns)
        .column_as(Expr::cust("count(*)"), "reviews")
        .filter(owner.eq_any(owners))
        .filter(condition(filter))
        .group_by(owner);
    for column in columns {
        groups = groups.group_by(column);
    }
    // Only a film's label counts critics.
    let repeated = if kind == OwnerKind::Film {
        groups = groups
            .column(review::Column::CriticId)
            .group_by(review::Column::CriticId);
        REPEATED
    } else {
        "0 AS repeated"
    };
    let counts = Query::select()
        .expr(Expr::cust(COUNTS))
        .expr(Expr::cust(repeated))
        .from_subquery(groups.into_query(), Group::Table)
        .group_by_col(Group::Owner)
        .take();
    let rows: Vec<Counts> = sql::rows(session, sql::build(&counts)).await?;
    rows.into_iter().map(Counts::tally).collect()
}

impl Counts {
    /// Returns the owner and its tally.
    fn tally(self) -> Result<(i64, Tally), DbErr> {
        let mut score_counts = vec![0; 101];
        let scores = self.scores.iter().flatten();
        for (score, reviews) in scores.zip(self.reviews_by_score.iter().flatten()) {
            let index = usize::try_from(*score).ok();
            if let Some(count) = index.and_then(|index| score_counts.get_mut(index)) {
                *count += reviews;
            }
        }
        let parts = TallyParts {
            counts: &score_counts,
            unscored_positive: self.unscored_positive,
            unscored_positive_weight: self.unscored_positive_weight,
            unscored_mixed: self.unscored_mixed,
            unscored_mixed_weight: self.unscored_mixed_weight,
            unscored_negative: self.unscored_negative,
            unscored_negative_weight: self.unscored_negative_weight,
            unrated: self.unrated,
            recommended: self.recommended,
            not_recommended: self.not_recommended,
            weighted_sum: self.weighted_sum,
            weight: self.weight,
            repeated: self.repeated,
        };
        let tally = Tally::from_parts(&parts).map_err(|error| DbErr::Type(error.to_string()))?;
        Ok((self.owner, tally))
    }
}
