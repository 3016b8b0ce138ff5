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

use super::{RunError, begin, end, in_time, kept, run_on};
use crate::{
    by_type::ByType,
    database::session::{Session, Transaction},
    mutation::{Mutation, Outcome, key::IdempotencyKey},
};

/// The maximum number of mutations of a group.
const MEMBERS: usize = 32;

/// The timeout of the wait for a running transaction, from its begin. One that takes longer waits for a lock.
const PATIENCE: Duration = Duration::from_millis(300);

/// The timeout of the wait for a transaction to begin, which needs a write permit; also the timeout of a group before
/// its commit.
const GROUP_PATIENCE: Duration = Duration::from_secs(1);

/// The `lock_timeout` of a group.
const LOCK_PATIENCE: &str = "100ms";

/// A mutation of which several can be run by the same statements.
pub trait Grouped: Mutation + Send + 'static {
    /// Runs those mutations that can be run in a group, and returns the result of each. `None` means that the mutation
    /// changed nothing and has to be run alone.
    fn run_together(
        members: &[Arc<Self>],
        transaction: &Transaction,
    ) -> impl Future<Output = Result<Vec<Option<Self::Done>>, DbErr>> + Send;
}

/// The queues of a process for group commit.
#[derive(Debug, Default)]
pub struct Groups(ByType);

/// The queues of one type of mutation, by actor. A queue exists as long as a transaction of its actor runs.
type Queues<M> = Mutex<HashMap<String, Queue<M>>>;

struct Queue<M: Grouped> {
    /// The time from which the current transaction runs, or waits for a write permit.
    since: Instant,
    /// The session of the current transaction.
    session: Session,
    waiting: Vec<Member<M>>,
    /// The number of the last queued mutation.
    numbers: u64,
}

impl<M: Grouped> Queue<M> {
    /// Whether the current transaction is too slow to wait for. The timeout is longer while it waits for a write
    /// permit, for which a mutation that runs alone would have to wait as well.
    fn takes_long(&self) -> bool {
        let began = self.session.began().filter(|began| *began >= self.since);
        began.map_or_else(
            || self.since.elapsed() > GROUP_PATIENCE,
            |began| began.elapsed() > PATIENCE,
        )
    }
}

/// A queued mutation.
struct Member<M: Grouped> {
    number: u64,
    mutation: Arc<M>,
    key: Option<IdempotencyKey>,
    session: Session,
    /// The number of round trips that its request had made before.
    after: u32,
    /// The parent span of the group's statements, if this is the first member.
    span: Span,
    runtime: Handle,
    reply: oneshot::Sender<Answer<M>>,
}

/// A mutation with its key, if it has one.
type Keyed<M> = (Arc<M>, Option<IdempotencyKey>);

/// The result of waiting in a queue.
enum Answer<M: Grouped> {
    Done(Outcome<M::Done>),
    /// The mutation has to be run alone. The error is that of an attempt whose commit was not confirmed, if there was
    /// one.
    Alone(Option<RunError>),
    /// No transaction runs any more, and no other mutation waits: this one runs next, as the leader.
    Lead(Lead<M>),
}

/// The decision about an arriving mutation.
enum Entry<M: Grouped> {
    Lead(Lead<M>),
    Waits(u64, oneshot::Receiver<Answer<M>>),
    Alone,
}

/// Runs a mutation as [`super::run`] does, in a group if others wait as well.
///
/// # Errors
///
/// Returns a [`RunError`] if the mutation has no outcome, or none that is known.
pub async fn run<M: Grouped>(
    mutation: &Arc<M>,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
    groups: &Groups,
) -> Result<Outcome<M::Done>, RunError> {
    let queues = groups.0.get_or_make(Queues::<M>::default);
    let member = |number, reply| Member {
        number,
        mutation: Arc::clone(mutation),
        key: key.cloned(),
        session: session.clone(),
        after: session.cost().round_trips,
        span: Span::current(),
        runtime: Handle::current(),
        reply,
    };
    let result = match enter(&queues, actor, session, member) {
        Entry::Lead(leader) => Answer::Lead(leader),
        Entry::Waits(number, result) => wait(&queues, actor, number, result).await,
        Entry::Alone => Answer::Alone(None),
    };
    let (unknown, leader) = match result {
        Answer::Done(outcome) => return Ok(outcome),
        // Without a key, a retry could make the change twice.
        Answer::Alone(Some(unknown)) if key.is_none() => return Err(unknown),
        Answer::Alone(unknown) => (unknown, None),
        Answer::Lead(leader) => (None, Some(leader)),
    };
    let outcome = run_on(unknown, &**mutation, actor, key, session).await;
    drop(leader);
    outcome
}

