//! The queues of mutations that wait for the transaction of their actor.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_channel::oneshot;
use parking_lot::{Mutex, MutexGuard};
use sea_orm::DbErr;
use tokio::{runtime::Handle, time::timeout};
use tracing::Span;

use super::{
    GroupCommand,
    transaction::{GROUP_TIMEOUT, run_group},
};
use crate::{
    database::session::Session,
    mutation::{CommandOutcome, key::IdempotencyKey, store::CommandError},
};

/// The maximum number of mutations of a group.
const MAX_GROUP_SIZE: usize = 32;

/// The timeout of the wait for a running transaction, from its begin. One that takes longer waits for a lock.
const RUNNING_TIMEOUT: Duration = Duration::from_millis(300);

/// The queues of one type of mutation, by actor. A queue exists as long as a transaction of its actor runs.
pub(super) type Queues<M> = Mutex<HashMap<String, Queue<M>>>;

pub(super) struct Queue<M: GroupCommand> {
    /// The time from which the current transaction runs, or waits for a write permit.
    started_at: Instant,
    /// The session of the current transaction.
    session: Session,
    waiting: Vec<QueuedCommand<M>>,
    /// The number of the last queued mutation.
    last_number: u64,
}

impl<M: GroupCommand> Queue<M> {
    /// Returns whether the current transaction is too slow to wait for. The timeout is longer while it waits for a
    /// write permit, for which a mutation that runs alone would have to wait as well.
    fn is_slow(&self) -> bool {
        let began = self
            .session
            .transaction_began_at()
            .filter(|began| *began >= self.started_at);
        began.map_or_else(
            || self.started_at.elapsed() > GROUP_TIMEOUT,
            |began| began.elapsed() > RUNNING_TIMEOUT,
        )
    }
}

/// A queued mutation.
pub(super) struct QueuedCommand<M: GroupCommand> {
    pub(super) number: u64,
    pub(super) mutation: Arc<M>,
    pub(super) key: Option<IdempotencyKey>,
    pub(super) session: Session,
    /// The number of round trips that its request had made before.
    pub(super) round_trips_before: u32,
    /// The parent span of the group's statements, if this is the first member.
    pub(super) span: Span,
    pub(super) runtime: Handle,
    pub(super) reply: oneshot::Sender<QueueResult<M>>,
}

/// The result of waiting in a queue.
pub(super) enum QueueResult<M: GroupCommand> {
    Done(CommandOutcome<M::Done>),
    /// The mutation has to be run alone. The error is that of an attempt whose commit was not confirmed, if there was
    /// one.
    RunAlone(Option<CommandError>),
    /// No transaction runs any more, and no other mutation waits: this one runs next, as the leader.
    Lead(Leader<M>),
}

/// The decision about an arriving mutation.
pub(super) enum Admission<M: GroupCommand> {
    Lead(Leader<M>),
    Queued(u64, oneshot::Receiver<QueueResult<M>>),
    RunAlone,
}

/// Decides about an arriving mutation, and queues it if it should wait.
pub(super) fn join_queue<M: GroupCommand>(
    queues: &Arc<Queues<M>>,
    actor: &str,
    session: &Session,
    member: impl FnOnce(u64, oneshot::Sender<QueueResult<M>>) -> QueuedCommand<M>,
) -> Admission<M> {
    let mut all = lock(queues);
    let Some(queue) = all.get_mut(actor) else {
        let queue = Queue {
            started_at: Instant::now(),
            session: session.clone(),
            waiting: Vec::new(),
            last_number: 0,
        };
        all.insert(actor.to_owned(), queue);
        return Admission::Lead(Leader {
            queues: Arc::clone(queues),
            actor: actor.to_owned(),
        });
    };
    if queue.is_slow() {
        return Admission::RunAlone;
    }
    let (reply, result) = oneshot::channel();
    queue.last_number += 1;
    queue.waiting.push(member(queue.last_number, reply));
    Admission::Queued(queue.last_number, result)
}

