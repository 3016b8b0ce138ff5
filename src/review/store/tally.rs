//! Reads of the tallies in the database, tallies of the reviews that count, and recounts that check and repair the stored
//! tallies.

mod counted;
mod counts;
mod history;
mod months;
mod recount;
mod repair;
mod unrated;

use std::{collections::HashMap, sync::Arc};

use entity::{critic_tally, publication_tally};
use sea_orm::{DbErr, EntityTrait, QueryFilter};

pub use self::{
    counted::CountedTally,
    history::{HistoryCount, HistoryPage, HistoryPoint, HistoryPoints, HistoryQuery},
    recount::{TallyDifference, recount},
    repair::{Repair, count_wrong_scores, count_wrong_weights, repair},
    unrated::{UnratedReviews, UnratedSums},
};
use crate::{
    cache::tag::Tag,
    critic::CriticId,
    database::{error::ReadError, session::Session},
    film::store::FilmById,
    loader::{data_loader::DataLoader, key::LoaderKey},
    publication::PublicationId,
    review::{owner::Owner, store::owner::owner_reviews_tag},
    score::{Basis, Score, ScoredTally, row::tally_of_row},
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
