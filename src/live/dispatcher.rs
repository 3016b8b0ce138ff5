//! From what the database told to what subscribers hear.
//!
//! It reads apart from the listener, which must never wait: what it has not come to yet lies in a bounded queue. What doesn't
//! fit into it is lost, and so is what can't be read in time; then everyone is told that changes were missed.

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

/// How many notices wait while reviews are being read. A notice is a few kilobytes at most.
const QUEUE: usize = 1_000;

/// How long reading the reviews of a notice may take, with all attempts. While the notice is in hand nothing is lost.
const READ_PATIENCE: Duration = Duration::from_secs(15);

/// How long is waited after an attempt that failed: so long at first, and twice as long each time, up to the longest.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The listener's end of the queue of notices.
#[derive(Clone, Debug)]
pub struct Inbox {
    notices: mpsc::Sender<Notice>,
    lost: Arc<AtomicBool>,
}

impl Inbox {
    /// Takes a notice in, without ever waiting.
    pub fn put(&self, notice: Notice) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.notices.try_send(notice) {
            self.lost.store(true, Ordering::Release);
        }
    }
}

/// Reads what subscribers want and hands it to them.
#[derive(Debug)]
pub struct Dispatcher {
    hub: Arc<Hub>,
    lanes: Lanes,
    notices: mpsc::Receiver<Notice>,
    lost: Arc<AtomicBool>,
}

impl Dispatcher {
    /// Makes one that reads over `lanes`, with the inbox to fill.
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

    /// Works until the last inbox is gone.
    pub async fn run(mut self) {
        while let Some(notice) = self.notices.recv().await {
            // What came before the loss is told by then, or is older than what a resync makes everyone read.
            if self.lost.swap(false, Ordering::AcqRel) {
                tracing::warn!(
                    "changes came faster than they could be read; subscribers are told to read again"
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
                tracing::error!(error.cause = %error, "changed reviews could not be read; subscribers are told that they missed some");
                self.hub.resync();
            }
        }
    }

    /// The reviews of changes, those that are left. PostgreSQL being away for a moment is waited for, and later notices wait as well, so
    /// that their order stays.
    async fn states(&self, changes: &[Change]) -> Result<HashMap<ReviewState, Arc<Review>>, DbErr> {
        let there: Vec<ReviewState> = changes
            .iter()
            .filter(|change| change.kind != ChangeKind::Deleted)
            .map(state)
            .collect();
        if there.is_empty() {
            return Ok(HashMap::new());
        }
        let session = Session::over(self.lanes.clone());
        let until = Instant::now() + READ_PATIENCE;
        let mut wait = FIRST_WAIT;
        loop {
            let read = timeout_at(until, states(&there, &session)).await;
            match read.unwrap_or_else(|_| Err(DbErr::Custom("no answer in time".to_owned()))) {
                Err(error)
                    if matches!(Fault::of(&error), Fault::Away | Fault::Busy)
                        && Instant::now() + wait < until =>
                {
                    tracing::debug!(error.cause = %error, "changed reviews could not be read; trying again");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                read => return read,
            }
        }
    }
}

/// The review as a change left it.
fn state(change: &Change) -> ReviewState {
    ReviewState {
        id: change.review,
        version: change.version,
    }
}
