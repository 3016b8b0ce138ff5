//! The keys that wait for the next batch.

use std::{collections::HashMap, time::Instant};

use futures_channel::oneshot;
use tracing::Span;

use super::{LoadResult, MAX_READERS, SLOW_STATEMENT_THRESHOLD, batch::Waiter};
use crate::loader::key::LoaderKey;

/// A queue for each group of keys that one statement can read.
pub(super) type Queues<K> = HashMap<<K as LoaderKey>::Group, Queue<K>, foldhash::fast::RandomState>;

/// The pending keys of a group. A queue exists as long as it has a reader.
pub(super) struct Queue<K: LoaderKey> {
    pub(super) pending: Vec<PendingKey<K>>,
    pub(super) readers: usize,
    /// The time when a reader last began a statement.
    pub(super) last_started_at: Instant,
}

/// A key that a request waits for.
pub(super) struct PendingKey<K: LoaderKey> {
    pub(super) key: K,
    pub(super) waiter: Waiter,
    /// The parent span of the statement; only the first key of a queue has one.
    pub(super) span: Option<Span>,
    pub(super) reply: oneshot::Sender<LoadResult<K::Value>>,
}

impl<K: LoaderKey> Queue<K> {
    pub(super) fn new() -> Self {
        Self {
            pending: Vec::new(),
            readers: 0,
            last_started_at: Instant::now(),
        }
    }

    /// Returns whether the caller has to start a reader, and counts it. It has to if there is none, or if all readers
    /// wait for slow statements.
    pub(super) fn needs_reader(&mut self) -> bool {
        let needs_reader = self.readers == 0
            || self.readers < MAX_READERS
                && self.last_started_at.elapsed() > SLOW_STATEMENT_THRESHOLD;
        if needs_reader {
            self.readers += 1;
            self.last_started_at = Instant::now();
        }
        needs_reader
    }
}