/// Waits for the result of a queued mutation, or until it should leave the queue.
pub(super) async fn wait_for_result<M: GroupCommand>(
    queues: &Queues<M>,
    actor: &str,
    number: u64,
    mut result: oneshot::Receiver<QueueResult<M>>,
) -> QueueResult<M> {
    let received = loop {
        match timeout(RUNNING_TIMEOUT, &mut result).await {
            Ok(received) => break received,
            Err(_) if leave_queue(queues, actor, number) => return QueueResult::RunAlone(None),
            Err(_) => {}
        }
    };
    received.unwrap_or_else(|_| {
        let reason = "a group of mutations ended without a result".to_owned();
        QueueResult::RunAlone(Some(CommandError::Unconfirmed(DbErr::Custom(reason))))
    })
}

/// Removes a mutation from the queue if the current transaction is slow. Returns `false` if it isn't, or if the
/// mutation is part of that transaction; then it continues to wait.
fn leave_queue<M: GroupCommand>(queues: &Queues<M>, actor: &str, number: u64) -> bool {
    let mut all = lock(queues);
    let Some(queue) = all.get_mut(actor).filter(|queue| queue.is_slow()) else {
        return false;
    };
    let mut waiting = queue.waiting.iter();
    let index = waiting.position(|member| member.number == number);
    index.map(|index| queue.waiting.remove(index)).is_some()
}

fn lock<M: GroupCommand>(queues: &Queues<M>) -> MutexGuard<'_, HashMap<String, Queue<M>>> {
    queues.lock()
}

/// A guard for the current transaction of an actor. When it is dropped, the mutations that were queued meanwhile run
/// next. The transaction may still wait for its commit then.
pub(super) struct Leader<M: GroupCommand> {
    queues: Arc<Queues<M>>,
    pub(super) actor: String,
}

impl<M: GroupCommand> Leader<M> {
    /// Starts the next group now, if several mutations wait. Otherwise returns the guard.
    pub(super) fn hand_over(self) -> Option<Self> {
        let has_group = lock(&self.queues)
            .get(&self.actor)
            .is_some_and(|queue| queue.waiting.len() > 1);
        (!has_group).then_some(self)
    }
}

impl<M: GroupCommand> Drop for Leader<M> {
    fn drop(&mut self) {
        let Some(mut next) = take_group(&self.queues, &self.actor) else {
            return;
        };
        let leader = Self {
            queues: Arc::clone(&self.queues),
            actor: std::mem::take(&mut self.actor),
        };
        if next.members.len() > 1 {
            let runtime = next.runtime.clone();
            runtime.spawn(run_group(next, leader));
        } else if let Some(member) = next.members.pop() {
            // If this one was cancelled, dropping the guard runs the next group.
            let _ = member.reply.send(QueueResult::Lead(leader));
        }
    }
}

/// The mutations of the next transaction, with the session and the worker's runtime that run it.
pub(super) struct Group<M: GroupCommand> {
    pub(super) members: Vec<QueuedCommand<M>>,
    pub(super) session: Session,
    runtime: Handle,
}

/// Takes the next group from a queue. `None` if no mutation waits; then the queue is removed.
fn take_group<M: GroupCommand>(queues: &Queues<M>, actor: &str) -> Option<Group<M>> {
    let mut all = lock(queues);
    let queue = all.get_mut(actor)?;
    // Cancelled requests are skipped.
    queue.waiting.retain(|member| !member.reply.is_canceled());
    let mut keys = HashSet::new();
    let (mut members, mut rest) = (Vec::new(), Vec::new());
    for member in queue.waiting.drain(..) {
        // A repeated key has to find the stored outcome of the first, so it can't be in the same transaction.
        let key = member.key.as_ref().map(|key| key.key.clone());
        if members.len() < MAX_GROUP_SIZE && key.is_none_or(|key| keys.insert(key)) {
            members.push(member);
        } else {
            rest.push(member);
        }
    }
    queue.waiting = rest;
    let can_begin = |member: &&QueuedCommand<M>| member.session.has_free_write_permit();
    let Some(host) = members.iter().find(can_begin).or(members.first()) else {
        all.remove(actor);
        return None;
    };
    let (host, runtime) = (host.session.clone(), host.runtime.clone());
    queue.started_at = Instant::now();
    queue.session = match &members[..] {
        [_] => host,
        several => host.for_group(several.iter().map(|member| &member.session)),
    };
    let session = queue.session.clone();
    Some(Group {
        members,
        session,
        runtime,
    })
}
