//! Films that the critics who like a film like as well.

use std::{cmp::Ordering, collections::HashMap, sync::Arc, time::Instant};

use foldhash::fast::RandomState;
use sea_orm::{DbErr, FromQueryResult};

use super::{
    index::{OpinionIndex, opinions},
    statements::{opinion, parameters},
};
use crate::{
    cache::tag::{Tag, TagKind},
    database::{session::Session, sql},
    film::FilmId,
    loader::{key::LoaderKey, table_index::CurrentIndex},
    score::{Sentiment, SentimentBands},
};

/// The number of critics who must like both films. One critic who likes two films says nothing of them.
const MIN_SHARED: u64 = 2;

/// A film that critics like who like another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimilarFilm {
    /// The film.
    pub film: FilmId,
    /// The number of critics who like both.
    pub shared: u64,
    /// The number of critics who like this film.
    pub liked: u64,
    /// The number of critics who like the other one.
    pub other_liked: u64,
}

impl SimilarFilm {
    /// Returns the cosine of the two sets of critics, 0 to 1: the number of those who like both, divided by the geometric mean
    /// of the numbers of those who like each.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "the numbers of critics are below 2^26"
    )]
    pub fn similarity(&self) -> f64 {
        let product = self.liked.saturating_mul(self.other_liked);
        if product == 0 {
            return 0.0;
        }
        (self.shared as f64 / (product as f64).sqrt()).min(1.0)
    }

    /// Compares two films that are similar to the same one: by the similarity, exactly, then by the number of critics, most
    /// first, then by the id.
    fn compare(&self, other: &Self) -> Ordering {
        let square = |film: &Self| u128::from(film.shared) * u128::from(film.shared);
        let (one, next) = (
            square(self) * u128::from(other.liked),
            square(other) * u128::from(self.liked),
        );
        next.cmp(&one)
            .then(other.shared.cmp(&self.shared))
            .then(self.film.cmp(&other.film))
    }
}

/// Which films are returned for a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SimilarQuery {
    /// The maximum number of films.
    pub first: usize,
    /// The bands of scores with the same sentiment.
    pub bands: SentimentBands,
}

/// The films that are most similar to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SimilarFilms {
    /// The film.
    pub film: FilmId,
    /// Which films are returned.
    pub query: SimilarQuery,
}

impl LoaderKey for SimilarFilms {
    type Value = Arc<[SimilarFilm]>;
    type Group = SimilarQuery;

    fn group(&self) -> SimilarQuery {
        self.query
    }

    fn tags(&self, _: Option<&Self::Value>, visit: &mut dyn FnMut(Tag)) {
        // Any review of any film counts, if its critic likes this one.
        visit(Tag::any(TagKind::Review));
    }

    async fn read(keys: Vec<Self>, session: &Session) -> Result<HashMap<Self, Self::Value>, DbErr> {
        let Some(index) = CurrentIndex::<OpinionIndex>::get(session).await else {
            return fetch(keys, session).await;
        };
        let mut films = HashMap::with_capacity(keys.len());
        for key in keys {
            let started_at = Instant::now();
            let similar = similar(&index.read(), &key);
            films.insert(key, similar.into());
            session.add_used_time(started_at.elapsed());
            // The critics of a well-known film have many reviews, so other requests can run in between.
            tokio::task::yield_now().await;
        }
        Ok(films)
    }
}

/// Returns the keys of those who like a film, or of the films that a critic likes.
fn liked(entries: &[super::index::Entry], bands: SentimentBands) -> impl Iterator<Item = u32> {
    opinions(entries, bands)
        .filter(|(_, opinion)| opinion.sentiment == Some(Sentiment::Positive))
        .map(|(key, _)| key)
}

