//! Batches the reads of all requests of a worker, without a timer: the keys that are loaded while a statement runs are
//! read by the next one.
//!
//! A load puts its key into a queue. If the queue has no reader, a reader task is spawned. It yields once, so that all
//! tasks that are ready add their keys as well. Then it takes the queue's keys, reads them by one statement, and
//! repeats this until the queue is empty. So a single request never waits, and the more requests there are, the fewer
//! statements each of them costs.
//!
//! A key never joins a statement that has been sent, because the statement may not see later writes.

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use futures_channel::oneshot;
use futures_util::{FutureExt, future::Either};
use parking_lot::Mutex;
use sea_orm::DbErr;
use tracing::Span;

use super::{key::LoaderKey, row_cache::RowCache};
use crate::{
    database::{
        error::{DbErrorKind, ReadError},
        session::Session,
    },
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
    /// The [`Queues`] of each type of key.
    queues: TypeMap,
}

impl fmt::Debug for Batcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Batcher").finish_non_exhaustive()
    }
}

/// A queue for each group of keys that one statement can read.
type Queues<K> = HashMap<<K as LoaderKey>::Group, Queue<K>, foldhash::fast::RandomState>;

/// The pending keys of a group. A queue exists as long as it has a reader.
struct Queue<K: LoaderKey> {
    pending: Vec<PendingKey<K>>,
    readers: usize,
    /// The time when a reader last began a statement.
    last_started_at: Instant,
}

/// A key that a request waits for.
struct PendingKey<K: LoaderKey> {
    key: K,
    waiter: Waiter,
    /// The parent span of the statement; only the first key of a queue has one.
    span: Option<Span>,
    reply: oneshot::Sender<LoadResult<K::Value>>,
}

/// The waiting request, to which the statement is charged.
#[derive(Clone)]
struct Waiter {
    session: Arc<Session>,
    /// The number of round trips that the request had made before.
    round_trips_before: u32,
}

impl Batcher {
    /// Creates a batcher that reads through a row cache.
    #[must_use]
    pub fn new(row_cache: Arc<RowCache>) -> Self {
        Self(Arc::new(Inner {
            row_cache,
            queues: TypeMap::default(),
        }))
    }

