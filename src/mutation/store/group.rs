//! Group commit: mutations that are asked for while another of their kind runs are done together afterwards, in one transaction.
//!
//! Who finds none under way runs at once and by itself. Those that come meanwhile wait, and are the next transaction: so one client
//! alone waits for nobody, and the more there are the less each of them costs. Only what is simply done is done in company. Whatever is
//! refused, fails or is in another's way runs by itself afterwards, as if it had never waited: nobody fails for what another asked.
//!
//! Those of one actor wait for each other, whichever worker has them: a transaction is in the name of one. Nobody waits along for a lock
//! that somebody else's film needs, or for longer than it takes to find that out.

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

/// How many are done together.
const MEMBERS: usize = 32;

/// How long one waits for what is under way once it has begun. What takes longer waits for a lock.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long one waits for it to begin, which it does when few enough others write; and how long a group may take before its commit.
const GROUP_PATIENCE: Duration = Duration::from_secs(1);

/// How long a group waits for a lock.
const LOCK_PATIENCE: &str = "100ms";

/// A mutation of which several can be done by the same statements.
pub trait Grouped: Mutation + Send + 'static {
    /// Does those that can be done in company, and gives what came of each; none for one that has to be run by itself, of which nothing
    /// was done.
    fn run_together(
        members: &[Arc<Self>],
        transaction: &Transaction,
    ) -> impl Future<Output = Result<Vec<Option<Self::Done>>, DbErr>> + Send;
}

/// The mutations of a process that wait for others.
#[derive(Debug, Default)]
pub struct Groups(ByType);

/// Those of a kind, by the actor in whose name they are to be done. An actor is in it as long as something is under way in their name.
type Queues<M> = Mutex<HashMap<String, Queue<M>>>;

struct Queue<M: Grouped> {
    /// Since when it is, or waits until it may.
    since: Instant,
    /// Over which connections.
    session: Session,
    waiting: Vec<Member<M>>,
    /// How many have waited.
    numbers: u64,
}

impl<M: Grouped> Queue<M> {
    /// Whether what is under way takes so long that nobody should wait for it. As long as it waits for other writers it doesn't: whoever went
    /// by themselves would wait for the same, and be one more to wait for.
    fn takes_long(&self) -> bool {
        let began = self.session.began().filter(|began| *began >= self.since);
        began.map_or_else(
            || self.since.elapsed() > GROUP_PATIENCE,
            |began| began.elapsed() > PATIENCE,
        )
    }
}

/// A mutation that waits.
struct Member<M: Grouped> {
    number: u64,
    mutation: Arc<M>,
    key: Option<IdempotencyKey>,
    session: Session,
    /// How many round trips its request had made by then.
    after: u32,
    /// Below which span of a trace the statements stand, if it is the first.
    span: Span,
    runtime: Handle,
    reply: oneshot::Sender<Answer<M>>,
}

/// A mutation with its key, if it has one.
type Keyed<M> = (Arc<M>, Option<IdempotencyKey>);

/// What somebody is told who has waited.
enum Answer<M: Grouped> {
    Done(Outcome<M::Done>),
    /// It has to be run by itself. There may have been a try of which nobody knows what came.
    Alone(Option<RunError>),
    /// Nobody else waits, and nothing is under way any more.
    Lead(Lead<M>),
}

/// How a mutation begins.
enum Entry<M: Grouped> {
    Lead(Lead<M>),
    Waits(u64, oneshot::Receiver<Answer<M>>),
    Alone,
}

/// Runs a mutation as [`super::run`] does, together with others if there are any.
///
/// # Errors
///
/// See [`RunError`].
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
    let answer = match enter(&queues, actor, session, member) {
        Entry::Lead(lead) => Answer::Lead(lead),
        Entry::Waits(number, answer) => wait(&queues, actor, number, answer).await,
        Entry::Alone => Answer::Alone(None),
    };
    let (unknown, lead) = match answer {
        Answer::Done(outcome) => return Ok(outcome),
        // Without a key another try might do it twice.
        Answer::Alone(Some(unknown)) if key.is_none() => return Err(unknown),
        Answer::Alone(unknown) => (unknown, None),
        Answer::Lead(lead) => (None, Some(lead)),
    };
    let outcome = run_on(unknown, &**mutation, actor, key, session).await;
    drop(lead);
    outcome
}

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
    let (reply, answer) = oneshot::channel();
    queue.numbers += 1;
    queue.waiting.push(member(queue.numbers, reply));
    Entry::Waits(queue.numbers, answer)
}

