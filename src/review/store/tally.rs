//! Reads of the tallies in the database, tallies of filtered reviews, and recounts that check and repair the stored
//! tallies.

mod recount;
mod repair;

use std::{collections::HashMap, sync::Arc};

use entity::{critic_tally, publication_tally, review};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, sea_query::Expr,
};

pub use self::{
    recount::{TallyDifference, recount},
    repair::{Repair, count_wrong_weights, repair},
};
use crate::{
    cache::tag::Tag,
    critic::CriticId,
    database::{error::ReadError, session::Session},
    film::store::FilmById,
    loader::{data_loader::DataLoader, key::LoaderKey},
    publication::PublicationId,
    review::{
        filter::ReviewFilter,
        owner::{Owner, OwnerKind},
        store::{
            filter::condition,
            owner::{owner_column, owner_reviews_tag},
        },
    },
    score::{
        Basis, Points, Score, ScoreInput, ScoredTally, Sentiment, Tally, Weight, row::tally_of_row,
    },
};

/// Loads the stored tally of an owner's reviews; `None` if the owner doesn't exist.
///
/// # Errors
///
/// When the statement fails.
pub async fn stored_tally(
    owner: Owner,
    loader: &DataLoader,
) -> Result<Option<Arc<ScoredTally>>, ReadError> {
    match owner {
        Owner::Film(id) => {
            let film = loader.load(FilmById(id)).await?;
            Ok(film.map(|film| Arc::clone(&film.tally)))
        }
        Owner::Critic(id) => loader.load(CriticTally(id)).await,
        Owner::Publication(id) => loader.load(PublicationTally(id)).await,
    }
}

/// The tally of a critic's reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CriticTally(pub CriticId);

impl LoaderKey for CriticTally {
    type Value = Arc<ScoredTally>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(Owner::Critic(self.0)));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        critic_tally::Entity::find()
            .filter(critic_tally::COLUMN.critic_id.eq_any(ids))
            .all(session)
            .await?
            .iter()
            .map(|row| {
                Ok((
                    Self(CriticId(row.critic_id)),
                    Arc::new(ScoredTally::new(tally_of_row!(row)?, Basis::Reviews)),
                ))
            })
            .collect()
    }
}

/// The tally of a publication's reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicationTally(pub PublicationId);

impl LoaderKey for PublicationTally {
    type Value = Arc<ScoredTally>;
    type Group = ();

    const WEIGH: Option<fn(&Self::Value) -> usize> = Some(weigh);

    fn group(&self) {}

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(Owner::Publication(self.0)));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
        publication_tally::Entity::find()
            .filter(publication_tally::COLUMN.publication_id.eq_any(ids))
            .all(session)
            .await?
            .iter()
            .map(|row| {
                Ok((
                    Self(PublicationId(row.publication_id)),
                    Arc::new(ScoredTally::new(tally_of_row!(row)?, Basis::Reviews)),
                ))
            })
            .collect()
    }
}

/// The tally of an owner's reviews that match a filter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilteredTally {
    /// The owner of the reviews.
    pub owner: Owner,
    /// The filter.
    pub filter: ReviewFilter,
}

/// A number of reviews with the same values in all columns that a tally counts.
#[derive(FromQueryResult)]
struct ReviewGroup {
    owner: i64,
    score: Option<i16>,
    implied_sentiment: Option<review::Sentiment>,
    recommended: Option<bool>,
    weight: i32,
    reviews: i64,
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
        let owners: Vec<i64> = keys.iter().map(|key| key.owner.key()).collect();
        let mut tallies: HashMap<i64, Tally> = HashMap::new();
        for row in fetch_groups(kind, &filter, owners, session).await? {
            let tally = tallies.entry(row.owner).or_default();
            for _ in 0..row.reviews {
                tally.add(row.score_input());
            }
        }
        let tallies_by_key = keys.into_iter().map(|key| {
            let tally = tallies.remove(&key.owner.key()).unwrap_or_default();
            let scored_tally = ScoredTally::new(tally, basis_of(key.owner));
            (key, Arc::new(scored_tally))
        });
        Ok(tallies_by_key.collect())
    }
}

/// Returns the noun for an owner's reviews in a label.
#[must_use]
pub fn basis_of(owner: Owner) -> Basis {
    match owner {
        Owner::Film(_) => Basis::Critics,
        Owner::Critic(_) | Owner::Publication(_) => Basis::Reviews,
    }
}

/// Returns the size of a tally with its cached score, in bytes.
fn weigh(_: &Arc<ScoredTally>) -> usize {
    size_of::<ScoredTally>() + size_of::<Score>()
}

async fn fetch_groups(
    kind: OwnerKind,
    filter: &ReviewFilter,
    owners: Vec<i64>,
    session: &Session,
) -> Result<Vec<ReviewGroup>, DbErr> {
    if filter.excludes_all() {
        return Ok(Vec::new());
    }
    let owner = owner_column(kind);
    let columns = [
        review::Column::Score,
        review::Column::ImpliedSentiment,
        review::Column::Recommended,
        review::Column::Weight,
    ];
    let mut select = review::Entity::find()
        .select_only()
        .column_as(owner, "owner")
        .columns(columns)
        .column_as(Expr::cust("count(*)"), "reviews")
        .filter(owner.eq_any(owners))
        .filter(condition(filter))
        .group_by(owner);
    for column in columns {
        select = select.group_by(column);
    }
    select.into_model::<ReviewGroup>().all(session).await
}

impl ReviewGroup {
    fn score_input(&self) -> ScoreInput {
        ScoreInput {
            points: self.score.and_then(Points::new),
            declared: self.implied_sentiment.map(Sentiment::from),
            recommended: self.recommended,
            weight: Weight::from_hundredths(self.weight).unwrap_or_default(),
        }
    }
}
