//! An index of the opinions of critics in memory.
//!
//! To compare a critic with all others, all reviews of the critic's films are read: a hundred thousand for a critic of
//! 2,000 reviews. The database takes a tenth of a second for that, the index some milliseconds. It has 32 bytes for a
//! review by a critic: 16 for the film, and 16 for the critic.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::AgreementOf;
use crate::{
    cache::{invalidation_clock::MAX_CHANGES, snapshots::Snapshots, tag::TagKind},
    critic::CriticId,
    database::{column_reader::ColumnReader, session::Session, sql},
    loader::table_index::{ChangedRows, TableIndex},
    score::{AgreementSums, FilmReviews, Opinion, Points, Sentiment, SentimentBands},
};

/// The number of reviews that are read at once. Converting them takes a few milliseconds.
const READ_AT_ONCE: usize = 8_192;

/// The number of lists that are sorted without a pause.
const SORTED_PER_TURN: usize = 256;

/// The columns of a row, in their order. The implied sentiment is read as a number.
const COLUMNS: &str = "
id, film_id, critic_id, score,
CASE implied_sentiment WHEN 'positive' THEN 3 WHEN 'mixed' THEN 2 WHEN 'negative' THEN 1 END";

/// The reviews with a critic, by their films and by their critics.
#[derive(Debug, Default)]
pub struct OpinionIndex {
    /// The reviews of each film, by critic and id.
    films: HashMap<i64, Vec<Entry>, RandomState>,
    /// The reviews by each critic, by film and id.
    critics: HashMap<i64, Vec<Entry>, RandomState>,
    len: usize,
}

/// A row that the index reads.
#[derive(Clone, Copy, Debug)]
pub struct OpinionRow {
    id: i64,
    film: u32,
    critic: u32,
    points: Option<Points>,
    /// Without a score, since that of a score depends on the rules of the site.
    unscored: Option<Sentiment>,
}

/// A review in a list of a film or a critic: 16 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    id: i64,
    /// The critic in the list of a film, the film in that of a critic.
    other: u32,
    points: Option<Points>,
    unscored: Option<Sentiment>,
}

impl OpinionRow {
    fn parse(row: &QueryResult) -> Result<Self, DbErr> {
        let mut columns = ColumnReader::new(row)?;
        let id = columns.next()?;
        let film: i64 = columns.next()?;
        let critic: i64 = columns.next()?;
        let score: Option<i16> = columns.next()?;
        let implied: Option<i32> = columns.next()?;
        let short = |key: i64| {
            u32::try_from(key)
                .map_err(|_| DbErr::Type(format!("the key {key} is too large for the index")))
        };
        Ok(Self {
            id,
            film: short(film)?,
            critic: short(critic)?,
            points: score.and_then(Points::new),
            unscored: match implied {
                Some(3) => Some(Sentiment::Positive),
                Some(2) => Some(Sentiment::Mixed),
                Some(1) => Some(Sentiment::Negative),
                _ => None,
            },
        })
    }

    const fn entry(&self, other: u32) -> Entry {
        Entry {
            id: self.id,
            other,
            points: self.points,
            unscored: self.unscored,
        }
    }
}

impl Entry {
    const fn key(&self) -> (u32, i64) {
        (self.other, self.id)
    }
}

impl TableIndex for OpinionIndex {
    type Row = OpinionRow;

    const KINDS: &'static [TagKind] = &[TagKind::Review];

    const IS_SMALL: bool = false;

    const MAX_CHANGES: usize = MAX_CHANGES;

    fn is_enabled(snapshots: &Snapshots) -> bool {
        snapshots.indexes().reviews
    }

    fn row_count(&self) -> usize {
        self.len
    }

