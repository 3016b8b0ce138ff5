//! The statements that compare critics while the index of opinions is not current.

use std::{collections::HashMap, sync::Arc};

use sea_orm::{DbErr, FromQueryResult, Value};

use super::{AgreementOf, CriticsByDistance};
use crate::{
    critic::CriticId,
    database::{session::Session, sql},
    score::{AgreementSums, SentimentBands},
};

/// The score and the sentiment of each critic's reviews of a film, as [`FilmReviews`](crate::score::FilmReviews) counts them.
/// The sentiment of a score is that of the bands `$1` and `$2`.
const OPINION: &str = "
SELECT critic_id, film_id, points, CASE
    WHEN points >= $1 THEN 'positive' WHEN points >= $2 THEN 'mixed' WHEN points IS NOT NULL THEN 'negative' ELSE implied
END AS sentiment
FROM (
    SELECT critic_id, film_id, (2 * sum(score) + count(score)) / nullif(2 * count(score), 0) AS points,
        (array_agg(implied_sentiment ORDER BY id DESC) FILTER (WHERE implied_sentiment IS NOT NULL))[1] AS implied
    FROM review WHERE {condition} GROUP BY critic_id, film_id
) AS mean";

/// The sums of pairs of opinions.
const SUMS: &str = "
count(*) AS films, count(one.points + other.points) AS scored,
coalesce(sum(abs(one.points - other.points)), 0)::bigint AS absolute_difference,
coalesce(sum(one.points) FILTER (WHERE other.points IS NOT NULL), 0)::bigint AS sum,
coalesce(sum(other.points) FILTER (WHERE one.points IS NOT NULL), 0)::bigint AS other_sum,
coalesce(sum(one.points * one.points) FILTER (WHERE other.points IS NOT NULL), 0)::bigint AS squares,
coalesce(sum(other.points * other.points) FILTER (WHERE one.points IS NOT NULL), 0)::bigint AS other_squares,
coalesce(sum(one.points * other.points), 0)::bigint AS products,
count(one.sentiment || other.sentiment) AS with_sentiment,
count(*) FILTER (WHERE one.sentiment = other.sentiment) AS same_sentiment";

#[derive(FromQueryResult)]
struct SumsRow {
    critic: i64,
    other: i64,
    films: i64,
    scored: i64,
    absolute_difference: i64,
    sum: i64,
    other_sum: i64,
    squares: i64,
    other_squares: i64,
    products: i64,
    with_sentiment: i64,
    same_sentiment: i64,
}

impl SumsRow {
    fn sums(&self) -> AgreementSums {
        AgreementSums {
            films: self.films.unsigned_abs(),
            scored: self.scored.unsigned_abs(),
            absolute_difference: self.absolute_difference.unsigned_abs(),
            sums: [self.sum, self.other_sum].map(i64::unsigned_abs),
            squares: [self.squares, self.other_squares].map(i64::unsigned_abs),
            products: self.products.unsigned_abs(),
            with_sentiment: self.with_sentiment.unsigned_abs(),
            same_sentiment: self.same_sentiment.unsigned_abs(),
        }
    }
}

/// Returns the statement for the opinions of the reviews that match a condition.
pub fn opinion(condition: &str) -> String {
    OPINION.replace("{condition}", condition)
}

/// Returns the parameters of a statement: the bands, and lists of keys.
pub fn parameters(bands: SentimentBands, lists: impl IntoIterator<Item = Vec<i64>>) -> Vec<Value> {
    let bands = [bands.positive_from(), bands.mixed_from()];
    let bands = bands.map(|score| i64::from(score).into());
    let lists = lists.into_iter().map(Value::from);
    bands.into_iter().chain(lists).collect()
}

/// Reads the sums of pairs of critics.
pub async fn agreements(
    keys: Vec<AgreementOf>,
    session: &Session,
) -> Result<HashMap<AgreementOf, AgreementSums>, DbErr> {
    let Some(bands) = keys.first().map(|key| key.bands) else {
        return Ok(HashMap::new());
    };
    let critics: Vec<i64> = keys.iter().map(|key| key.critic.0).collect();
    let others: Vec<i64> = keys.iter().map(|key| key.with.0).collect();
    let opinions = opinion("critic_id = ANY ($3::bigint[]) OR critic_id = ANY ($4::bigint[])");
    let sql = format!(
        "WITH opinion AS MATERIALIZED ({opinions})
        SELECT pair.critic, pair.other, {SUMS}
        FROM unnest($3::bigint[], $4::bigint[]) AS pair (critic, other)
        JOIN opinion AS one ON one.critic_id = pair.critic
        JOIN opinion AS other ON other.critic_id = pair.other AND other.film_id = one.film_id
        GROUP BY pair.critic, pair.other"
    );
    let rows: Vec<SumsRow> = sql::all(session, &sql, parameters(bands, [critics, others])).await?;
    let sums = rows.iter().map(|row| {
        let key = AgreementOf {
            critic: CriticId(row.critic),
            with: CriticId(row.other),
            bands,
        };
        (key, row.sums())
    });
    Ok(sums.collect())
}

/// Reads the critics who are closest to others, or furthest from others.
pub async fn by_distance(
    keys: Vec<CriticsByDistance>,
    session: &Session,
) -> Result<HashMap<CriticsByDistance, Arc<[(CriticId, AgreementSums)]>>, DbErr> {
    let Some(compared) = keys.first().map(|key| key.compared) else {
        return Ok(HashMap::new());
    };
    let critics: Vec<i64> = keys.iter().map(|key| key.critic.0).collect();
    let own = opinion("critic_id = ANY ($3::bigint[])");
    let other = opinion("film_id = ANY (ARRAY(SELECT film_id FROM own)) AND critic_id IS NOT NULL");
    let sql = format!(
        "WITH own AS MATERIALIZED ({own}), opinion AS ({other})
        SELECT one.critic_id AS critic, other.critic_id AS other, {SUMS}
        FROM own AS one JOIN opinion AS other ON other.film_id = one.film_id AND other.critic_id <> one.critic_id
        GROUP BY one.critic_id, other.critic_id"
    );
    let rows: Vec<SumsRow> = sql::all(session, &sql, parameters(compared.bands, [critics])).await?;
    let mut others: HashMap<i64, Vec<(CriticId, AgreementSums)>> = HashMap::new();
    for row in &rows {
        let of_critic = others.entry(row.critic).or_default();
        of_critic.push((CriticId(row.other), row.sums()));
    }
    let critics = keys.into_iter().map(|key| {
        let others = others.remove(&key.critic.0).unwrap_or_default();
        (key, compared.select(others).into())
    });
    Ok(critics.collect())
}
