//! An index of the reviews of critics and publications in memory, for filters.
//!
//! The largest publications have tens of thousands of reviews, of which a filter may match any part. The database takes
//! a tenth of a second to count those of a hundred publications, the index some milliseconds. It has what filters, orders
//! and tallies need of a review, 16 bytes for its critic and 16 for its publication.

mod entry;
mod filtered;

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr};

use self::entry::{COLUMNS, Entry, IndexRow};
pub use self::filtered::FilteredReviews;
use crate::{
    cache::{
        invalidation_clock::MAX_CHANGES,
        snapshots::Snapshots,
        tag::{Tag, TagKind},
    },
    critic::CriticId,
    database::{session::Session, sql},
    loader::table_index::{ChangedRows, TableIndex},
    publication::PublicationId,
    review::owner::{Owner, OwnerKind},
};

/// The number of reviews that are read at once. Converting them takes a few milliseconds.
const READ_AT_ONCE: usize = 8_192;

/// The number of authors whose memory is trimmed without a pause.
const AUTHORS_PER_TURN: usize = 64;

/// About the number of comparisons of a binary search among an author's reviews.
const SEARCH_STEPS: usize = 16;

/// The part of an author's reviews for which memory is reserved when it is full, as one of this many parts. Doubling it
/// would leave half of the index unused.
const RESERVED_PART: usize = 16;

/// The index of the reviews of a process: those of each author, in the order of their ids. An author is a critic or a
/// publication.
#[derive(Debug, Default)]
pub struct ReviewIndex {
    critics: HashMap<i64, Vec<Entry>>,
    publications: HashMap<i64, Vec<Entry>>,
    /// The number of reviews with an author, which counts twice if it has two.
    len: usize,
}

impl TableIndex for ReviewIndex {
    type Row = IndexRow;

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
        let sql =
            format!("SELECT {COLUMNS} FROM review WHERE id > $1 ORDER BY id LIMIT {READ_AT_ONCE}");
        let mut index = Self::default();
        let mut last = 0;
        loop {
            let rows = read(session, &sql, last.into()).await?;
            for row in &rows {
                index.insert(row);
            }
            match rows.last() {
                Some(row) if rows.len() == READ_AT_ONCE => last = row.entry.id,
                _ => break,
            }
        }
        let authors = index.critics.values_mut();
        for (number, entries) in authors.chain(index.publications.values_mut()).enumerate() {
            entries.shrink_to_fit();
            if number % AUTHORS_PER_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(index)
    }

    async fn read_rows(ids: Vec<i64>, session: &Session) -> Result<Vec<IndexRow>, DbErr> {
        let sql = format!("SELECT {COLUMNS} FROM review WHERE id = ANY ($1)");
        read(session, &sql, ids.into()).await
    }

    fn replace(&mut self, changes: &ChangedRows, rows: Vec<IndexRow>) {
        let remaining: HashSet<(Owner, i64)> = rows
            .iter()
            .flat_map(|row| row.authors().map(|author| (author, row.entry.id)))
            .collect();
        // The tags of a changed review name its authors before and after the change.
        for author in changes.tags.iter().copied().filter_map(author_of) {
            let Some(authors) = self.authors_mut(author.kind()) else {
                continue;
            };
            let Some(entries) = authors.get_mut(&author.key()) else {
                continue;
            };
            let before = entries.len();
            let has_left = |id| changes.ids.contains(&id) && !remaining.contains(&(author, id));
            if changes.ids.len() < before / SEARCH_STEPS {
                for id in changes.ids.iter().filter(|id| has_left(**id)) {
                    if let Ok(index) = entries.binary_search_by_key(id, |entry| entry.id) {
                        entries.remove(index);
                    }
                }
            } else {
                entries.retain(|entry| !has_left(entry.id));
            }
            let removed = before - entries.len();
            if entries.is_empty() {
                authors.remove(&author.key());
            }
            self.len -= removed;
        }
        for row in &rows {
            self.insert(row);
        }
    }
}

async fn read(
    session: &Session,
    sql: &str,
    parameter: sea_orm::Value,
) -> Result<Vec<IndexRow>, DbErr> {
    let rows = session
        .query_all_raw(sql::statement(sql, [parameter]))
        .await?;
    rows.iter().map(IndexRow::parse).collect()
}

/// Returns the author whose reviews a tag stands for.
fn author_of(tag: Tag) -> Option<Owner> {
    let critic = tag.id_of(TagKind::CriticReviews);
    let critic = critic.map(|id| Owner::Critic(CriticId(id)));
    critic.or_else(|| {
        let publication = tag.id_of(TagKind::PublicationReviews)?;
        Some(Owner::Publication(PublicationId(publication)))
    })
}

impl ReviewIndex {
    /// Inserts a review, or replaces it where it is indexed already.
    fn insert(&mut self, row: &IndexRow) {
        for author in row.authors() {
            let Some(authors) = self.authors_mut(author.kind()) else {
                continue;
            };
            let entries = authors.entry(author.key()).or_default();
            match entries.binary_search_by_key(&row.entry.id, |entry| entry.id) {
                Ok(index) => entries[index] = row.entry,
                Err(index) => {
                    if entries.len() == entries.capacity() {
                        entries.reserve_exact(1 + entries.len() / RESERVED_PART);
                    }
                    entries.insert(index, row.entry);
                    self.len += 1;
                }
            }
        }
    }

    /// Returns the reviews of the authors of a kind; `None` for films.
    fn authors_mut(&mut self, kind: OwnerKind) -> Option<&mut HashMap<i64, Vec<Entry>>> {
        match kind {
            OwnerKind::Film => None,
            OwnerKind::Critic => Some(&mut self.critics),
            OwnerKind::Publication => Some(&mut self.publications),
        }
    }

    fn reviews_of(&self, author: Owner) -> &[Entry] {
        let authors = match author.kind() {
            OwnerKind::Film => None,
            OwnerKind::Critic => Some(&self.critics),
            OwnerKind::Publication => Some(&self.publications),
        };
        let entries = authors.and_then(|authors| authors.get(&author.key()));
        entries.map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests;
