//! Reads how far critics agree: from the index of opinions in memory if it is current, else from the database.

pub mod index;
pub mod similar;
mod statements;

use std::{collections::HashMap, sync::Arc, time::Instant};

use sea_orm::DbErr;

use self::index::OpinionIndex;
use crate::{
    cache::tag::{Tag, TagKind},
    critic::CriticId,
    database::session::Session,
    loader::{key::LoaderKey, table_index::CurrentIndex},
    review::{owner::Owner, store::owner::owner_reviews_tag},
    score::{AgreementSums, SentimentBands},
};

/// The agreement of two critics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AgreementOf {
    /// One of the two.
    pub critic: CriticId,
    /// The other one.
    pub with: CriticId,
    /// The bands of scores with the same sentiment.
    pub bands: SentimentBands,
}

impl LoaderKey for AgreementOf {
    type Value = AgreementSums;
    type Group = SentimentBands;

    fn group(&self) -> SentimentBands {
        self.bands
    }

    fn tags(&self, _: Option<&AgreementSums>, visit: &mut dyn FnMut(Tag)) {
        visit(owner_reviews_tag(Owner::Critic(self.critic)));
        visit(owner_reviews_tag(Owner::Critic(self.with)));
    }

    async fn read(
        keys: Vec<Self>,
        session: &Session,
    ) -> Result<HashMap<Self, AgreementSums>, DbErr> {
        let Some(index) = CurrentIndex::<OpinionIndex>::get(session).await else {
            return statements::agreements(keys, session).await;
        };
        let started_at = Instant::now();
        let index = index.read();
        let sums = keys.into_iter().map(|key| (key, index.agreement(&key)));
        let sums = sums.collect();
        session.add_used_time(started_at.elapsed());
        Ok(sums)
    }
}

/// The end of the list of all critics, by their difference from one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distance {
    /// Those with the least mean absolute difference.
    Closest,
    /// Those with the greatest.
    Furthest,
}

/// Which critics are compared with one of them, and how many are returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ComparedCritics {
    /// The end of the list.
    pub distance: Distance,
    /// The number of films that both must have given a score; at least one.
    pub minimum_films: u64,
    /// The number of critics that are returned.
    pub first: usize,
    /// The bands of scores with the same sentiment.
    pub bands: SentimentBands,
}

impl ComparedCritics {
    /// Returns the first critics: by their mean absolute difference, then by the number of films, most first, then by the
    /// id.
    fn select(
        &self,
        critics: impl IntoIterator<Item = (CriticId, AgreementSums)>,
    ) -> Vec<(CriticId, AgreementSums)> {
        let critics = critics.into_iter();
        let mut critics: Vec<_> = critics
            .filter(|(_, sums)| sums.scored >= self.minimum_films)
            .collect();
        critics.sort_unstable_by(|(critic, sums), (other_critic, other)| {
            let difference = sums.compare_difference(other);
            let difference = match self.distance {
                Distance::Closest => difference,
                Distance::Furthest => difference.reverse(),
            };
            difference
                .then(other.scored.cmp(&sums.scored))
                .then(critic.cmp(other_critic))
        });
        critics.truncate(self.first);
        critics
    }
}

/// The critics who are closest to one, or furthest from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CriticsByDistance {
    /// The critic.
    pub critic: CriticId,
    /// Which others are compared.
    pub compared: ComparedCritics,
}

impl LoaderKey for CriticsByDistance {
    type Value = Arc<[(CriticId, AgreementSums)]>;
    type Group = ComparedCritics;

    fn group(&self) -> ComparedCritics {
        self.compared
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        // Any critic's review of one of the films counts, and a new critic's may.
        visit(Tag::any(TagKind::Review));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some(index) = CurrentIndex::<OpinionIndex>::get(session).await else {
            return statements::by_distance(keys, session).await;
        };
        let mut critics = HashMap::with_capacity(keys.len());
        for key in keys {
            let started_at = Instant::now();
            let sums = index.read().agreements(key.critic, key.compared.bands);
            critics.insert(key, key.compared.select(sums).into());
            session.add_used_time(started_at.elapsed());
            // A comparison takes some milliseconds, so other requests can run in between.
            tokio::task::yield_now().await;
        }
        Ok(critics)
    }
}