/// Decides about an arriving mutation, and queues it if it should wait.
fn enter<M: Grouped>(
    queues: &Arc<Queues<M>>,
    actor: &str,
    session: &Session,
    member: impl FnOnce(u64, oneshot::Sender<Answer<M>>) -> Member<M>,
) -> Entry<M> {
    let mut all = lock(queues);
    let Some(queue) = all.get_mut(actor) else {
        let queue = Queue {
            since: Instant::now(),
            session: session.clone(),
            waiting: Vec::new(),
            numbers: 0,
        };
        all.insert(actor.to_owned(), queue);
        return Entry::Lead(Lead {
            queues: Arc::clone(queues),
            actor: actor.to_owned(),
        });
    };
    if queue.takes_long() {
        return Entry::Alone;
    }
    let (reply, result) = oneshot::channel();
    queue.numbers += 1;
    queue.waiting.push(member(queue.numbers, reply));
    Entry::Waits(queue.numbers, result)
}

/// Waits for the result of a queued mutation, or until it should leave the queue.
async fn wait<M: Grouped>(
    queues: &Queues<M>,
    actor: &str,
    number: u64,
    mut result: oneshot::Receiver<Answer<M>>,
) -> Answer<M> {
    let received = loop {
        match timeout(PATIENCE, &mut result).await {
            Ok(received) => break received,
            Err(_) if leave(queues, actor, number) => return Answer::Alone(None),
            Err(_) => {}
        }
    };
    received.unwrap_or_else(|_| {
        let reason = "a group of mutations ended without a result".to_owned();
        Answer::Alone(Some(RunError::Unknown(DbErr::Custom(reason))))
    })
}

/// Removes a mutation from the queue if the current transaction is slow. Returns `false` if it isn't, or if the
/// mutation is part of that transaction; then it continues to wait.
fn leave<M: Grouped>(queues: &Queues<M>, actor: &str, number: u64) -> bool {
    let mut all = lock(queues);
    let Some(queue) = all.get_mut(actor).filter(|queue| queue.takes_long()) else {
        return false;
    };
    let mut waiting = queue.waiting.iter();
    let index = waiting.position(|member| member.number == number);
    index.map(|index| queue.waiting.remove(index)).is_some()
}

fn lock<M: Grouped>(queues: &Queues<M>) -> MutexGuard<'_, HashMap<String, Queue<M>>> {
    queues.lock()
}

/// A guard for the current transaction of an actor. When it is dropped, the mutations that were queued meanwhile run
/// next.
struct Lead<M: Grouped> {
    queues: Arc<Queues<M>>,
    actor: String,
}

impl<M: Grouped> Drop for Lead<M> {
    fn drop(&mut self) {
        let Some(mut next) = next(&self.queues, &self.actor) else {
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
            let _ = member.reply.send(Answer::Lead(leader));
        }
    }
}

/// The mutations of the next transaction, with the session and the worker's runtime that run it.
struct Group<M: Grouped> {
    members: Vec<Member<M>>,
    session: Session,
    runtime: Handle,
}

