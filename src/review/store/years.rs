//! Reads the reviews of critics and publications by year.

use std::{collections::HashMap, sync::Arc};

use chrono::Datelike;
use sea_orm::{DbErr, FromQueryResult, IdenStatic};

use crate::{
    cache::tag::Tag,
    database::{session::Session, sql},
    loader::key::LoaderKey,
    review::{
        filter::ReviewFilter,
        owner::{Owner, OwnerKind},
        store::{
            index::FilteredReviews,
            owner::{owner_column, owner_reviews_tag},
        },
    },
    score::Interval,
};

/// The maximum number of years, the last of which are returned.
pub const MAX_YEARS: usize = 100;

/// The reviews of a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearOfReviews {
    /// The year in which they were published.
    pub year: i32,
    /// The number of reviews.
    pub reviews: u64,
    /// The number of those with a score.
    pub scored: u64,
    /// The sum of their scores.
    pub sum: u64,
}

/// The years in which an owner's reviews were published, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct YearsOf(pub Owner);

#[derive(FromQueryResult)]
struct Row {
    owner: i64,
    year: i32,
    reviews: i64,
    scored: i64,
    sum: i64,
}

impl LoaderKey for YearsOf {
    type Value = Arc<[YearOfReviews]>;
    type Group = OwnerKind;

    fn group(&self) -> OwnerKind {
        self.0.kind()
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(self.0));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some(kind) = keys.first().map(Self::group) else {
            return Ok(HashMap::new());
        };
        let mut years: HashMap<Owner, Vec<YearOfReviews>> = HashMap::new();
        let all = ReviewFilter::default();
        if let Some(reviews) = FilteredReviews::find(kind, &all, session).await {
            for YearsOf(owner) in &keys {
                let by_year = reviews.by_interval(*owner, Interval::Year).await;
                let by_year = by_year.into_iter().map(|(last_day, reviews)| {
                    let scores = reviews.iter().filter_map(|review| review.points);
                    YearOfReviews {
                        year: last_day.year(),
                        reviews: reviews.len() as u64,
                        scored: scores.clone().count() as u64,
                        sum: scores.map(|points| u64::from(points.get())).sum(),
                    }
                });
                years.insert(*owner, by_year.collect());
            }
        } else {
            years = fetch(kind, keys.iter().map(|key| key.0.key()).collect(), session).await?;
        }
        let years = keys.into_iter().map(|key| {
            let mut of_owner = years.remove(&key.0).unwrap_or_default();
            of_owner.drain(..of_owner.len().saturating_sub(MAX_YEARS));
            (key, of_owner.into())
        });
        Ok(years.collect())
    }
}

async fn fetch(
    kind: OwnerKind,
    owners: Vec<i64>,
    session: &Session,
) -> Result<HashMap<Owner, Vec<YearOfReviews>>, DbErr> {
    let owner = owner_column(kind).as_str();
    let sql = format!(
        "SELECT {owner} AS owner, extract(year FROM reviewed_on)::integer AS year,
            count(*) AS reviews, count(score) AS scored, coalesce(sum(score), 0)::bigint AS sum
        FROM review WHERE {owner} = ANY ($1::bigint[]) AND reviewed_on IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    );
    let rows: Vec<Row> = sql::all(session, &sql, [owners.into()]).await?;
    let mut years: HashMap<Owner, Vec<YearOfReviews>> = HashMap::new();
    for row in &rows {
        let of_owner = years.entry(kind.owner(row.owner)).or_default();
        of_owner.push(YearOfReviews {
            year: row.year,
            reviews: row.reviews.unsigned_abs(),
            scored: row.scored.unsigned_abs(),
            sum: row.sum.unsigned_abs(),
        });
    }
    Ok(years)
}