    /// Returns the value of a key in the row cache.
    pub(super) fn cached<K: LoaderKey>(&self, key: &K) -> Option<K::Value> {
        self.0.row_cache.get(key)
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

impl<K: LoaderKey> Queue<K> {
    fn new() -> Self {
        Self {
            pending: Vec::new(),
            readers: 0,
            last_started_at: Instant::now(),
        }
    }

    /// Returns whether the caller has to start a reader, and counts it. It has to if there is none, or if all readers
    /// wait for slow statements.
    fn needs_reader(&mut self) -> bool {
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

/// The keys that one statement reads.
struct Batch<K: LoaderKey> {
    pending: Vec<PendingKey<K>>,
    /// The requests that wait for the statement, each once.
    waiters: Vec<Waiter>,
}

impl<K: LoaderKey> Batch<K> {
    /// Takes the keys for one statement from a queue. `None` if there are none: then the reader has to end.
    fn take(queues: &mut Queues<K>, group: &K::Group) -> Option<Self> {
        let queue = queues.get_mut(group)?;
        // Cancelled requests are skipped.
        queue.pending.retain(|pending| !pending.reply.is_canceled());
        let mut waiters: Vec<Waiter> = Vec::new();
        let mut count = 0;
        for pending in &queue.pending {
            // The keys of a request are mostly adjacent, so the search starts at the end.
            if !waiters
                .iter()
                .rev()
                .any(|waiter| waiter.is_same_request(&pending.waiter))
            {
                if waiters.len() == MAX_REQUESTS {
                    break;
                }
                waiters.push(pending.waiter.clone());
            }
            count += 1;
        }
        if count == 0 {
            queue.readers -= 1;
            if queue.readers == 0 {
                queues.remove(group);
            }
            return None;
        }
        queue.last_started_at = Instant::now();
        let remaining = queue.pending.split_off(count);
        let pending = std::mem::replace(&mut queue.pending, remaining);
        Some(Self { pending, waiters })
    }

    /// Reads the keys and sends the results. If the statement fails, the keys of each request are read by a statement
    /// of their own, so that no request fails because of another.
    async fn read(mut self, row_cache: &RowCache) {
        let Some(result) = self.attempt(row_cache).await else {
            return;
        };
        match result {
            Err(error) if self.waiters.len() > 1 && error.kind() != DbErrorKind::Unavailable => {
                let parts = self.parts().into_iter().map(|mut part| async move {
                    if let Some(result) = part.attempt(row_cache).await {
                        part.send_results(&result);
                    }
                });
                futures_util::future::join_all(parts).await;
            }
            result => self.send_results(&result),
        }
    }

    /// Reads the keys by one statement, which is charged to all waiting requests. `None` if all of them were cancelled;
    /// then the statement is cancelled as well.
    async fn attempt(
        &mut self,
        row_cache: &RowCache,
    ) -> Option<Result<HashMap<K, K::Value>, ReadError>> {
        let first = self.waiters.first()?;
        let session = first.session.detached();
        let span = self.pending.first_mut()?.span.take();
        let keys = self.keys();
        let timestamp = row_cache.now();
        let statement_session = session.clone();
        let read = session
            .trace_task_below(span.unwrap_or_else(Span::none), |session| async move {
                K::read(keys, &session).await
            });
        // A panic is an error of the statement, so that every request gets a result.
        let read = AssertUnwindSafe(read).catch_unwind();
        let all_cancelled = poll_fn(|context| {
            let mut waiting = self.pending.iter_mut().map(|pending| &mut pending.reply);
            if waiting.all(|reply| reply.poll_canceled(context).is_ready()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let read = std::pin::pin!(read);
        let result = match futures_util::future::select(read, all_cancelled).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => return None,
        };
        let result = result
            .unwrap_or_else(|_| Err(DbErr::Custom("a batch of reads panicked".to_owned())))
            .map_err(ReadError::from);
        for waiter in &self.waiters {
            waiter
                .session
                .charge(statement_session.cost(), waiter.round_trips_before);
        }
        if let (Ok(values), Some(timestamp)) = (&result, timestamp) {
            row_cache.insert(timestamp, values);
        }
        Some(result)
    }

    /// Returns the keys, each once.
    fn keys(&self) -> Vec<K> {
        let mut seen = std::collections::HashSet::with_capacity(self.pending.len());
        let keys = self.pending.iter().map(|pending| &pending.key);
        keys.filter(|key| seen.insert(*key)).cloned().collect()
    }

    /// Splits the batch by request.
    fn parts(self) -> Vec<Self> {
        let mut parts: Vec<Self> = self
            .waiters
            .into_iter()
            .map(|waiter| Self {
                pending: Vec::new(),
                waiters: vec![waiter],
            })
            .collect();
        for pending in self.pending {
            let part = parts
                .iter_mut()
                .find(|part| part.waiters[0].is_same_request(&pending.waiter));
            if let Some(part) = part {
                part.pending.push(pending);
            }
        }
        parts
    }

    /// Sends each request the values of its keys, or the error.
    fn send_results(self, result: &Result<HashMap<K, K::Value>, ReadError>) {
        for PendingKey { key, reply, .. } in self.pending {
            let result = match result {
                Ok(values) => Ok(values.get(&key).cloned()),
                Err(error) => Err(error.clone()),
            };
            // A request that was cancelled needs no result.
            let _ = reply.send(result);
        }
    }
}

impl Waiter {
    /// Returns whether both belong to the same request.
    fn is_same_request(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.session, &other.session)
    }
}
