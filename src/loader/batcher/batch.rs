//! A batch of keys that one statement reads.

use std::{
    collections::HashMap, future::poll_fn, panic::AssertUnwindSafe, sync::Arc, task::Poll,
    time::Instant,
};

use futures_util::{FutureExt, future::Either};
use sea_orm::DbErr;
use tracing::Span;

use super::{
    MAX_REQUESTS,
    queue::{PendingKey, Queues},
};
use crate::{
    database::{
        error::{DbErrorKind, ReadError},
        session::Session,
    },
    loader::{key::LoaderKey, row_cache::RowCache},
};

/// The waiting request, to which the statement is charged.
#[derive(Clone)]
pub(super) struct Waiter {
    pub(super) session: Arc<Session>,
    /// The number of round trips that the request had made before.
    pub(super) round_trips_before: u32,
}

/// The keys that one statement reads.
pub(super) struct Batch<K: LoaderKey> {
    pending: Vec<PendingKey<K>>,
    /// The requests that wait for the statement, each once.
    waiters: Vec<Waiter>,
}

impl<K: LoaderKey> Batch<K> {
    /// Takes the keys for one statement from a queue. `None` if there are none: then the reader has to end.
    pub(super) fn take(queues: &mut Queues<K>, group: &K::Group) -> Option<Self> {
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
    pub(super) async fn read(mut self, row_cache: &RowCache) {
        let Some(result) = self.attempt(row_cache).await else {
            return;
        };
        match result {
            Err(error) if self.waiters.len() > 1 && may_be_of_one_request(&error) => {
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

    /// Reads the keys by one statement, which is charged to all waiting requests, each with its share of the time.
    /// `None` if all of them were cancelled; then the statement is cancelled as well.
    async fn attempt(
        &mut self,
        row_cache: &RowCache,
    ) -> Option<Result<HashMap<K, K::Value>, ReadError>> {
        let first = self.waiters.first()?;
        let requests = self.waiters.iter().map(|waiter| &*waiter.session);
        let session = first.session.detached_for(requests);
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
        let result = {
            let read = std::pin::pin!(read);
            match futures_util::future::select(read, all_cancelled).await {
                Either::Left((result, _)) => Some(result),
                Either::Right(_) => None,
            }
        };
        // A cancelled statement has used its time as well. It ends when its future is dropped.
        self.share_time(&statement_session);
        let result = result?
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

    /// Adds the time of the statement to the requests, and that of its connection to their callers, each in proportion to
    /// the keys.
    fn share_time(&self, session: &Session) {
        let (time, connection_time) = (session.used_time(), session.connection_time());
        // Most statements are so short that they are free, and have one caller.
        if time.is_zero() && connection_time.is_zero() {
            return;
        }
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let all = count(self.pending.len()).max(1);
        for waiter in &self.waiters {
            let pending = self.pending.iter();
            let own = pending.filter(|pending| pending.waiter.is_same_request(waiter));
            let own = count(own.count());
            if !time.is_zero() {
                waiter.session.add_used_time(time / all * own);
            }
            if !connection_time.is_zero() {
                let share = connection_time / all * own;
                waiter.session.charge_connection_time(share);
            }
        }
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

/// Returns whether an error may be due to the keys of one request. Otherwise the others would fail as well, or take as
/// long.
fn may_be_of_one_request(error: &ReadError) -> bool {
    let kind = error.kind();
    !kind.is_unavailable() && kind != DbErrorKind::TimedOut
}

impl Waiter {
    /// Returns whether both belong to the same request.
    fn is_same_request(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.session, &other.session)
    }
}
