//! Keeps what the server knows of the whole catalogue up to date: the statistics, by which the cost of operations is
//! estimated and some of their statements are chosen, and the indexes of reviews and names.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    cache::{
        invalidation_clock::{MAX_CHANGES, Timestamp},
        snapshots::Snapshots,
    },
    database::{
        error_message::describe,
        pool::Pool,
        session::{Session, SessionContext},
    },
    loader::table_index::CurrentIndex,
    metrics::NameIndexMetrics,
    review::{
        statistics::{CurrentStatistics, Statistics},
        store::{agreement::index::OpinionIndex, index::ReviewIndex, statistics},
    },
    search::name_index::NameIndex,
    site_rules::{SiteRules, current::CurrentRules},
};

/// The time between two reads of the statistics, if little changes. A catalogue seldom grows much in a minute.
const INTERVAL: Duration = Duration::from_mins(1);

/// The minimum time between two reads of the statistics, after many changes or a failure.
const MIN_INTERVAL: Duration = Duration::from_secs(5);

/// The number of changes after which the statistics are read again.
const MANY_CHANGES: usize = 8_192;

/// The number of changes after which the names that they concern are read again, before the first of them is forgotten.
const MANY_NAME_CHANGES: usize = MAX_CHANGES / 2;

/// The time between two looks for what has to be read.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads the statistics at regular intervals and soon after many changes, such as an import, and keeps the index of
/// reviews current. Reads the index of names when much of it has to be read, so that no search has to. Never ends.
pub async fn refresh(pool: Pool, snapshots: Arc<Snapshots>, names: NameIndexMetrics) {
    let context = Arc::new(SessionContext {
        snapshots: Some(Arc::clone(&snapshots)),
        ..SessionContext::default()
    });
    let mut schedule = Schedule::default();
    loop {
        let session = Session::in_context(pool.clone(), Arc::clone(&context));
        let rules = read_rules(&session, &snapshots).await;
        if schedule.is_due(&snapshots) {
            let read_at = snapshots.clock().now();
            let statistics = statistics::read(&rules.policy, &session).await;
            schedule = Schedule {
                read_at,
                began: Some(Instant::now()),
                has_failed: statistics.is_err(),
            };
            match statistics {
                Ok(statistics) => store(statistics, &snapshots),
                // The earlier statistics remain. Requests report it if the database is unavailable.
                Err(error) => {
                    tracing::debug!(error.cause = %describe(&error), "the statistics could not be read");
                }
            }
        }
        update_index_state(&snapshots);
        if let Err(error) = CurrentIndex::<ReviewIndex>::keep_current(&session).await {
            // Until then, the database filters.
            tracing::debug!(error.cause = %describe(&error), "the index of reviews could not be read");
        }
        if let Err(error) = CurrentIndex::<OpinionIndex>::keep_current(&session).await {
            tracing::debug!(error.cause = %describe(&error), "the index of opinions could not be read");
        }
        update_index_state(&snapshots);
        read_names(&session, &snapshots, &names).await;
        sleep(PAUSE).await;
    }
}

/// Brings the index of names up to date, if a search would have to read much of it, and records its size.
async fn read_names(session: &Session, snapshots: &Snapshots, metrics: &NameIndexMetrics) {
    let index = snapshots.get::<CurrentIndex<NameIndex>>();
    let changes = index.count_changes(snapshots.clock());
    if changes.is_none_or(|changes| changes > MANY_NAME_CHANGES)
        && let Err(error) = CurrentIndex::<NameIndex>::keep_current(session).await
    {
        // The searches report it if they can't read the names either.
        tracing::debug!(error.cause = %describe(&error), "the names could not be read");
    }
    let names = index.read();
    if names.len() != metrics.names() {
        metrics.set(names.len(), names.bytes());
    }
}

/// Reads the rules of the site, if they have changed, so that few requests have to.
async fn read_rules(session: &Session, snapshots: &Snapshots) -> Arc<SiteRules> {
    let rules = snapshots.get::<CurrentRules>();
    if let Some(current) = rules.current(snapshots.clock()) {
        return current;
    }
    match rules.read(session).await {
        Ok(current) => current,
        // Requests report it if they can't read the rules either.
        Err(error) => {
            tracing::debug!(error.cause = %describe(&error), "the rules of the site could not be read");
            rules.latest()
        }
    }
}

/// The last read of the statistics.
#[derive(Default)]
struct Schedule {
    /// A time before the read, if changes since are known.
    read_at: Option<Timestamp>,
    began: Option<Instant>,
    has_failed: bool,
}

impl Schedule {
    fn is_due(&self, snapshots: &Snapshots) -> bool {
        let Some(age) = self.began.map(|began| began.elapsed()) else {
            return true;
        };
        let clock = snapshots.clock();
        let has_many_changes = || {
            let changes = self.read_at.map(|at| clock.count_changes_since(at));
            let changes = changes.flatten();
            clock.now().is_some() && changes.is_none_or(|changes| changes > MANY_CHANGES)
        };
        age >= INTERVAL || age >= MIN_INTERVAL && (self.has_failed || has_many_changes())
    }
}

fn store(statistics: Statistics, snapshots: &Snapshots) {
    let statistics = Statistics {
        has_review_index: has_review_index(snapshots),
        ..statistics
    };
    snapshots
        .get::<CurrentStatistics>()
        .store(Arc::new(statistics));
}

/// Records whether requests use the index of reviews, which their cost depends on.
fn update_index_state(snapshots: &Snapshots) {
    let statistics = snapshots.get::<CurrentStatistics>().load();
    if let Some(statistics) = statistics
        && statistics.has_review_index != has_review_index(snapshots)
    {
        store((*statistics).clone(), snapshots);
    }
}

fn has_review_index(snapshots: &Snapshots) -> bool {
    let index = snapshots.get::<CurrentIndex<ReviewIndex>>();
    index.is_usable(snapshots.clock())
}
