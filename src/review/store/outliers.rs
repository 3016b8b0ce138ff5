//! Reads how far the scores of critics and publications are from those of other reviews of the same films.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{DbErr, FromQueryResult, IdenStatic, Value};

use crate::{
    cache::tag::{Tag, TagKind},
    database::{session::Session, sql},
    loader::key::LoaderKey,
    review::{
        ReviewId,
        owner::{Owner, OwnerKind},
        store::owner::owner_column,
    },
    score::{Bias, Policy, Sentiment, Weighting},
};

/// Whether reviews are below or above the score of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutlierDirection {
    /// Those below, the lowest difference first.
    Harshest,
    /// Those above, the highest difference first.
    Kindest,
}

/// A review with the score of its film without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlier {
    /// The review.
    pub review: ReviewId,
    /// The score of the film, computed from the other reviews.
    pub film_score: i32,
    /// The score of the review minus that of the film; never 0.
    pub difference: i32,
}

/// Which reviews of an owner are returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutlierQuery {
    /// Whether they are below or above.
    pub direction: OutlierDirection,
    /// The maximum number of reviews.
    pub first: usize,
    /// The policy by which the scores of films are computed.
    pub policy: Policy,
}

/// The reviews of an owner that are furthest from the score of the others: by the difference, then by the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutliersOf {
    /// The critic or the publication.
    pub owner: Owner,
    /// Which reviews are returned.
    pub query: OutlierQuery,
}

/// The mean difference of an owner's scores from the scores of the films.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BiasOf {
    /// The critic or the publication.
    pub owner: Owner,
    /// The policy by which the scores of films are computed.
    pub policy: Policy,
}

/// The scored reviews of the owners `$1`, each with the sums of the other reviews of its film. `{weighted_sum}`, `{weight}`
/// and so on are those of the policy.
const OTHERS: &str = "
SELECT review.{owner} AS owner, review.id, review.score,
    tally.scored_count - 1 AS scored,
    tally.unscored_positive + tally.unscored_mixed + tally.unscored_negative AS unscored,
    2 * ({weighted_sum} - review.score * {review_weight}) AS doubled_sum,
    {weight} - {review_weight} AS weight,
    $4::bigint * {positive} + $5::bigint * {mixed} + $6::bigint * {negative} AS doubled_estimate,
    {positive} + {mixed} + {negative} AS estimate_weight
FROM review JOIN film_tally AS tally ON tally.film_id = review.film_id
WHERE review.{owner} = ANY ($1::bigint[]) AND review.score IS NOT NULL";

/// The rounded scores of the films, computed as [`Policy::value`](crate::score::Policy) does; null if the other reviews are
/// too few.
const FILM_SCORES: &str = "
SELECT owner, id, score, CASE
    WHEN scored >= $2::bigint THEN (doubled_sum + weight) / nullif(2 * weight, 0)
    WHEN $3 AND scored + unscored >= $2::bigint
    THEN (doubled_sum + doubled_estimate + weight + estimate_weight) / nullif(2 * (weight + estimate_weight), 0)
END AS film_score
FROM others";

/// The sum of the scores of a film, if all reviews count alike.
const EQUAL_SUM: &str = "
100 * (SELECT sum((position - 1) * number) FROM unnest(tally.score_counts) WITH ORDINALITY AS count (number, position))::bigint";

/// Returns the beginning of a statement, with the differences of all scored reviews of owners in the table `difference`.
fn differences(kind: OwnerKind, policy: &Policy) -> String {
    let columns = match policy.weighting() {
        Weighting::ByPublication => [
            ("{weighted_sum}", "tally.weighted_sum"),
            ("{weight}", "tally.weight"),
            ("{review_weight}", "review.weight"),
            ("{positive}", "tally.unscored_positive_weight"),
            ("{mixed}", "tally.unscored_mixed_weight"),
            ("{negative}", "tally.unscored_negative_weight"),
        ],
        Weighting::Equal => [
            ("{weighted_sum}", EQUAL_SUM),
            ("{weight}", "100::bigint * tally.scored_count"),
            ("{review_weight}", "100"),
            ("{positive}", "100::bigint * tally.unscored_positive"),
            ("{mixed}", "100::bigint * tally.unscored_mixed"),
            ("{negative}", "100::bigint * tally.unscored_negative"),
        ],
    };
    let others = OTHERS.replace("{owner}", owner_column(kind).as_str());
    let others = columns.iter().fold(others, |others, (name, column)| {
        others.replace(name, column)
    });
    format!(
        "WITH others AS ({others}), film_score AS ({FILM_SCORES}), difference AS (
            SELECT owner, id, film_score, score - film_score AS difference FROM film_score WHERE film_score IS NOT NULL
        )"
    )
}

