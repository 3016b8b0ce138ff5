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

use super::{Change, ChangeKind, Notice, ReviewEvent, hub::Hub};
use crate::{
    database::{fault::Fault, lanes::Lanes, session::Session},
    review::{
        Review,
        store::states::{ReviewState, states},
    },
};

/// The capacity of the queue of notifications. A notification has a few kilobytes at most.
const QUEUE: usize = 1_000;

/// The timeout for reading the reviews of a notification, retries included. The notification is not lost while it is
/// retried.
const READ_PATIENCE: Duration = Duration::from_secs(15);

/// The delay before the first retry. It doubles with each retry, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(50);
/// The longest delay between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The sending half of the queue of notifications.
#[derive(Clone, Debug)]
pub struct Inbox {
    notices: mpsc::Sender<Notice>,
    lost: Arc<AtomicBool>,
}

impl Inbox {
    /// Enqueues a notification without waiting. If the queue is full, the notification is dropped and a resync follows.
    pub fn put(&self, notice: Notice) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.notices.try_send(notice) {
            self.lost.store(true, Ordering::Release);
        }
    }
}

/// Receives notifications, reads the changed reviews and delivers events to the hub.
#[derive(Debug)]
pub struct Dispatcher {
    hub: Arc<Hub>,
    lanes: Lanes,
    notices: mpsc::Receiver<Notice>,
    lost: Arc<AtomicBool>,
}

impl Dispatcher {
    /// Creates a dispatcher that reads over the connections of `lanes`, and the sending half of its queue.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lanes: Lanes) -> (Self, Inbox) {
        let (sender, notices) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicBool::new(false));
        let inbox = Inbox {
            notices: sender,
            lost: Arc::clone(&lost),
        };
        let dispatcher = Self {
            hub,
            lanes,
            notices,
            lost,
        };
        (dispatcher, inbox)
    }

    /// Runs until the last [`Inbox`] is dropped.
    pub async fn run(mut self) {
        while let Some(notice) = self.notices.recv().await {
            // A resync is in order here: the events before the loss were delivered, or are older than what subscribers
            // read after the resync.
            if self.lost.swap(false, Ordering::AcqRel) {
                tracing::warn!(
                    "the queue of change notifications overflowed; all subscribers receive a resync"
                );
                self.hub.resync();
            }
            match notice {
                Notice::Reviews(changes) => self.reviews(changes).await,
                Notice::Scores(films) => self.hub.scores_changed(&films),
                Notice::Everything => self.hub.reset(),
            }
        }
    }

    async fn reviews(&self, changes: Vec<Change>) {
        let wanted = self.hub.wanted(changes);
        match self.states(&wanted).await {
            Ok(mut states) => self
                .hub
                .deliver(wanted.into_iter().map(|change| ReviewEvent {
                    review: states.remove(&state(&change)),
                    change,
                })),
            Err(error) => {
                tracing::error!(error.cause = %error, "could not read changed reviews; all subscribers receive a resync");
                self.hub.resync();
            }
        }
    }

    /// Reads the reviews of changes, except deleted ones. Retries while PostgreSQL is unavailable. Later notifications
    /// wait in the queue, so that the order of events is preserved.
    async fn states(&self, changes: &[Change]) -> Result<HashMap<ReviewState, Arc<Review>>, DbErr> {
        let wanted: Vec<ReviewState> = changes
            .iter()
            .filter(|change| change.kind != ChangeKind::Deleted)
            .map(state)
            .collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let session = Session::over(self.lanes.clone());
        let until = Instant::now() + READ_PATIENCE;
        let mut wait = FIRST_WAIT;
        loop {
            let read = timeout_at(until, states(&wanted, &session)).await;
            match read.unwrap_or_else(|_| Err(DbErr::Custom("the read timed out".to_owned()))) {
                Err(error)
                    if matches!(Fault::of(&error), Fault::Away | Fault::Busy)
                        && Instant::now() + wait < until =>
                {
                    tracing::debug!(error.cause = %error, "could not read changed reviews; retrying");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                read => return read,
            }
        }
    }
}

/// Returns the key of the review's version that a change produced.
fn state(change: &Change) -> ReviewState {
    ReviewState {
        id: change.review,
        version: change.version,
    }
}
