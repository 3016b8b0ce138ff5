//! The transaction of a group of mutations.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use sea_orm::DbErr;
use tokio::time::timeout;
use tracing::Span;

use super::{
    GroupCommand,
    queue::{Group, Leader, QueueResult},
};
use crate::{
    database::{
        error_message::describe,
        session::{Session, transaction::Transaction},
    },
    mutation::{
        CommandOutcome,
        key::IdempotencyKey,
        store::{
            CommandError, begin_transaction, commit_or_roll_back, idempotency, until_deadline,
            wait_for_invalidation,
        },
    },
};

/// The timeout of the wait for a transaction to begin, which needs a write permit; also the timeout of a group before
/// its commit.
pub(super) const GROUP_TIMEOUT: Duration = Duration::from_secs(1);

/// The `lock_timeout` of a group.
const LOCK_TIMEOUT: &str = "100ms";

/// A mutation with its key, if it has one.
type KeyedCommand<M> = (Arc<M>, Option<IdempotencyKey>);

/// Runs a group and sends each member its result. It runs to the end even if members are cancelled.
pub(super) async fn run_group<M: GroupCommand>(group: Group<M>, leader: Leader<M>) {
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
        attempt(&mutations, leader, &session).await
    });
    // A panic must not block the next group.
    let attempted = AssertUnwindSafe(work).catch_unwind().await;
    let count = u32::try_from(members.len()).unwrap_or(u32::MAX).max(1);
    for member in &members {
        member
            .session
            .charge(account.cost(), member.round_trips_before);
        member.session.add_used_time(account.used_time() / count);
    }
    let mut outcomes = match attempted {
        Ok(Ok(outcomes)) => outcomes,
        Ok(Err(CommandError::Unconfirmed(cause))) => {
            for member in members {
                let cause = CommandError::Unconfirmed(DbErr::Custom(cause.to_string()));
                let _ = member.reply.send(QueueResult::RunAlone(Some(cause)));
            }
            return;
        }
        Ok(Err(error)) => {
            tracing::debug!(error.cause = %describe(&error), "a group of mutations is run one by one");
            Vec::new()
        }
        // The panic is logged already. The members find their channels closed.
        Err(_) => return,
    };
    outcomes.resize_with(members.len(), || None);
    for (member, outcome) in members.into_iter().zip(outcomes) {
        // A request that was cancelled needs no result.
        let _ = member
            .reply
            .send(outcome.map_or(QueueResult::RunAlone(None), QueueResult::Done));
    }
}

/// Runs the mutations in a transaction. The next group starts during the commit at the earliest, and otherwise as soon as
/// the transaction has ended, while this one still waits until the caches are invalidated.
async fn attempt<M: GroupCommand>(
    mutations: &[KeyedCommand<M>],
    leader: Leader<M>,
    session: &Session,
) -> Result<Vec<Option<CommandOutcome<M::Done>>>, CommandError> {
    let work = async {
        let actor = &*leader.actor;
        let transaction = begin_transaction(actor, LOCK_TIMEOUT, session).await?;
        let outcomes = run_in_transaction(mutations, actor, &transaction).await?;
        Ok((transaction, outcomes))
    };
    let work = timeout(GROUP_TIMEOUT, work).map(|result| {
        result.unwrap_or_else(|_| {
            let reason = "a group of mutations took too long".to_owned();
            Err(DbErr::Custom(reason))
        })
    });
    let (transaction, outcomes) = until_deadline(work, session).await?;
    let has_outcome = outcomes.iter().any(Option::is_some);
    // If a group waits already, its statements run while this one's commit waits for the disk. Otherwise those that arrive
    // meanwhile form a larger group.
    let leader = leader.hand_over();
    let fence = commit_or_roll_back(transaction, has_outcome, session).await?;
    drop(leader);
    wait_for_invalidation(fence).await;
    Ok(outcomes)
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
    let mut outcomes = M::run_batch(&free, transaction).await?.into_iter();
    let outcomes = is_free.into_iter().map(|is_free| {
        let outcome = if is_free { outcomes.next()? } else { None };
        outcome.map(CommandOutcome::Done)
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
