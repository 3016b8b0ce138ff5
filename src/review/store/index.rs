//! An index of the reviews of critics and publications in memory, for filters.
//!
//! The largest publications have tens of thousands of reviews, of which a filter may match any part. The database takes
//! a tenth of a second to count those of a hundred publications, the index some milliseconds. It has what filters, orders
//! and tallies need of a review, 16 bytes for its critic and 16 for its publication.

mod entry;

use std::{collections::HashMap, sync::Arc};

use sea_orm::{ConnectionTrait, DbErr};

use self::entry::{COLUMNS, Entry, IndexRow, Matcher};
use crate::{
    cache::{snapshots::Snapshots, tag::TagKind},
    database::{session::Session, sql},
    loader::table_index::{ChangedRows, CurrentIndex, TableIndex},
    pagination::PageRequest,
    review::{
        filter::ReviewFilter,
        order::ReviewOrder,
        owner::{Owner, OwnerKind},
    },
    score::{Policy, Tally},
};

/// The number of reviews that are read at once. Converting them takes a few milliseconds.
const READ_AT_ONCE: usize = 8_192;

/// The number of an author's reviews from which the share of the matching ones is estimated.
const SAMPLE: usize = 256;

/// The number of reviews that are compared with a filter in memory in the time in which the database reads one.
const COMPARED_PER_READ: usize = 500;

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
        for entries in index.critics.values_mut() {
            entries.shrink_to_fit();
        }
        for entries in index.publications.values_mut() {
            entries.shrink_to_fit();
        }
        Ok(index)
    }

    async fn read_rows(ids: Vec<i64>, session: &Session) -> Result<Vec<IndexRow>, DbErr> {
        let sql = format!("SELECT {COLUMNS} FROM review WHERE id = ANY ($1)");
        read(session, &sql, ids.into()).await
    }

    fn replace(&mut self, changes: &ChangedRows, rows: Vec<IndexRow>) {
        // With a review, those change who were its authors and those who are now.
        for tag in &changes.tags {
            let (authors, id) = if let Some(id) = tag.id_of(TagKind::CriticReviews) {
                (&mut self.critics, id)
            } else if let Some(id) = tag.id_of(TagKind::PublicationReviews) {
                (&mut self.publications, id)
            } else {
                continue;
            };
            let Some(entries) = authors.get_mut(&id) else {
                continue;
            };
            let before = entries.len();
            for id in &changes.ids {
                if let Ok(index) = entries.binary_search_by_key(id, |entry| entry.id) {
                    entries.remove(index);
                }
            }
            self.len -= before - entries.len();
            if entries.is_empty() {
                authors.remove(&id);
            }
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
    let policy = Policy::default();
    rows.iter()
        .map(|row| IndexRow::parse(row, &policy))
        .collect()
}

impl ReviewIndex {
    fn insert(&mut self, row: &IndexRow) {
        for author in row.authors() {
            let Some(authors) = self.authors_mut(author.kind()) else {
                continue;
            };
            let entries = authors.entry(author.key()).or_default();
            // Nearly always it is the last one.
            let index = entries.partition_point(|entry| entry.id < row.entry.id);
            entries.insert(index, row.entry);
            self.len += 1;
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

/// The reviews of critics or publications that match a filter.
pub struct FilteredReviews {
    index: Arc<CurrentIndex<ReviewIndex>>,
    matcher: Matcher,
}

impl FilteredReviews {
    /// Returns the reviews of any authors of a kind. `None` if the database has to find them: the index doesn't have the
    /// reviews of films, nor who else is an author of a review, and it may not be current.
    ///
    /// # Errors
    ///
    /// Fails when a statement fails.
    pub async fn find(
        kind: OwnerKind,
        filter: &ReviewFilter,
        session: &Session,
    ) -> Result<Option<Self>, DbErr> {
        let Some(matcher) = Matcher::new(filter).filter(|_| kind != OwnerKind::Film) else {
            return Ok(None);
        };
        let index = CurrentIndex::get(session).await?;
        Ok(index.map(|index| Self { index, matcher }))
    }

    /// Returns the number of an author's reviews.
    pub async fn count(&self, author: Owner) -> usize {
        let (count, examined) = {
            let index = self.index.read();
            let entries = index.reviews_of(author);
            (self.matching(entries).count(), entries.len())
        };
        yield_after(examined).await;
        count
    }

    /// Returns the tally of an author's reviews.
    pub async fn tally(&self, author: Owner) -> Tally {
        let (tally, examined) = {
            let index = self.index.read();
            let entries = index.reviews_of(author);
            let inputs = self.matching(entries).map(Entry::score_input);
            (Tally::of(inputs), entries.len())
        };
        yield_after(examined).await;
        tally
    }

    /// Returns the ids of a page of an author's reviews and of one more, in any order.
    pub async fn page(&self, author: Owner, order: ReviewOrder, page: &PageRequest) -> Vec<i64> {
        let (ids, examined) = {
            let index = self.index.read();
            let entries = index.reviews_of(author);
            let positions = self
                .matching(entries)
                .map(|entry| entry.position(order.field));
            (page.select(positions, order.tag()), entries.len())
        };
        yield_after(examined).await;
        ids
    }

    /// Returns whether so few of the reviews of these authors match that the database takes longer to find `wanted` of
    /// each author than a comparison of all in memory. The database reads an author's reviews until enough match.
    #[must_use]
    pub fn are_rare(&self, authors: &[Owner], wanted: usize) -> bool {
        let index = self.index.read();
        let (mut all, mut examined, mut matching) = (0, 0, 0);
        for author in authors {
            let entries = index.reviews_of(*author);
            all += entries.len();
            // Reviews that were imported together have neighbouring ids, and much in common.
            let sample = entries
                .iter()
                .step_by(entries.len().div_ceil(SAMPLE).max(1));
            for entry in sample {
                examined += 1;
                matching += usize::from(self.matcher.matches(entry));
            }
        }
        let fetched = wanted * authors.len();
        let read = (fetched * examined).checked_div(matching);
        read.map_or(all, |read| read.min(all)) > fetched + all / COMPARED_PER_READ
    }

    fn matching<'e>(&self, entries: &'e [Entry]) -> impl Iterator<Item = &'e Entry> {
        entries.iter().filter(|entry| self.matcher.matches(entry))
    }
}

/// Lets other requests of the worker run after an author with many reviews.
async fn yield_after(examined: usize) {
    if examined > READ_AT_ONCE {
        tokio::task::yield_now().await;
    }
}
