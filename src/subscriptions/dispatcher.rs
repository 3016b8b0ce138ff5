//! Turns notifications of the database into events for subscribers.
//!
//! The dispatcher runs apart from the listener, which must never wait. A bounded queue connects the two. If the queue
//! overflows, or changed reviews can't be read in time, all subscribers receive a resync.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::DbErr;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout_at},
};

use super::{Change, ChangeKind, Notification, ReviewEvent, broker::Broker};
use crate::{
    backoff::Backoff,
    database::{error::DbErrorKind, error_message::describe, pool::Pool, session::Session},
    review::{
        Review,
        store::versions::{ReviewVersion, fetch_versions},
    },
};

/// The capacity of the queue of notifications. A notification has a few kilobytes at most.
const QUEUE_CAPACITY: usize = 1_000;

/// The timeout for reading the reviews of a notification, retries included. The notification is not lost while it is
/// retried.
const READ_TIMEOUT: Duration = Duration::from_secs(15);

/// The delay before the first retry. It doubles with each retry, up to [`MAX_BACKOFF`].
const MIN_BACKOFF: Duration = Duration::from_millis(50);
/// The maximum delay between two attempts, without jitter.
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// The sending half of the queue of notifications.
#[derive(Clone, Debug)]
pub struct NotificationSender {
    notifications: mpsc::Sender<Notification>,
    has_overflowed: Arc<AtomicBool>,
}

impl NotificationSender {
    /// Enqueues a notification without waiting. If the queue is full, the notification is dropped and a resync follows.
    pub fn send(&self, notification: Notification) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.notifications.try_send(notification) {
            self.has_overflowed.store(true, Ordering::Release);
        }
    }
}

/// Receives notifications, reads the changed reviews and delivers events to the broker.
#[derive(Debug)]
pub struct Dispatcher {
    broker: Arc<Broker>,
    pool: Pool,
    notifications: mpsc::Receiver<Notification>,
    has_overflowed: Arc<AtomicBool>,
}

impl Dispatcher {
    /// Creates a dispatcher that reads over the connections of `pool`, and the sending half of its queue.
    #[must_use]
    pub fn new(broker: Arc<Broker>, pool: Pool) -> (Self, NotificationSender) {
        let (sender, notifications) = mpsc::channel(QUEUE_CAPACITY);
        let has_overflowed = Arc::new(AtomicBool::new(false));
        let notification_sender = NotificationSender {
            notifications: sender,
            has_overflowed: Arc::clone(&has_overflowed),
        };
        let dispatcher = Self {
            broker,
            pool,
            notifications,
            has_overflowed,
        };
        (dispatcher, notification_sender)
    }

    /// Runs until the last [`NotificationSender`] is dropped.
    pub async fn run(mut self) {
        while let Some(notification) = self.notifications.recv().await {
            // A resync is in order here: the events before the loss were delivered, or are older than what subscribers
            // read after the resync.
            if self.has_overflowed.swap(false, Ordering::AcqRel) {
                tracing::warn!(
                    "the queue of change notifications overflowed; all subscribers receive a resync"
                );
                self.broker.publish_resync();
            }
            match notification {
                Notification::Reviews(changes) => self.publish_reviews(changes).await,
                Notification::Scores(films) => self.broker.publish_scores(&films),
                Notification::Reset => self.broker.publish_reset(),
                Notification::Resync => self.broker.publish_resync(),
            }
        }
    }

    async fn publish_reviews(&self, changes: Vec<Change>) {
        let changes = self.broker.with_subscribers(changes);
        match self.load_reviews(&changes).await {
            Ok(mut reviews) => self
                .broker
                .publish_reviews(changes.into_iter().map(|change| ReviewEvent {
                    review: reviews.remove(&review_version(&change)),
                    change,
                })),
            Err(error) => {
                tracing::error!(error.cause = %describe(&error), "could not read changed reviews; all subscribers receive a resync");
                self.broker.publish_resync();
            }
        }
    }

    /// Reads the reviews of changes, except deleted ones. Retries while PostgreSQL is unavailable. Later notifications
    /// wait in the queue, so that the order of events is preserved.
    async fn load_reviews(
        &self,
        changes: &[Change],
    ) -> Result<HashMap<ReviewVersion, Arc<Review>>, DbErr> {
        let versions: Vec<ReviewVersion> = changes
            .iter()
            .filter(|change| change.kind != ChangeKind::Deleted)
            .map(review_version)
            .collect();
        if versions.is_empty() {
            return Ok(HashMap::new());
        }
        let session = Session::new(self.pool.clone());
        let deadline = Instant::now() + READ_TIMEOUT;
        let mut backoff = Backoff::new(MIN_BACKOFF, MAX_BACKOFF);
        loop {
            let delay = backoff.next_delay();
            let result = timeout_at(deadline, fetch_versions(&versions, &session)).await;
            match result.unwrap_or_else(|_| Err(DbErr::Custom("the read timed out".to_owned()))) {
                Err(error)
                    if DbErrorKind::of(&error).is_temporary()
                        && Instant::now() + delay < deadline =>
                {
                    tracing::debug!(error.cause = %describe(&error), "could not read changed reviews; retrying");
                    sleep(delay).await;
                }
                result => return result,
            }
        }
    }
}

/// Returns the key of the review's version that a change produced.
fn review_version(change: &Change) -> ReviewVersion {
    ReviewVersion {
        id: change.review,
        version: change.version,
    }
}
