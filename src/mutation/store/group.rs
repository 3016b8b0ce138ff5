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

mod queue;
mod transaction;

use std::sync::Arc;

use sea_orm::DbErr;
use tokio::runtime::Handle;
use tracing::Span;

use self::queue::{Admission, QueueResult, QueuedCommand, Queues, join_queue, wait_for_result};
use super::{CommandError, run_with_retry};
use crate::{
    database::session::{Session, transaction::Transaction},
    mutation::{Command, CommandOutcome, key::IdempotencyKey},
    type_map::TypeMap,
};

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
