//! Group commit: mutations that arrive while another one of their type runs are run together afterwards, in one
//! transaction.
//!
//! If none is running, a mutation runs immediately and alone. Those that arrive meanwhile are queued and form the next
//! transaction. So a single client never waits, and the more clients there are, the less each mutation costs. Only
//! mutations that simply succeed are run in a group. One that is rejected, fails or conflicts with another is run alone
//! afterwards, so that no mutation fails because of another.
//!
//! The queues are per actor, because a transaction has one actor, and all workers share them. A mutation leaves the
//! queue if the running transaction is slow, for example because it waits for a lock.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_channel::oneshot;
use futures_util::FutureExt;
use parking_lot::{Mutex, MutexGuard};
use sea_orm::DbErr;
use tokio::{runtime::Handle, time::timeout};
use tracing::Span;

use super::{
    CommandError, begin_transaction, end_transaction, idempotency, run_with_retry, until_deadline,
};
use crate::{
    database::session::{Session, Transaction},
    mutation::{Command, CommandOutcome, key::IdempotencyKey},
    type_map::TypeMap,
};

/// The maximum number of mutations of a group.
const MAX_GROUP_SIZE: usize = 32;

/// The timeout of the wait for a running transaction, from its begin. One that takes longer waits for a lock.
const RUNNING_TIMEOUT: Duration = Duration::from_millis(300);

/// The timeout of the wait for a transaction to begin, which needs a write permit; also the timeout of a group before
/// its commit.
const GROUP_TIMEOUT: Duration = Duration::from_secs(1);

/// The `lock_timeout` of a group.
const LOCK_TIMEOUT: &str = "100ms";

/// A mutation of which several can be run by the same statements.
pub trait GroupCommand: Command + Send + 'static {
    /// Runs those mutations that can be run in a group, and returns the result of each. `None` means that the mutation
    /// changed nothing and has to be run alone.
    fn run_batch(
        members: &[Arc<Self>],
        transaction: &Transaction,
    ) -> impl Future<Output = Result<Vec<Option<Self::Done>>, DbErr>> + Send;
}

/// The queues of a process for group commit.
#[derive(Debug, Default)]
pub struct GroupCommit(TypeMap);

/// The queues of one type of mutation, by actor. A queue exists as long as a transaction of its actor runs.
type Queues<M> = Mutex<HashMap<String, Queue<M>>>;

struct Queue<M: GroupCommand> {
    /// The time from which the current transaction runs, or waits for a write permit.
    started_at: Instant,
    /// The session of the current transaction.
    session: Session,
    waiting: Vec<QueuedCommand<M>>,
    /// The number of the last queued mutation.
    last_number: u64,
}