/// Takes the next group from a queue. `None` if no mutation waits; then the queue is removed.
fn next<M: Grouped>(queues: &Queues<M>, actor: &str) -> Option<Group<M>> {
    let mut all = lock(queues);
    let queue = all.get_mut(actor)?;
    // Cancelled requests are skipped.
    queue.waiting.retain(|member| !member.reply.is_canceled());
    let mut keys = HashSet::new();
    let (mut members, mut rest) = (Vec::new(), Vec::new());
    for member in queue.waiting.drain(..) {
        // A repeated key has to find the stored outcome of the first, so it can't be in the same transaction.
        let key = member.key.as_ref().map(|key| key.key.clone());
        if members.len() < MEMBERS && key.is_none_or(|key| keys.insert(key)) {
            members.push(member);
        } else {
            rest.push(member);
        }
    }
    queue.waiting = rest;
    let can_begin = |member: &&Member<M>| member.session.may_write_now();
    let Some(host) = members.iter().find(can_begin).or(members.first()) else {
        all.remove(actor);
        return None;
    };
    let (host, runtime) = (host.session.clone(), host.runtime.clone());
    queue.since = Instant::now();
    queue.session = match &members[..] {
        [_] => host,
        several => host.for_all(several.iter().map(|member| &member.session)),
    };
    let session = queue.session.clone();
    Some(Group {
        members,
        session,
        runtime,
    })
}

/// Runs a group and sends each member its result. It runs to the end even if members are cancelled.
async fn run_group<M: Grouped>(group: Group<M>, leader: Lead<M>) {
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
    let work = session.carry_below(span, |session| async {
        let session = session;
        attempt(&mutations, &leader.actor, &session).await
    });
    // A panic must not block the next group.
    let attempted = AssertUnwindSafe(work).catch_unwind().await;
    drop(leader);
    for member in &members {
        member.session.charge(account.cost(), member.after);
    }
    let mut done = match attempted {
        Ok(Ok(done)) => done,
        Ok(Err(RunError::Unknown(cause))) => {
            for member in members {
                let cause = RunError::Unknown(DbErr::Custom(cause.to_string()));
                let _ = member.reply.send(Answer::Alone(Some(cause)));
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
            .send(done.map_or(Answer::Alone(None), Answer::Done));
    }
}

async fn attempt<M: Grouped>(
    mutations: &[Keyed<M>],
    actor: &str,
    session: &Session,
) -> Result<Vec<Option<Outcome<M::Done>>>, RunError> {
    let work = async {
        let transaction = begin(actor, LOCK_PATIENCE, session).await?;
        let done = in_transaction(mutations, actor, &transaction).await?;
        Ok((transaction, done))
    };
    let work = timeout(GROUP_PATIENCE, work).map(|done| {
        done.unwrap_or_else(|_| {
            let reason = "a group of mutations took too long".to_owned();
            Err(DbErr::Custom(reason))
        })
    });
    let (transaction, done) = in_time(work, session).await?;
    let lasts = done.iter().any(Option::is_some);
    end(transaction, lasts, session).await?;
    Ok(done)
}

/// Runs the mutations without a key and those whose keys were not used before. The others get `None`.
async fn in_transaction<M: Grouped>(
    mutations: &[Keyed<M>],
    actor: &str,
    transaction: &Transaction,
) -> Result<Vec<Option<Outcome<M::Done>>>, DbErr> {
    let keys: Vec<_> = mutations
        .iter()
        .filter_map(|(_, key)| key.as_ref())
        .collect();
    let mut claimed = kept::claim(actor, &keys, transaction).await?;
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
    let mut done = M::run_together(&free, transaction).await?.into_iter();
    let outcomes = is_free.into_iter().map(|is_free| {
        let done = if is_free { done.next()? } else { None };
        done.map(Outcome::Done)
    });
    let outcomes: Vec<_> = outcomes.collect();
    let with_keys = mutations.iter().zip(&outcomes);
    let to_store: Vec<_> = with_keys
        .filter_map(|((_, key), outcome)| key.as_ref().zip(outcome.as_ref()))
        .collect();
    for (key, _) in &to_store {
        claimed.remove(&key.key);
    }
    kept::keep(actor, &to_store, transaction).await?;
    kept::release(actor, claimed, transaction).await?;
    Ok(outcomes)
}
