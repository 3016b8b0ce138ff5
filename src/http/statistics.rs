//! Keeps the statistics of the catalogue up to date, by which the cost of operations is estimated and some of their
//! statements are chosen.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    cache::snapshots::Snapshots,
    database::{pool::Pool, session::Session},
    document::Pipeline,
    review::{statistics::CurrentStatistics, store::statistics},
};

/// The time between two reads. A catalogue seldom grows much in a minute.
const INTERVAL: Duration = Duration::from_mins(1);

/// The time until the next read after one that failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Reads the statistics at regular intervals. Never ends.
pub async fn refresh(pool: Pool, pipeline: Arc<Pipeline>, snapshots: Arc<Snapshots>) {
    loop {
        let session = Session::new(pool.clone());
        let interval = match statistics::read(&session).await {
            Ok(statistics) => {
                let statistics = Arc::new(statistics);
                pipeline.set_statistics(Arc::clone(&statistics));
                snapshots.get::<CurrentStatistics>().store(statistics);
                INTERVAL
            }
            // The earlier statistics remain. Requests report it if the database is unavailable.
            Err(error) => {
                tracing::debug!(error.cause = %error, "the statistics could not be read");
                RETRY_INTERVAL
            }
        };
        sleep(interval).await;
    }
}
