//! The permit to use a connection.

use std::time::Instant;

use super::{FairQueue, Request};

/// The permit to use a connection, until it is dropped.
#[derive(Debug)]
pub struct Permit {
    queue: FairQueue,
    request: Request,
    since: Instant,
}

impl Permit {
    pub(super) fn new(queue: FairQueue, request: Request, since: Instant) -> Self {
        Self {
            queue,
            request,
            since,
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.queue.release(self.request, self.since);
    }
}