    async fn read_all(session: &Session) -> Result<Self, DbErr> {
        let sql = format!(
            "SELECT {COLUMNS} FROM review WHERE id > $1 AND critic_id IS NOT NULL ORDER BY id LIMIT {READ_AT_ONCE}"
        );
        let mut index = Self::default();
        let mut last = 0;
        loop {
            let rows = read(session, &sql, last.into()).await?;
            for row in &rows {
                index.push(row);
            }
            match rows.last() {
                Some(row) if rows.len() == READ_AT_ONCE => last = row.id,
                _ => break,
            }
        }
        let lists = index.films.values_mut().chain(index.critics.values_mut());
        for (number, entries) in lists.enumerate() {
            entries.sort_unstable_by_key(Entry::key);
            entries.shrink_to_fit();
            if number % SORTED_PER_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(index)
    }

    async fn read_rows(ids: Vec<i64>, session: &Session) -> Result<Vec<OpinionRow>, DbErr> {
        let sql =
            format!("SELECT {COLUMNS} FROM review WHERE id = ANY ($1) AND critic_id IS NOT NULL");
        read(session, &sql, ids.into()).await
    }

    fn replace(&mut self, changes: &ChangedRows, rows: Vec<OpinionRow>) {
        // The tags of a changed review name its film and its critic before and after the change.
        for tag in &changes.tags {
            if let Some(film) = tag.id_of(TagKind::FilmReviews) {
                self.len -= remove(&mut self.films, film, changes);
            } else if let Some(critic) = tag.id_of(TagKind::CriticReviews) {
                remove(&mut self.critics, critic, changes);
            }
        }
        for row in &rows {
            let of_film = self.films.entry(row.film.into()).or_default();
            self.len += usize::from(insert(of_film, row.entry(row.critic)));
            let of_critic = self.critics.entry(row.critic.into()).or_default();
            insert(of_critic, row.entry(row.film));
        }
    }
}

async fn read(
    session: &Session,
    sql: &str,
    parameter: sea_orm::Value,
) -> Result<Vec<OpinionRow>, DbErr> {
    let rows = session
        .query_all_raw(sql::statement(sql, [parameter]))
        .await?;
    rows.iter().map(OpinionRow::parse).collect()
}

/// Removes the changed reviews of a film or a critic, and returns their number.
fn remove(
    lists: &mut HashMap<i64, Vec<Entry>, RandomState>,
    key: i64,
    changes: &ChangedRows,
) -> usize {
    let Some(entries) = lists.get_mut(&key) else {
        return 0;
    };
    let before = entries.len();
    entries.retain(|entry| !changes.ids.contains(&entry.id));
    let removed = before - entries.len();
    if entries.is_empty() {
        lists.remove(&key);
    }
    removed
}

/// Inserts an entry into a sorted list, or replaces it there. Returns whether it is new.
fn insert(entries: &mut Vec<Entry>, entry: Entry) -> bool {
    match entries.binary_search_by_key(&entry.key(), Entry::key) {
        Ok(place) => {
            entries[place] = entry;
            false
        }
        Err(place) => {
            entries.insert(place, entry);
            true
        }
    }
}

impl OpinionIndex {
    /// Adds a review to the ends of its lists.
    fn push(&mut self, row: &OpinionRow) {
        let of_film = self.films.entry(row.film.into()).or_default();
        of_film.push(row.entry(row.critic));
        let of_critic = self.critics.entry(row.critic.into()).or_default();
        of_critic.push(row.entry(row.film));
        self.len += 1;
    }

    /// Returns the reviews of a film.
    pub(super) fn of_film(&self, film: i64) -> &[Entry] {
        self.films.get(&film).map_or(&[], Vec::as_slice)
    }

    /// Returns the reviews by a critic.
    pub(super) fn of_critic(&self, critic: i64) -> &[Entry] {
        self.critics.get(&critic).map_or(&[], Vec::as_slice)
    }

    /// Returns the sums over the films that two critics have in common.
    pub(super) fn agreement(&self, key: &AgreementOf) -> AgreementSums {
        let mut sums = AgreementSums::default();
        let mut others = opinions(self.of_critic(key.with.0), key.bands).peekable();
        for (film, opinion) in opinions(self.of_critic(key.critic.0), key.bands) {
            // Both lists are in the order of the films.
            while others.next_if(|(other, _)| *other < film).is_some() {}
            if let Some((_, other)) = others.next_if(|(other, _)| *other == film) {
                sums.add(opinion, other);
            }
        }
        sums
    }

    /// Returns the sums over the films that a critic has in common with each other one.
    pub(super) fn agreements(
        &self,
        critic: CriticId,
        bands: SentimentBands,
    ) -> impl Iterator<Item = (CriticId, AgreementSums)> + use<> {
        let mut sums: HashMap<u32, AgreementSums, RandomState> = HashMap::default();
        for (film, opinion) in opinions(self.of_critic(critic.0), bands) {
            for (other, other_opinion) in opinions(self.of_film(film.into()), bands) {
                sums.entry(other).or_default().add(opinion, other_opinion);
            }
        }
        let sums = sums.into_iter();
        sums.map(|(other, sums)| (CriticId(other.into()), sums))
            .filter(move |(other, _)| *other != critic)
    }
}

/// Returns the opinions of each critic about a film, or about each film of a critic, in the order of their keys.
pub(super) fn opinions(
    entries: &[Entry],
    bands: SentimentBands,
) -> impl Iterator<Item = (u32, Opinion)> {
    let groups = entries.chunk_by(|one, next| one.other == next.other);
    groups.filter_map(move |group| {
        let mut reviews = FilmReviews::default();
        for entry in group {
            reviews.add(entry.points, entry.unscored);
        }
        Some((group.first()?.other, reviews.opinion(bands)))
    })
}