/// Returns the parameters of the statement: the owners and the policy.
fn parameters(owners: impl Iterator<Item = Owner>, policy: &Policy) -> Vec<Value> {
    let owners: Vec<i64> = owners.map(Owner::key).collect();
    let middles =
        Sentiment::ALL.map(|sentiment| i64::from(policy.doubled_middle(sentiment)).into());
    let minimum = i64::from(policy.minimum_reviews());
    let first: [Value; 3] = [owners.into(), minimum.into(), policy.estimate().into()];
    first.into_iter().chain(middles).collect()
}

#[derive(FromQueryResult)]
struct OutlierRow {
    owner: i64,
    id: i64,
    film_score: i64,
    difference: i64,
}

impl LoaderKey for OutliersOf {
    type Value = Arc<[Outlier]>;
    type Group = (OwnerKind, OutlierQuery);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.query)
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        // The scores depend on all reviews of all of the owner's films.
        visit(Tag::any(TagKind::Review));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, query)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let (condition, order) = match query.direction {
            OutlierDirection::Harshest => ("difference < 0", "difference"),
            OutlierDirection::Kindest => ("difference > 0", "difference DESC"),
        };
        let sql = format!(
            "{} SELECT owner, id, film_score, difference FROM (
                SELECT difference.*, row_number() OVER (PARTITION BY owner ORDER BY {order}, id) AS place
                FROM difference WHERE {condition}
            ) AS placed WHERE place <= $7 ORDER BY owner, place",
            differences(kind, &query.policy)
        );
        let mut values = parameters(keys.iter().map(|key| key.owner), &query.policy);
        values.push(i64::try_from(query.first).unwrap_or(i64::MAX).into());
        let rows: Vec<OutlierRow> = sql::all(session, &sql, values).await?;
        let mut outliers: HashMap<i64, Vec<Outlier>> = HashMap::new();
        for row in &rows {
            outliers.entry(row.owner).or_default().push(Outlier {
                review: ReviewId(row.id),
                film_score: points(row.film_score)?,
                difference: points(row.difference)?,
            });
        }
        let outliers = keys.into_iter().map(|key| {
            let of_owner = outliers.remove(&key.owner.key()).unwrap_or_default();
            (key, of_owner.into())
        });
        Ok(outliers.collect())
    }
}

fn points(number: i64) -> Result<i32, DbErr> {
    i32::try_from(number).map_err(|_| DbErr::Type(format!("{number} is no number of points")))
}

#[derive(FromQueryResult)]
struct BiasRow {
    owner: i64,
    sum: i64,
    reviews: i64,
}

impl LoaderKey for BiasOf {
    type Value = Bias;
    type Group = (OwnerKind, Policy);

    fn group(&self) -> Self::Group {
        (self.owner.kind(), self.policy)
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        // The scores depend on all reviews of all of the owner's films.
        visit(Tag::any(TagKind::Review));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some((kind, policy)) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let sql = format!(
            "{} SELECT owner, sum(difference)::bigint AS sum, count(*) AS reviews FROM difference GROUP BY owner",
            differences(kind, &policy)
        );
        let values = parameters(keys.iter().map(|key| key.owner), &policy);
        let rows: Vec<BiasRow> = sql::all(session, &sql, values).await?;
        let biases = rows.iter().map(|row| {
            let owner = kind.owner(row.owner);
            let bias = Bias {
                sum: row.sum,
                reviews: row.reviews.unsigned_abs(),
            };
            (Self { owner, policy }, bias)
        });
        Ok(biases.collect())
    }
}