/// Waits for an answer, as long as there is hope of one.
async fn wait<M: Grouped>(
    queues: &Queues<M>,
    actor: &str,
    number: u64,
    mut answer: oneshot::Receiver<Answer<M>>,
) -> Answer<M> {
    let answered = loop {
        match timeout(PATIENCE, &mut answer).await {
            Ok(answered) => break answered,
            Err(_) if leave(queues, actor, number) => return Answer::Alone(None),
            Err(_) => {}
        }
    };
    answered.unwrap_or_else(|_| {
        let reason = "a group of mutations ended without an answer".to_owned();
        Answer::Alone(Some(RunError::Unknown(DbErr::Custom(reason))))
    })
}

/// Takes it out of those that wait, if what is under way takes long. Else it waits on, or is under way itself.
fn leave<M: Grouped>(queues: &Queues<M>, actor: &str, number: u64) -> bool {
    let mut all = lock(queues);
    let Some(queue) = all.get_mut(actor).filter(|queue| queue.takes_long()) else {
        return false;
    };
    let mut waiting = queue.waiting.iter();
    let place = waiting.position(|member| member.number == number);
    place.map(|place| queue.waiting.remove(place)).is_some()
}

fn lock<M: Grouped>(queues: &Queues<M>) -> MutexGuard<'_, HashMap<String, Queue<M>>> {
    queues.lock()
}

/// That something is under way. When it goes, those are next that have come meanwhile.
struct Lead<M: Grouped> {
    queues: Arc<Queues<M>>,
    actor: String,
}

impl<M: Grouped> Drop for Lead<M> {
    fn drop(&mut self) {
        let Some(mut next) = next(&self.queues, &self.actor) else {
            return;
        };
        let lead = Self {
            queues: Arc::clone(&self.queues),
            actor: std::mem::take(&mut self.actor),
        };
        if next.members.len() > 1 {
            let runtime = next.runtime.clone();
            runtime.spawn(run_group(next, lead));
        } else if let Some(member) = next.members.pop() {
            // Who has gone leaves the lead to the next.
            let _ = member.reply.send(Answer::Lead(lead));
        }
    }
}

/// Who is next, and by which worker.
struct Group<M: Grouped> {
    members: Vec<Member<M>>,
    session: Session,
    runtime: Handle,
}

/// Those that are next; `None` if nobody waits, and then nothing is under way any more.
fn next<M: Grouped>(queues: &Queues<M>, actor: &str) -> Option<Group<M>> {
    let mut all = lock(queues);
    let queue = all.get_mut(actor)?;
    // Nothing is done for who has gone.
    queue.waiting.retain(|member| !member.reply.is_canceled());
    let mut keys = HashSet::new();
    let (mut members, mut rest) = (Vec::new(), Vec::new());
    for member in queue.waiting.drain(..) {
        // Who sends a key again is to find what came of the first.
        let key = member.key.as_ref().map(|key| key.key.clone());
        if members.len() < MEMBERS && key.is_none_or(|key| keys.insert(key)) {
            members.push(member);
        } else {
            rest.push(member);
        }
    }
    queue.waiting = rest;
    let may_begin = |member: &&Member<M>| member.session.may_write_now();
    let Some(host) = members.iter().find(may_begin).or(members.first()) else {
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

/// Does a group, and tells each of its members what came of theirs. Once begun it is done, whoever goes.
async fn run_group<M: Grouped>(group: Group<M>, lead: Lead<M>) {
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
        attempt(&mutations, &lead.actor, &session).await
    });
    // Whatever happens, the next group has its turn.
    let attempted = AssertUnwindSafe(work).catch_unwind().await;
    drop(lead);
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
        // The panic was told; those who wait find that there is no answer.
        Err(_) => return,
    };
    done.resize_with(members.len(), || None);
    for (member, done) in members.into_iter().zip(done) {
        // Who has gone needs no answer.
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

/// Does those whose keys, if they have any, were not used before.
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
    let kept: Vec<_> = with_keys
        .filter_map(|((_, key), outcome)| key.as_ref().zip(outcome.as_ref()))
        .collect();
    for (key, _) in &kept {
        claimed.remove(&key.key);
    }
    kept::keep(actor, &kept, transaction).await?;
    kept::release(actor, claimed, transaction).await?;
    Ok(outcomes)
}
