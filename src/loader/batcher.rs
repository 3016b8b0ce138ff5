//! Reads of all requests of a worker put together: what is asked for while a statement runs becomes the next one, without any timer.
//!
//! A read is asked for by putting it into a queue. If nobody reads for that queue, a task is spawned that does: it lets everything run first
//! that can, so that whoever is about to ask does, takes what is in the queue by then, reads all of it by one statement, and goes on until the
//! queue is empty. So one request alone waits for nothing, and the more there are the fewer statements each of them costs.
//!
//! Nobody joins a statement that has been sent: it may not see what was written since.

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::{Duration, Instant},
};

use futures_channel::oneshot;
use futures_util::{FutureExt, future::Either};
use sea_orm::DbErr;
use tracing::Span;

use super::{key::BatchKey, row_cache::Rows};
use crate::{
    by_type::ByType,
    database::{
        fault::{Fault, ReadError},
        session::Session,
    },
};

/// Of how many requests the reads go into one statement.
const REQUESTS: usize = 16;

/// How many statements of a queue run at once if they take long.
const READERS: usize = 4;

/// After how long a statement takes long, so that what is asked for meanwhile doesn't wait for it.
const LONG: Duration = Duration::from_millis(20);

/// What came of a read: nothing if it isn't there.
pub(super) type Answer<V> = Result<Option<V>, ReadError>;

/// The reads of a worker. Clones are the same ones.
#[derive(Clone)]
pub struct Loader(Arc<Inner>);

struct Inner {
    rows: Arc<Rows>,
    /// The [`Queues`] of each type of key.
    kinds: ByType,
}

impl fmt::Debug for Loader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Loader").finish_non_exhaustive()
    }
}

/// A queue for each group of keys that one statement can read.
type Queues<K> = HashMap<<K as BatchKey>::Group, Queue<K>, foldhash::fast::RandomState>;

/// What is to be read. It is there as long as somebody reads for it.
struct Queue<K: BatchKey> {
    asked: Vec<Asked<K>>,
    readers: usize,
    /// When the last of them began.
    since: Instant,
}

/// A read that somebody waits for.
struct Asked<K: BatchKey> {
    key: K,
    by: Asker,
    /// Below which span of a trace the statement stands; only the first in a queue has it.
    span: Option<Span>,
    reply: oneshot::Sender<Answer<K::Value>>,
}

/// Who pays for a statement.
#[derive(Clone)]
struct Asker {
    session: Arc<Session>,
    /// How many round trips its request had made by then.
    after: u32,
}

impl Loader {
    /// Reads, and keeps rows.
    #[must_use]
    pub fn new(rows: Arc<Rows>) -> Self {
        Self(Arc::new(Inner {
            rows,
            kinds: ByType::default(),
        }))
    }

    /// What is kept of a key, if it is still true.
    pub(super) fn kept<K: BatchKey>(&self, key: &K) -> Option<K::Value> {
        self.0.rows.find(key)
    }

    /// Asks for what a key names, over the connections of a session and on its account.
    pub(super) fn ask<K: BatchKey>(
        &self,
        key: K,
        session: &Arc<Session>,
    ) -> oneshot::Receiver<Answer<K::Value>> {
        let (reply, answer) = oneshot::channel();
        let group = key.group();
        let by = Asker {
            after: session.cost().round_trips,
            session: Arc::clone(session),
        };
        let needs_reader = self.with_queues::<K, _>(|queues| {
            let queue = queues.entry(group.clone()).or_insert_with(Queue::new);
            queue.asked.push(Asked {
                span: queue.asked.is_empty().then(Span::current),
                key,
                by,
                reply,
            });
            queue.needs_reader()
        });
        if needs_reader {
            let loader = self.clone();
            tokio::spawn(async move { loader.read_queue::<K>(&group).await });
        }
        answer
    }

    /// Reads what is in a queue until it is empty.
    async fn read_queue<K: BatchKey>(&self, group: &K::Group) {
        loop {
            // Whoever can go on does so first, and asks.
            tokio::task::yield_now().await;
            let Some(batch) = self.with_queues(|queues| Batch::<K>::take(queues, group)) else {
                return;
            };
            batch.read(&self.0.rows).await;
        }
    }

