//! Batches the reads of all requests of a worker, without a timer: the keys that are loaded while a statement runs are
//! read by the next one.
//!
//! A load puts its key into a queue. If the queue has no reader, a reader task is spawned. It yields once, so that all
//! tasks that are ready add their keys as well. Then it takes the queue's keys, reads them by one statement, and
//! repeats this until the queue is empty. So a single request never waits, and the more requests there are, the fewer
//! statements each of them costs.
//!
//! A key never joins a statement that has been sent, because the statement may not see later writes.

mod batch;
mod queue;

use std::{fmt, sync::Arc, time::Duration};

use futures_channel::oneshot;
use parking_lot::Mutex;
use tracing::Span;

use self::{
    batch::{Batch, Waiter},
    queue::{PendingKey, Queue, Queues},
};
use super::{key::LoaderKey, local_rows::LocalRows, row_cache::RowCache};
use crate::{
    database::{error::ReadError, session::Session},
    type_map::TypeMap,
};

/// The maximum number of requests whose keys one statement reads.
const MAX_REQUESTS: usize = 16;

/// The maximum number of statements of a queue that run at the same time if they are slow.
const MAX_READERS: usize = 4;

/// The duration after which a statement is slow, so that another reader is started for the pending keys.
const SLOW_STATEMENT_THRESHOLD: Duration = Duration::from_millis(20);

/// The result of a load: the value, or `None` if the key has none.
pub(super) type LoadResult<V> = Result<Option<V>, ReadError>;

/// The batched reads of a worker. Clones share them.
#[derive(Clone)]
pub struct Batcher(Arc<Inner>);

struct Inner {
    row_cache: Arc<RowCache>,
    local_rows: LocalRows,
    /// The [`Queues`] of each type of key.
    queues: TypeMap,
}

impl fmt::Debug for Batcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Batcher").finish_non_exhaustive()
    }
}

impl Batcher {
    /// Creates a batcher that reads through a row cache.
    #[must_use]
    pub fn new(row_cache: Arc<RowCache>) -> Self {
        Self(Arc::new(Inner {
            row_cache,
            local_rows: LocalRows::default(),
            queues: TypeMap::default(),
        }))
    }

    /// Returns the value of a key in the row cache, or the worker's copy of it.
    pub(super) fn cached<K: LoaderKey>(&self, key: &K) -> Option<K::Value> {
        let Inner {
            row_cache,
            local_rows,
            ..
        } = &*self.0;
        match K::COPY {
            Some(copy) => local_rows.get(key, row_cache, copy),
            None => row_cache.get(key),
        }
    }

    /// Loads a key over the connections of a session, to which the statement is charged.
    pub(super) fn load<K: LoaderKey>(
        &self,
        key: K,
        session: &Arc<Session>,
    ) -> oneshot::Receiver<LoadResult<K::Value>> {
        let (reply, result) = oneshot::channel();
        let group = key.group();
        let waiter = Waiter {
            round_trips_before: session.cost().round_trips,
            session: Arc::clone(session),
        };
        let needs_reader = self.with_queues::<K, _>(|queues| {
            let queue = queues.entry(group.clone()).or_insert_with(Queue::new);
            queue.pending.push(PendingKey {
                span: queue.pending.is_empty().then(Span::current),
                key,
                waiter,
                reply,
            });
            queue.needs_reader()
        });
        if needs_reader {
            let batcher = self.clone();
            tokio::spawn(async move { batcher.read_queue::<K>(&group).await });
        }
        result
    }

    /// Reads the keys of a queue until it is empty.
    async fn read_queue<K: LoaderKey>(&self, group: &K::Group) {
        loop {
            // Tasks that are ready run first and add their keys.
            tokio::task::yield_now().await;
            let Some(batch) = self.with_queues(|queues| Batch::<K>::take(queues, group)) else {
                return;
            };
            batch.read(&self.0.row_cache).await;
        }
    }

    fn with_queues<K: LoaderKey, T>(&self, update: impl FnOnce(&mut Queues<K>) -> T) -> T {
        let queues = self
            .0
            .queues
            .get_or_insert_with(Mutex::<Queues<K>>::default);
        update(&mut queues.lock())
    }
}
