//! The rules as a worker has them.

use std::sync::Arc;

use parking_lot::Mutex;
use sea_orm::DbErr;

use super::{
    SiteRules,
    current::{CurrentRules, ReadRules},
};
use crate::{cache::snapshots::Snapshots, database::session::Session};

/// A worker's copy of the current rules. Each request holds them, and if those of all workers counted their references
/// in the same place, it would pass from processor to processor.
#[derive(Debug)]
pub struct WorkerRules {
    shared: Arc<CurrentRules>,
    copy: Mutex<RulesCopy>,
}

#[derive(Debug)]
struct RulesCopy {
    of: Arc<ReadRules>,
    rules: Arc<SiteRules>,
}

impl RulesCopy {
    fn new(of: Arc<ReadRules>) -> Self {
        let rules = Arc::new(of.rules.unshared());
        Self { of, rules }
    }
}

impl WorkerRules {
    /// Creates the copy of a worker.
    #[must_use]
    pub fn new(shared: Arc<CurrentRules>) -> Self {
        let copy = Mutex::new(RulesCopy::new(shared.load_full()));
        Self { shared, copy }
    }

    /// Returns the rules that were read last, even if they have changed since.
    #[must_use]
    pub fn latest(&self) -> Arc<SiteRules> {
        self.with_copy(|copy| Arc::clone(&copy.rules))
    }

    /// Returns the rules if they are known to be current.
    #[must_use]
    pub fn current(&self, snapshots: &Snapshots) -> Option<Arc<SiteRules>> {
        self.with_copy(|copy| {
            let is_current = copy.of.is_current(snapshots.clock());
            is_current.then(|| Arc::clone(&copy.rules))
        })
    }

    /// Returns the current rules. Reads them if they have changed, on behalf of the server.
    ///
    /// # Errors
    ///
    /// Fails when the statement fails.
    pub async fn read(&self, session: &Session) -> Result<Arc<SiteRules>, DbErr> {
        let rules = self.shared.read(session).await?;
        // Another request may have read later ones by now.
        Ok(self.with_copy(|copy| {
            if Arc::ptr_eq(&copy.of.rules, &rules) {
                Arc::clone(&copy.rules)
            } else {
                rules
            }
        }))
    }

    /// Makes the next request read the rules again, as [`CurrentRules::expire`].
    pub fn expire(&self, generation: i64) {
        self.shared.expire(generation);
    }

    fn with_copy<T>(&self, read: impl FnOnce(&RulesCopy) -> T) -> T {
        let mut copy = self.copy.lock();
        if !self.shared.is_latest(&copy.of) {
            *copy = RulesCopy::new(self.shared.load_full());
        }
        read(&copy)
    }
}