impl<M: GroupCommand> Queue<M> {
    /// Whether the current transaction is too slow to wait for. The timeout is longer while it waits for a write
    /// permit, for which a mutation that runs alone would have to wait as well.
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
struct QueuedCommand<M: GroupCommand> {
    number: u64,
    mutation: Arc<M>,
    key: Option<IdempotencyKey>,
    session: Session,
    /// The number of round trips that its request had made before.
    round_trips_before: u32,
    /// The parent span of the group's statements, if this is the first member.
    span: Span,
    runtime: Handle,
    reply: oneshot::Sender<QueueResult<M>>,
}

/// A mutation with its key, if it has one.
type KeyedCommand<M> = (Arc<M>, Option<IdempotencyKey>);

/// The result of waiting in a queue.
enum QueueResult<M: GroupCommand> {
    Done(CommandOutcome<M::Done>),
    /// The mutation has to be run alone. The error is that of an attempt whose commit was not confirmed, if there was
    /// one.
    RunAlone(Option<CommandError>),
    /// No transaction runs any more, and no other mutation waits: this one runs next, as the leader.
    Lead(Leader<M>),
}

/// The decision about an arriving mutation.
enum Admission<M: GroupCommand> {
    Lead(Leader<M>),
    Queued(u64, oneshot::Receiver<QueueResult<M>>),
    RunAlone,
}

/// Runs a mutation as [`super::run`] does, in a group if others wait as well.
///
/// # Errors
///
/// Returns a [`CommandError`] if the mutation has no outcome, or none that is known.
pub async fn run<M: GroupCommand>(
    mutation: &Arc<M>,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
    groups: &GroupCommit,
) -> Result<CommandOutcome<M::Done>, CommandError> {
    let queues = groups.0.get_or_insert_with(Queues::<M>::default);
    let member = |number, reply| QueuedCommand {
        number,
        mutation: Arc::clone(mutation),
        key: key.cloned(),
        session: session.clone(),
        round_trips_before: session.cost().round_trips,
        span: Span::current(),
        runtime: Handle::current(),
        reply,
    };
    let result = match join_queue(&queues, actor, session, member) {
        Admission::Lead(leader) => QueueResult::Lead(leader),
        Admission::Queued(number, result) => wait_for_result(&queues, actor, number, result).await,
        Admission::RunAlone => QueueResult::RunAlone(None),
    };
    let (unknown, leader) = match result {
        QueueResult::Done(outcome) => return Ok(outcome),
        // Without a key, a retry could make the change twice.
        QueueResult::RunAlone(Some(unknown)) if key.is_none() => return Err(unknown),
        QueueResult::RunAlone(unknown) => (unknown, None),
        QueueResult::Lead(leader) => (None, Some(leader)),
    };
    let outcome = run_with_retry(unknown, &**mutation, actor, key, session).await;
    drop(leader);
    outcome
}

/// Decides about an arriving mutation, and queues it if it should wait.
fn join_queue<M: GroupCommand>(
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
async fn wait_for_result<M: GroupCommand>(
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
/// next.
struct Leader<M: GroupCommand> {
    queues: Arc<Queues<M>>,
    actor: String,
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
struct Group<M: GroupCommand> {
    members: Vec<QueuedCommand<M>>,
    session: Session,
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

/// Runs a group and sends each member its result. It runs to the end even if members are cancelled.
async fn run_group<M: GroupCommand>(group: Group<M>, leader: Leader<M>) {
    let Group {
        mut members,
        session,
        ..
    } = group;
    let span = members.first_mut().map_or_else(Span::none, |member| {
        std::mem::replace(&mut member.span, Span::none())
    });
    let account = session.clone();
    let mutations: Vec<_> = members
        .iter()
        .map(|member| (Arc::clone(&member.mutation), member.key.clone()))
        .collect();
    let work = session.trace_task_below(span, |session| async {
        let session = session;
        attempt(&mutations, &leader.actor, &session).await
    });
    // A panic must not block the next group.
    let attempted = AssertUnwindSafe(work).catch_unwind().await;
    drop(leader);
    for member in &members {
        member
            .session
            .charge(account.cost(), member.round_trips_before);
    }
    let mut done = match attempted {
        Ok(Ok(done)) => done,
        Ok(Err(CommandError::Unconfirmed(cause))) => {
            for member in members {
                let cause = CommandError::Unconfirmed(DbErr::Custom(cause.to_string()));
                let _ = member.reply.send(QueueResult::RunAlone(Some(cause)));
            }
            return;
        }
        Ok(Err(error)) => {
            tracing::debug!(error.cause = %error, "a group of mutations is run one by one");
            Vec::new()
        }
        // The panic is logged already. The members find their channels closed.
        Err(_) => return,
    };
    done.resize_with(members.len(), || None);
    for (member, done) in members.into_iter().zip(done) {
        // A request that was cancelled needs no result.
        let _ = member
            .reply
            .send(done.map_or(QueueResult::RunAlone(None), QueueResult::Done));
    }
}

async fn attempt<M: GroupCommand>(
    mutations: &[KeyedCommand<M>],
    actor: &str,
    session: &Session,
) -> Result<Vec<Option<CommandOutcome<M::Done>>>, CommandError> {
    let work = async {
        let transaction = begin_transaction(actor, LOCK_TIMEOUT, session).await?;
        let done = run_in_transaction(mutations, actor, &transaction).await?;
        Ok((transaction, done))
    };
    let work = timeout(GROUP_TIMEOUT, work).map(|done| {
        done.unwrap_or_else(|_| {
            let reason = "a group of mutations took too long".to_owned();
            Err(DbErr::Custom(reason))
        })
    });
    let (transaction, done) = until_deadline(work, session).await?;
    let lasts = done.iter().any(Option::is_some);
    end_transaction(transaction, lasts, session).await?;
    Ok(done)
}

/// Runs the mutations without a key and those whose keys were not used before. The others get `None`.
async fn run_in_transaction<M: GroupCommand>(
    mutations: &[KeyedCommand<M>],
    actor: &str,
    transaction: &Transaction,
) -> Result<Vec<Option<CommandOutcome<M::Done>>>, DbErr> {
    let keys: Vec<_> = mutations
        .iter()
        .filter_map(|(_, key)| key.as_ref())
        .collect();
    let mut claimed = idempotency::claim(actor, &keys, transaction).await?;
    let is_free = |key: Option<&IdempotencyKey>| key.is_none_or(|key| claimed.contains(&key.key));
    let is_free: Vec<_> = mutations
        .iter()
        .map(|(_, key)| is_free(key.as_ref()))
        .collect();
    let free = mutations
        .iter()
        .zip(&is_free)
        .filter(|(_, is_free)| **is_free);
    let free: Vec<_> = free
        .map(|((mutation, _), _)| Arc::clone(mutation))
        .collect();
    let mut done = M::run_batch(&free, transaction).await?.into_iter();
    let outcomes = is_free.into_iter().map(|is_free| {
        let done = if is_free { done.next()? } else { None };
        done.map(CommandOutcome::Done)
    });
    let outcomes: Vec<_> = outcomes.collect();
    let with_keys = mutations.iter().zip(&outcomes);
    let to_store: Vec<_> = with_keys
        .filter_map(|((_, key), outcome)| key.as_ref().zip(outcome.as_ref()))
        .collect();
    for (key, _) in &to_store {
        claimed.remove(&key.key);
    }
    idempotency::store(actor, &to_store, transaction).await?;
    idempotency::release(actor, claimed, transaction).await?;
    Ok(outcomes)
}
