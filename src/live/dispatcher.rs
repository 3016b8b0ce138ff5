//! From what the database told to what subscribers hear.
//!
//! It reads apart from the listener, which must never wait: what it has not come to yet lies in a bounded queue, and if that is full,
//! what was lost is made up for by a resync.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{DatabaseConnection, DbErr};
use tokio::{sync::mpsc, time::timeout};

use super::{Change, ChangeKind, Notice, ReviewEvent, hub::Hub, store};

/// How many notices wait while reviews are being read. A notice is a few kilobytes at most.
const QUEUE: usize = 1_000;

/// How long reading the reviews of a notice may take.
const READ_PATIENCE: Duration = Duration::from_secs(10);

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
    connection: DatabaseConnection,
    notices: mpsc::Receiver<Notice>,
    lost: Arc<AtomicBool>,
}

impl Dispatcher {
    /// Makes one that reads over `connection`, with the inbox to fill.
    #[must_use]
    pub fn new(hub: Arc<Hub>, connection: DatabaseConnection) -> (Self, Inbox) {
        let (sender, notices) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicBool::new(false));
        let inbox = Inbox {
            notices: sender,
            lost: Arc::clone(&lost),
        };
        let dispatcher = Self {
            hub,
            connection,
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
                Notice::Everything => self.hub.resync(),
            }
        }
    }

    async fn reviews(&self, changes: Vec<Change>) {
        let wanted = self.hub.wanted(changes);
        let there: Vec<Change> = wanted
            .iter()
            .filter(|change| change.kind != ChangeKind::Deleted)
            .copied()
            .collect();
        let read = async {
            if there.is_empty() {
                return Ok(std::collections::HashMap::new());
            }
            let states = timeout(READ_PATIENCE, store::states(&there, &self.connection)).await;
            states.unwrap_or_else(|_| Err(DbErr::Custom("no answer in time".to_owned())))
        };
        match read.await {
            Ok(mut states) => self
                .hub
                .deliver(wanted.into_iter().map(|change| ReviewEvent {
                    review: states.remove(&(change.review, change.version)),
                    change,
                })),
            Err(error) => {
                tracing::error!(error.cause = %error, "changed reviews could not be read; subscribers are told to read again");
                self.hub.resync();
            }
        }
    }
}