    fn with_queues<K: BatchKey, T>(&self, act: impl FnOnce(&mut Queues<K>) -> T) -> T {
        let queues = self.0.kinds.get_or_make(Mutex::<Queues<K>>::default);
        act(&mut queues.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K: BatchKey> Queue<K> {
    fn new() -> Self {
        Self {
            asked: Vec::new(),
            readers: 0,
            since: Instant::now(),
        }
    }

    /// Whether somebody has to be found who reads what is in it, which is so if nobody does, or not soon.
    fn needs_reader(&mut self) -> bool {
        let needs_one = self.readers == 0 || self.readers < READERS && self.since.elapsed() > LONG;
        if needs_one {
            self.readers += 1;
            self.since = Instant::now();
        }
        needs_one
    }
}

/// What one statement reads.
struct Batch<K: BatchKey> {
    asked: Vec<Asked<K>>,
    /// The requests that it is for, each once.
    askers: Vec<Asker>,
}

impl<K: BatchKey> Batch<K> {
    /// Takes what has been asked for out of a queue, as far as one statement reads it. `None` if that is nothing: then who read for the queue
    /// has ended.
    fn take(queues: &mut Queues<K>, group: &K::Group) -> Option<Self> {
        let queue = queues.get_mut(group)?;
        // Nothing is read for who has gone.
        queue.asked.retain(|asked| !asked.reply.is_canceled());
        let mut askers: Vec<Asker> = Vec::new();
        let mut count = 0;
        for asked in &queue.asked {
            // What a request asks for mostly stands in a row.
            if !askers.iter().rev().any(|asker| asker.is(&asked.by)) {
                if askers.len() == REQUESTS {
                    break;
                }
                askers.push(asked.by.clone());
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
        queue.since = Instant::now();
        let rest = queue.asked.split_off(count);
        let asked = std::mem::replace(&mut queue.asked, rest);
        Some(Self { asked, askers })
    }

    /// Reads it and answers everyone who waits. Nobody fails for what another request asked: if all of it can't be read, each request's part is
    /// tried by itself.
    async fn read(mut self, rows: &Rows) {
        let Some(result) = self.attempt(rows).await else {
            return;
        };
        match result {
            Err(error) if self.askers.len() > 1 && error.fault() != Fault::Away => {
                let parts = self.parts().into_iter().map(|mut part| async move {
                    if let Some(result) = part.attempt(rows).await {
                        part.answer(&result);
                    }
                });
                futures_util::future::join_all(parts).await;
            }
            result => self.answer(&result),
        }
    }

    /// Reads all of it by one statement, on the account of everyone for whom it is. `None` if nobody waits for it any more; then it is
    /// cancelled.
    async fn attempt(&mut self, rows: &Rows) -> Option<Result<HashMap<K, K::Value>, ReadError>> {
        let first = self.askers.first()?;
        let session = first.session.apart();
        let span = self.asked.first_mut()?.span.take();
        let keys = self.keys();
        let moment = rows.now();
        let account = session.clone();
        let work = session.carry_below(span.unwrap_or_else(Span::none), |session| async move {
            K::read(keys, &session).await
        });
        // Whatever happens, everyone who waits gets an answer.
        let work = AssertUnwindSafe(work).catch_unwind();
        let abandoned = poll_fn(|context| {
            let mut waiting = self.asked.iter_mut().map(|asked| &mut asked.reply);
            if waiting.all(|reply| reply.poll_canceled(context).is_ready()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        let work = std::pin::pin!(work);
        let read = match futures_util::future::select(work, abandoned).await {
            Either::Left((read, _)) => read,
            Either::Right(_) => return None,
        };
        let result = read
            .unwrap_or_else(|_| Err(DbErr::Custom("a batch of reads panicked".to_owned())))
            .map_err(ReadError::from);
        for asker in &self.askers {
            asker.session.charge(account.cost(), asker.after);
        }
        if let (Ok(found), Some(moment)) = (&result, moment) {
            rows.keep(moment, found);
        }
        Some(result)
    }

    /// The keys, each once.
    fn keys(&self) -> Vec<K> {
        let mut seen = std::collections::HashSet::with_capacity(self.asked.len());
        let each = self.asked.iter().map(|asked| &asked.key);
        each.filter(|key| seen.insert(*key)).cloned().collect()
    }

    /// The same, a batch for each request.
    fn parts(self) -> Vec<Self> {
        let mut parts: Vec<Self> = self
            .askers
            .into_iter()
            .map(|asker| Self {
                asked: Vec::new(),
                askers: vec![asker],
            })
            .collect();
        for asked in self.asked {
            let part = parts.iter_mut().find(|part| part.askers[0].is(&asked.by));
            if let Some(part) = part {
                part.asked.push(asked);
            }
        }
        parts
    }

    fn answer(self, result: &Result<HashMap<K, K::Value>, ReadError>) {
        for Asked { key, reply, .. } in self.asked {
            let answer = match result {
                Ok(found) => Ok(found.get(&key).cloned()),
                Err(error) => Err(error.clone()),
            };
            // Who has stopped waiting, because its request was cut off, needs no answer.
            let _ = reply.send(answer);
        }
    }
}

impl Asker {
    /// Whether it is the same request.
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.session, &other.session)
    }
}
