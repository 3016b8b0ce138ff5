//! The current rules of a process, and those of a request.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use arc_swap::ArcSwap;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use parking_lot::Mutex;
use sea_orm::DbErr;

use super::{SiteRules, store, worker::WorkerRules};
use crate::{
    cache::{
        invalidation_clock::{InvalidationClock, Timestamp},
        snapshots::Snapshots,
        tag::{Tag, TagKind},
    },
    database::{error::ReadError, session::Session},
};

/// The rules that the process has read last. They are current until a notification says that they have changed.
#[derive(Debug, Default)]
pub struct CurrentRules {
    latest: ArcSwap<ReadRules>,
}

/// Rules, with the time at which they were read.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadRules {
    pub(super) rules: Arc<SiteRules>,
    /// A time before the read; `None` if changes since are not known.
    read_at: Option<Timestamp>,
}

impl ReadRules {
    /// Returns whether the rules are known not to have changed since.
    pub(super) fn is_current(&self, clock: &InvalidationClock) -> bool {
        let is_current = |read_at| clock.is_certain(read_at, Tag::any(TagKind::SiteRules));
        self.read_at.is_some_and(is_current)
    }
}

impl CurrentRules {
    /// Returns the rules that were read last, even if they have changed since.
    #[must_use]
    pub fn latest(&self) -> Arc<SiteRules> {
        Arc::clone(&self.latest.load().rules)
    }

    /// Returns the rules if they are known to be current.
    #[must_use]
    pub fn current(&self, clock: &InvalidationClock) -> Option<Arc<SiteRules>> {
        let latest = self.latest.load();
        let is_current = latest.is_current(clock);
        is_current.then(|| Arc::clone(&latest.rules))
    }

    /// Returns the rules that were read last, with the time of the read.
    pub(super) fn load_full(&self) -> Arc<ReadRules> {
        self.latest.load_full()
    }

    /// Returns whether no rules were read since these.
    pub(super) fn is_latest(&self, rules: &Arc<ReadRules>) -> bool {
        Arc::ptr_eq(&self.latest.load(), rules)
    }

    /// Returns the current rules. Reads them if they have changed, on behalf of the server.
    ///
    /// # Errors
    ///
    /// Fails when the statement fails.
    pub async fn read(&self, session: &Session) -> Result<Arc<SiteRules>, DbErr> {
        let Some(clock) = session.snapshots().map(Snapshots::clock) else {
            return Ok(self.latest());
        };
        if let Some(rules) = self.current(clock) {
            return Ok(rules);
        }
        let read_at = clock.now();
        let rules = Arc::new(store::read(&session.detached_for(std::iter::once(session))).await?);
        self.latest.store(Arc::new(ReadRules {
            rules: Arc::clone(&rules),
            read_at,
        }));
        Ok(rules)
    }

    /// Makes the next request read the rules again, if they are still those of a generation that the database has no
    /// longer.
    pub fn expire(&self, generation: i64) {
        let latest = self.latest.load();
        if latest.rules.generation == generation {
            let expired = ReadRules {
                rules: Arc::clone(&latest.rules),
                read_at: None,
            };
            // If they have just been read again, they stay.
            self.latest.compare_and_swap(&*latest, Arc::new(expired));
        }
    }
}

type SharedRead = Shared<BoxFuture<'static, Result<Arc<SiteRules>, ReadError>>>;

/// The rules of a request, which takes them before its first read and keeps them to its end.
#[derive(Debug)]
pub struct RequestRules {
    source: Arc<WorkerRules>,
    taken: Mutex<Arc<SiteRules>>,
    is_taken: AtomicBool,
    /// The read of the rules that fields wait for.
    pending: Mutex<Option<SharedRead>>,
    /// Whether a read has found that the database has other rules by now.
    is_outdated: AtomicBool,
}

impl RequestRules {
    /// Creates the rules of a request that has not taken them yet.
    #[must_use]
    pub fn new(source: Arc<WorkerRules>) -> Self {
        Self {
            taken: Mutex::new(source.latest()),
            source,
            is_taken: AtomicBool::new(false),
            pending: Mutex::new(None),
            is_outdated: AtomicBool::new(false),
        }
    }

    /// Returns the rules. They are current after [`Self::try_take`] or [`Self::take`].
    pub fn get(&self) -> Arc<SiteRules> {
        Arc::clone(&self.taken.lock())
    }

    /// Takes the rules if they are known to be current. Returns whether the request has them.
    pub fn try_take(&self, session: &Session) -> bool {
        if self.is_taken.load(Relaxed) {
            return true;
        }
        let rules = match session.snapshots() {
            Some(snapshots) => self.source.current(snapshots),
            None => Some(self.source.latest()),
        };
        let Some(rules) = rules else { return false };
        self.put(rules);
        true
    }

    /// Takes the rules. Reads them if they have changed: once for all fields that need them, which then go on at the same
    /// time, so that one statement reads their keys. Requests don't wait for each other's read: it is small, and one of
    /// them may have no connection.
    ///
    /// # Errors
    ///
    /// Fails when the statement fails.
    pub async fn take(&self, session: &Arc<Session>) -> Result<(), ReadError> {
        if self.try_take(session) {
            return Ok(());
        }
        let start = || {
            let (source, session) = (Arc::clone(&self.source), Arc::clone(session));
            let read = async move { source.read(&session).await.map_err(ReadError::from) };
            read.boxed().shared()
        };
        let read = self.pending.lock().get_or_insert_with(start).clone();
        let result = read.await;
        *self.pending.lock() = None;
        let rules = result?;
        // Another field may have taken them meanwhile, and used them.
        if !self.is_taken.load(Relaxed) {
            self.put(rules);
        }
        Ok(())
    }

    /// Makes the request keep the latest known rules, since it needs none.
    pub fn skip(&self) {
        self.is_taken.store(true, Relaxed);
    }

    fn put(&self, rules: Arc<SiteRules>) {
        *self.taken.lock() = rules;
        self.is_taken.store(true, Relaxed);
    }

    /// Makes the request take the rules again, for the next event of a subscription, and after a mutation.
    pub fn release(&self) {
        self.is_taken.store(false, Relaxed);
    }

    /// Records that the database has other rules than the request.
    pub fn set_outdated(&self) {
        self.is_outdated.store(true, Relaxed);
        self.source.expire(self.get().generation);
    }

    /// Returns whether the database has other rules than the request, which must be executed again.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.is_outdated.load(Relaxed)
    }
}