fn similar(index: &OpinionIndex, key: &SimilarFilms) -> Vec<SimilarFilm> {
    let SimilarQuery { first, bands } = key.query;
    let mut shared: HashMap<u32, u64, RandomState> = HashMap::default();
    let mut other_liked = 0;
    for critic in liked(index.of_film(key.film.0), bands) {
        other_liked += 1;
        for film in liked(index.of_critic(critic.into()), bands) {
            *shared.entry(film).or_default() += 1;
        }
    }
    let mut candidates: Vec<(u32, u64)> = shared
        .into_iter()
        .filter(|(film, shared)| *shared >= MIN_SHARED && i64::from(*film) != key.film.0)
        .collect();
    candidates.sort_unstable_by_key(|(_, shared)| u64::MAX - shared);
    let mut films: Vec<SimilarFilm> = Vec::new();
    for (film, shared) in candidates {
        // A film is liked by those who like both at least. So its squared similarity is at most `shared / other_liked`, and
        // the films after it have no more.
        let is_less = |last: &SimilarFilm| {
            u128::from(shared) * u128::from(last.liked)
                < u128::from(last.shared) * u128::from(last.shared)
        };
        if films.len() >= first && films.last().is_none_or(is_less) {
            break;
        }
        let film = SimilarFilm {
            film: FilmId(film.into()),
            shared,
            liked: liked(index.of_film(film.into()), bands).count() as u64,
            other_liked,
        };
        let place = films.partition_point(|other| other.compare(&film).is_lt());
        films.insert(place, film);
        films.truncate(first);
    }
    films
}

#[derive(FromQueryResult)]
struct Row {
    film: i64,
    other: i64,
    shared: i64,
    liked: i64,
    other_liked: i64,
}

async fn fetch(
    keys: Vec<SimilarFilms>,
    session: &Session,
) -> Result<HashMap<SimilarFilms, Arc<[SimilarFilm]>>, DbErr> {
    let Some(query) = keys.first().map(|key| key.query) else {
        return Ok(HashMap::new());
    };
    let of_films = opinion("film_id = ANY ($3::bigint[]) AND critic_id IS NOT NULL");
    let of_critics = opinion("critic_id = ANY (ARRAY(SELECT critic_id FROM fan))");
    let of_others = opinion(
        "film_id = ANY (ARRAY(SELECT DISTINCT other FROM shared)) AND critic_id IS NOT NULL",
    );
    let sql = format!(
        "WITH fan AS MATERIALIZED (
            SELECT film_id, critic_id, count(*) OVER (PARTITION BY film_id) AS fans FROM ({of_films}) AS own WHERE sentiment = 'positive'
        ), shared AS MATERIALIZED (
            SELECT fan.film_id AS film, liked.film_id AS other, count(*) AS shared, max(fan.fans) AS other_liked
            FROM fan JOIN ({of_critics}) AS liked USING (critic_id)
            WHERE liked.sentiment = 'positive' AND liked.film_id <> fan.film_id GROUP BY 1, 2 HAVING count(*) >= {MIN_SHARED}
        ), liked AS (
            SELECT film_id, count(*) AS liked FROM ({of_others}) AS other WHERE sentiment = 'positive' GROUP BY film_id
        )
        SELECT film, other, shared, liked, other_liked FROM shared JOIN liked ON liked.film_id = shared.other"
    );
    let films: Vec<i64> = keys.iter().map(|key| key.film.0).collect();
    let rows: Vec<Row> = sql::all(session, &sql, parameters(query.bands, [films])).await?;
    let mut similar: HashMap<i64, Vec<SimilarFilm>> = HashMap::new();
    for row in &rows {
        similar.entry(row.film).or_default().push(SimilarFilm {
            film: FilmId(row.other),
            shared: row.shared.unsigned_abs(),
            liked: row.liked.unsigned_abs(),
            other_liked: row.other_liked.unsigned_abs(),
        });
    }
    let similar = keys.into_iter().map(|key| {
        let mut of_film = similar.remove(&key.film.0).unwrap_or_default();
        of_film.sort_unstable_by(SimilarFilm::compare);
        of_film.truncate(query.first);
        (key, of_film.into())
    });
    Ok(similar.collect())
}
