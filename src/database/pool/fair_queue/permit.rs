//! The permit to use a connection.

use std::time::Instant;

use super::{FairQueue, Request};

/// The permit to use a connection, until it is dropped.
#[derive(Debug)]
pub struct Permit {
    /// `None` if the permit was never used.
    queue: Option<FairQueue>,
    request: Request,
    since: Instant,
}

impl Permit {
    pub(super) fn new(queue: FairQueue, request: Request, since: Instant) -> Self {
        Self {
            queue: Some(queue),
            request,
            since,
        }
    }

    /// Drops a permit for which no connection was taken.
    pub(super) fn forget(mut self) {
        self.queue = None;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.release(self.request, self.since);
        }
    }
}
