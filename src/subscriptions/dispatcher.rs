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
    database::{error::DbErrorKind, pool::Pool, session::Session},
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
/// The longest delay between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// The sending half of the queue of notifications.
#[derive(Clone, Debug)]
pub struct NotificationSender {
    notifications: mpsc::Sender<Notification>,
    has_overflowed: Arc<AtomicBool>,
}

impl NotificationSender {
    /// Enqueues a notification without waiting. If the queue is full, the notification is dropped and a resync follows.
    pub fn send(&self, notice: Notification) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.notifications.try_send(notice) {
            self.has_overflowed.store(true, Ordering::Release);
        }
    }
}

/// Receives notifications, reads the changed reviews and delivers events to the hub.
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
    pub fn new(hub: Arc<Broker>, lanes: Pool) -> (Self, NotificationSender) {
        let (sender, notices) = mpsc::channel(QUEUE_CAPACITY);
        let lost = Arc::new(AtomicBool::new(false));
        let inbox = NotificationSender {
            notifications: sender,
            has_overflowed: Arc::clone(&lost),
        };
        let dispatcher = Self {
            broker: hub,
            pool: lanes,
            notifications: notices,
            has_overflowed: lost,
        };
        (dispatcher, inbox)
    }

    /// Runs until the last [`NotificationSender`] is dropped.
    pub async fn run(mut self) {
        while let Some(notice) = self.notifications.recv().await {
            // A resync is in order here: the events before the loss were delivered, or are older than what subscribers
            // read after the resync.
            if self.has_overflowed.swap(false, Ordering::AcqRel) {
                tracing::warn!(
                    "the queue of change notifications overflowed; all subscribers receive a resync"
                );
                self.broker.publish_resync();
            }
            match notice {
                Notification::Reviews(changes) => self.publish_reviews(changes).await,
                Notification::Scores(films) => self.broker.publish_scores(&films),
                Notification::Reset => self.broker.publish_reset(),
            }
        }
    }

    async fn publish_reviews(&self, changes: Vec<Change>) {
        let wanted = self.broker.with_subscribers(changes);
        match self.load_reviews(&wanted).await {
            Ok(mut states) => self
                .broker
                .publish_reviews(wanted.into_iter().map(|change| ReviewEvent {
                    review: states.remove(&review_version(&change)),
                    change,
                })),
            Err(error) => {
                tracing::error!(error.cause = %error, "could not read changed reviews; all subscribers receive a resync");
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
        let wanted: Vec<ReviewVersion> = changes
            .iter()
            .filter(|change| change.kind != ChangeKind::Deleted)
            .map(review_version)
            .collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let session = Session::new(self.pool.clone());
        let until = Instant::now() + READ_TIMEOUT;
        let mut backoff = Backoff::new(MIN_BACKOFF, MAX_BACKOFF);
        loop {
            let delay = backoff.next_delay();
            let read = timeout_at(until, fetch_versions(&wanted, &session)).await;
            match read.unwrap_or_else(|_| Err(DbErr::Custom("the read timed out".to_owned()))) {
                Err(error)
                    if matches!(
                        DbErrorKind::of(&error),
                        DbErrorKind::Unavailable | DbErrorKind::Busy
                    ) && Instant::now() + delay < until =>
                {
                    tracing::debug!(error.cause = %error, "could not read changed reviews; retrying");
                    sleep(delay).await;
                }
                read => return read,
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
