//! Keeps the statistics of the catalogue up to date, by which the cost of operations is estimated and some of their
//! statements are chosen.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    cache::snapshots::Snapshots,
    database::{pool::Pool, session::Session},
    review::{statistics::CurrentStatistics, store::statistics},
};

/// The time between two reads, if little changes. A catalogue seldom grows much in a minute.
const INTERVAL: Duration = Duration::from_mins(1);

/// The minimum time between two reads, after many changes or a failure.
const MIN_INTERVAL: Duration = Duration::from_secs(5);

/// Reads the statistics at regular intervals, and soon after many changes, such as an import. Never ends.
pub async fn refresh(pool: Pool, snapshots: Arc<Snapshots>) {
    let clock = snapshots.clock();
    loop {
        let read_at = clock.now();
        let session = Session::new(pool.clone());
        let mut interval = INTERVAL;
        match statistics::read(&session).await {
            Ok(statistics) => snapshots
                .get::<CurrentStatistics>()
                .store(Arc::new(statistics)),
            // The earlier statistics remain. Requests report it if the database is unavailable.
            Err(error) => {
                tracing::debug!(error.cause = %error, "the statistics could not be read");
                interval = MIN_INTERVAL;
            }
        }
        let read_again_at = Instant::now() + interval;
        loop {
            sleep(MIN_INTERVAL).await;
            let has_many_changes =
                read_at.is_none_or(|read_at| clock.changes_since(read_at).is_none());
            let is_connected = clock.now().is_some();
            if Instant::now() >= read_again_at || is_connected && has_many_changes {
                break;
            }
        }
    }
}
