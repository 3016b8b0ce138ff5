//! The reviews of authors that match a filter: their numbers, tallies and pages.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

use chrono::NaiveDate;

use super::{
    ReviewIndex,
    entry::{Entry, Matcher},
};
use crate::{
    database::session::Session,
    loader::table_index::CurrentIndex,
    pagination::{PageRequest, Position},
    review::{
        counting::Counting,
        filter::ReviewFilter,
        order::ReviewOrder,
        owner::{Owner, OwnerKind},
    },
    score::{Interval, ScoreInput, Tally},
};

/// The number of an author's reviews from which the share of the matching ones is estimated.
const SAMPLE: usize = 256;

/// The number of reviews that are compared with a filter in memory in the time in which the database reads one.
const COMPARED_PER_READ: usize = 500;

/// The number of reviews after which other requests of the worker can run. Comparing them takes 0.1 ms.
const COMPARED_PER_TURN: usize = 8_192;

/// The reviews of critics or publications that match a filter. The time of the comparisons is charged to the session.
#[derive(Debug)]
pub struct FilteredReviews {
    index: Arc<CurrentIndex<ReviewIndex>>,
    matcher: Matcher,
    session: Session,
    /// The number of comparisons since other requests could run.
    compared: AtomicUsize,
}

impl FilteredReviews {
    /// Returns the reviews of any authors of a kind. `None` if the database has to find them: the index doesn't have the
    /// reviews of films, nor who else is an author of a review, and it may not be current.
    pub async fn find(kind: OwnerKind, filter: &ReviewFilter, session: &Session) -> Option<Self> {
        let matcher = Matcher::new(filter).filter(|_| kind != OwnerKind::Film)?;
        let index = CurrentIndex::get(session).await?;
        Some(Self {
            index,
            matcher,
            session: session.clone(),
            compared: AtomicUsize::new(0),
        })
    }

    /// Returns the reviews of any authors of a kind that count. `None` if the database has to count them.
    pub async fn counted(kind: OwnerKind, counting: &Counting, session: &Session) -> Option<Self> {
        Self::find(kind, counting.as_filter()?, session).await
    }

    /// Returns the number of an author's reviews.
    pub async fn count(&self, author: Owner) -> usize {
        self.compute(author, |entries| self.matching(entries).count())
            .await
    }

    /// Returns the tally of an author's reviews.
    pub async fn tally(&self, author: Owner) -> Tally {
        self.compute(author, |entries| {
            Tally::of(self.matching(entries).map(Entry::score_input))
        })
        .await
    }

    /// Returns what affects the score of an author's reviews that have a day, by the last days of their intervals.
    pub async fn by_interval(
        &self,
        author: Owner,
        interval: Interval,
    ) -> BTreeMap<NaiveDate, Vec<ScoreInput>> {
        self.compute(author, |entries| {
            let mut reviews: BTreeMap<NaiveDate, Vec<ScoreInput>> = BTreeMap::new();
            for entry in self.matching(entries) {
                if let Some(day) = entry.day() {
                    let of_interval = reviews.entry(interval.last_day(day)).or_default();
                    of_interval.push(entry.score_input());
                }
            }
            reviews
        })
        .await
    }

    /// Returns the positions of a page of an author's reviews and of one more, in any order.
    pub async fn page(
        &self,
        author: Owner,
        order: ReviewOrder,
        page: &PageRequest,
    ) -> Vec<Position> {
        self.compute(author, |entries| {
            let matching = self.matching(entries);
            let positions = matching.map(|entry| entry.position(order.field));
            page.select(positions, order.tag())
        })
        .await
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

    /// Computes a value from an author's reviews.
    async fn compute<T>(&self, author: Owner, compute: impl FnOnce(&[Entry]) -> T) -> T {
        let started_at = Instant::now();
        let (value, compared) = {
            let index = self.index.read();
            let entries = index.reviews_of(author);
            (compute(entries), entries.len())
        };
        self.session.add_used_time(started_at.elapsed());
        if self.compared.fetch_add(compared, Relaxed) + compared > COMPARED_PER_TURN {
            self.compared.store(0, Relaxed);
            tokio::task::yield_now().await;
        }
        value
    }

    fn matching<'e>(&self, entries: &'e [Entry]) -> impl Iterator<Item = &'e Entry> {
        entries.iter().filter(|entry| self.matcher.matches(entry))
    }
}
