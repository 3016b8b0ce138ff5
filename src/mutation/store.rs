//! Runs mutations: the transaction, its retries, and the outcome that is stored for a repeated idempotency key.

pub mod group;
mod idempotency;

use std::time::{Duration, Instant};

use sea_orm::DbErr;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::timeout;

use super::{Command, CommandOutcome, key::IdempotencyKey};
use crate::{
    backoff::Backoff,
    cache::invalidation_listener::CommitFence,
    database::{
        error::DbErrorKind,
        error_message::describe,
        session::{Session, transaction::Transaction},
    },
};

/// The `lock_timeout` of a mutation. Other transactions, such as an import, hold their locks until they end.
const LOCK_TIMEOUT: &str = "10s";

/// The time after which a mutation is no longer retried after conflicts or while the database is unavailable.
const RETRY_TIMEOUT: Duration = Duration::from_secs(5);

/// The delay before the first retry. Each further delay is twice the previous one, up to [`MAX_RETRY_DELAY`].
const INITIAL_RETRY_DELAY: Duration = Duration::from_millis(4);

/// The maximum delay before a retry, without jitter.
const MAX_RETRY_DELAY: Duration = Duration::from_millis(300);

/// The minimum timeout of a commit, which applies even if the deadline is nearer.
pub const MIN_COMMIT_TIMEOUT: Duration = Duration::from_secs(1);

/// The error of a mutation that has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The database is unavailable, has no space left, or a part of its schema is missing. Nothing was changed.
    #[error("the database is unavailable: {0}")]
    Unavailable(DbErr),
    /// The server accepts no writes: it is a standby, or read-only. Nothing was changed.
    #[error("the database is read-only: {0}")]
    ReadOnly(DbErr),
    /// No connection was free in time. Nothing was changed.
    #[error("no connection to the database was free in time: {0}")]
    Overloaded(DbErr),
    /// The caller's other requests use its share of the connections. Nothing was changed.
    #[error("the caller's other requests use its share of the connections: {0}")]
    OverShare(DbErr),
    /// Other transactions hold the locks for too long, or conflicts persisted. Nothing was changed.
    #[error("concurrent writes conflict with this one: {0}")]
    Busy(DbErr),
    /// The deadline passed before the commit. Nothing was changed.
    #[error("the deadline passed before the commit")]
    TimedOut,
    /// The connection was lost during the commit, or the commit was not confirmed in time. The change may have been
    /// made.
    #[error("the commit was not confirmed: {0}")]
    Unconfirmed(DbErr),
    /// An internal error. Nothing was changed.
    #[error(transparent)]
    Internal(DbErr),
}

/// Runs a mutation in a transaction on behalf of `actor`. With a key, the change is made once: a later run with the
/// same key returns the outcome of the first.
///
/// # Errors
///
/// Returns a [`CommandError`] if the mutation has no outcome, or none that is known.
pub async fn run<C: Command>(
    command: &C,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
) -> Result<CommandOutcome<C::Done>, CommandError> {
    run_with_retry(None, command, actor, key, session).await
}

/// Runs a mutation with retries. `unknown` is the error of a previous attempt whose commit was not confirmed, if there
/// was one.
async fn run_with_retry<C: Command>(
    mut unknown: Option<CommandError>,
    command: &C,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
) -> Result<CommandOutcome<C::Done>, CommandError> {
    let started_at = Instant::now();
    let mut backoff = Backoff::new(INITIAL_RETRY_DELAY, MAX_RETRY_DELAY);
    loop {
        let error = match attempt(command, actor, key, session).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let may_retry = match &error {
            // With a key, a retry either finds the outcome of this attempt or makes the change.
            CommandError::Unconfirmed(_) => key.is_some(),
            // After a failover, the pool's connections lead to a standby, and are replaced one by one.
            CommandError::ReadOnly(_) => session
                .transaction_connection_opened_at()
                .is_none_or(|opened_at| opened_at < started_at),
            error => unknown.is_some() || error.is_retryable(),
        };
        let error = unknown.take().unwrap_or(error);
        let delay = match error {
            CommandError::ReadOnly(_) => Duration::ZERO,
            _ => backoff.next_delay(),
        };
        let is_in_time =
            started_at.elapsed() + delay <= RETRY_TIMEOUT && delay <= session.time_left();
        if !may_retry || !is_in_time {
            return Err(error);
        }
        if matches!(error, CommandError::Unconfirmed(_)) {
            unknown = Some(error);
        }
        tokio::time::sleep(delay).await;
    }
}

impl CommandError {
    /// Returns whether a retry may succeed and nothing was changed.
    fn is_retryable(&self) -> bool {
        match self {
            Self::Overloaded(_) | Self::OverShare(_) => true,
            Self::Unavailable(error) => DbErrorKind::of(error).is_unavailable(),
            // After a lock timeout the caller has waited long enough.
            Self::Busy(error) => matches!(
                DbErrorKind::of(error),
                DbErrorKind::Conflict | DbErrorKind::Constraint
            ),
            Self::ReadOnly(_) | Self::TimedOut | Self::Unconfirmed(_) | Self::Internal(_) => false,
        }
    }
}

async fn attempt<C: Command>(
    command: &C,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
) -> Result<CommandOutcome<C::Done>, CommandError> {
    let future = async {
        let transaction = begin_transaction(actor, LOCK_TIMEOUT, session).await?;
        let (outcome, end) = run_in_transaction(command, actor, key, &transaction).await?;
        Ok((transaction, outcome, end))
    };
    let (transaction, outcome, end) = until_deadline(future, session).await?;
    end_transaction(transaction, end == End::Commit, session).await?;
    match (end, key) {
        (End::RollBackAndStore, Some(key)) => store_rejection(actor, key, outcome, session).await,
        _ => Ok(outcome),
    }
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Commit,
    RollBack,
    /// It is rolled back, and another one stores the outcome with the key.
    RollBackAndStore,
}

/// Stores a rejection with its key, and returns it. If a concurrent run with the same key has stored its outcome meanwhile,
/// that is returned.
async fn store_rejection<D: Serialize + DeserializeOwned + Sync>(
    actor: &str,
    key: &IdempotencyKey,
    rejection: CommandOutcome<D>,
    session: &Session,
) -> Result<CommandOutcome<D>, CommandError> {
    let future = async {
        let transaction = begin_transaction(actor, LOCK_TIMEOUT, session).await?;
        let claimed = idempotency::claim(actor, &[key], &transaction).await?;
        let outcome = if claimed.contains(&key.key) {
            idempotency::store(actor, &[(key, &rejection)], &transaction).await?;
            rejection
        } else {
            idempotency::replay(actor, key, &transaction).await?
        };
        Ok((transaction, outcome))
    };
    let (transaction, outcome) = until_deadline(future, session).await?;
    end_transaction(transaction, true, session).await?;
    Ok(outcome)
}

/// Begins a transaction on behalf of `actor`, whom the revisions record.
async fn begin_transaction(
    actor: &str,
    lock_timeout: &str,
    session: &Session,
) -> Result<Transaction, DbErr> {
    let settings = [("marquee.actor", actor), ("lock_timeout", lock_timeout)];
    session.begin(&settings).await
}

/// Runs the part of a mutation before its commit, until the deadline. A transaction that is dropped then is rolled
/// back.
async fn until_deadline<T>(
    future: impl Future<Output = Result<T, DbErr>>,
    session: &Session,
) -> Result<T, CommandError> {
    // A timer fires up to two milliseconds late, within which a small mutation would finish.
    if session.time_left().is_zero() {
        return Err(CommandError::TimedOut);
    }
    let result = timeout(session.time_left(), future).await;
    result
        .map_err(|_| CommandError::TimedOut)?
        .map_err(CommandError::before_commit)
}

/// Commits or rolls back a transaction, and waits until the caches are invalidated.
async fn end_transaction(
    transaction: Transaction,
    is_commit: bool,
    session: &Session,
) -> Result<(), CommandError> {
    let fence = commit_or_roll_back(transaction, is_commit, session).await?;
    wait_for_invalidation(fence).await;
    Ok(())
}

/// Commits or rolls back a transaction. The outcome must not be returned before the [`CommitFence`] is received.
async fn commit_or_roll_back(
    transaction: Transaction,
    is_commit: bool,
    session: &Session,
) -> Result<Option<CommitFence>, CommandError> {
    if is_commit {
        let time_left = session.time_left().max(MIN_COMMIT_TIMEOUT);
        let result = timeout(time_left, transaction.commit()).await;
        return result
            .map_err(|_| CommandError::unconfirmed())?
            .map_err(CommandError::at_commit);
    }
    match transaction.rollback().await {
        // The outcome may depend on a commit of another transaction whose notifications have not arrived yet.
        Ok(fence) => Ok(fence),
        // PostgreSQL rolls back when the connection ends.
        Err(error) => {
            tracing::debug!(error.cause = %describe(&error), "a transaction ended with its connection");
            Ok(None)
        }
    }
}

/// Waits for the notifications of all that a transaction has done and seen, so that its client gets no older cached
/// state.
async fn wait_for_invalidation(fence: Option<CommitFence>) {
    if let Some(fence) = fence {
        fence.wait().await;
    }
}

impl CommandError {
    fn before_commit(error: DbErr) -> Self {
        match DbErrorKind::of(&error) {
            DbErrorKind::Unavailable | DbErrorKind::Exhausted | DbErrorKind::SchemaMissing => {
                Self::Unavailable(error)
            }
            DbErrorKind::ReadOnly => Self::ReadOnly(error),
            DbErrorKind::Overloaded => Self::Overloaded(error),
            DbErrorKind::OverShare => Self::OverShare(error),
            DbErrorKind::Busy
            | DbErrorKind::Conflict
            | DbErrorKind::Constraint
            | DbErrorKind::RulesChanged
            | DbErrorKind::TimedOut => Self::Busy(error),
            DbErrorKind::Other => Self::Internal(error),
        }
    }

    fn unconfirmed() -> Self {
        Self::Unconfirmed(DbErr::Custom("no response in time".to_owned()))
    }

    /// Classifies the error of a commit. A rejection by PostgreSQL is certain; after any other error the outcome is
    /// unknown.
    fn at_commit(error: DbErr) -> Self {
        match DbErrorKind::of(&error) {
            DbErrorKind::Conflict | DbErrorKind::Constraint | DbErrorKind::Busy => {
                Self::Busy(error)
            }
            DbErrorKind::Unavailable
            | DbErrorKind::ReadOnly
            | DbErrorKind::Exhausted
            | DbErrorKind::SchemaMissing
            | DbErrorKind::Overloaded
            | DbErrorKind::OverShare
            | DbErrorKind::TimedOut
            | DbErrorKind::RulesChanged
            | DbErrorKind::Other => Self::Unconfirmed(error),
        }
    }
}

/// Runs a mutation in a transaction. Returns its outcome, and how the transaction ends.
async fn run_in_transaction<C: Command>(
    command: &C,
    actor: &str,
    key: Option<&IdempotencyKey>,
    transaction: &Transaction,
) -> Result<(CommandOutcome<C::Done>, End), DbErr> {
    let Some(key) = key.filter(|_| !command.is_dry_run()) else {
        let outcome = command.run(transaction).await?;
        let end = match outcome {
            CommandOutcome::Done(_) if !command.is_dry_run() => End::Commit,
            _ => End::RollBack,
        };
        return Ok((outcome, end));
    };
    if !idempotency::claim(actor, &[key], transaction)
        .await?
        .contains(&key.key)
    {
        // The claim has locked the row of the key, so that this transaction has a commit of its own to wait for. Once it is
        // done, a standby that this site waits for has the outcome as well, even if the server that stored it was killed
        // while it waited.
        let outcome = idempotency::replay(actor, key, transaction).await?;
        return Ok((outcome, End::Commit));
    }
    let outcome = command.run(transaction).await?;
    match outcome {
        CommandOutcome::Forbidden(_) => return Ok((outcome, End::RollBack)),
        CommandOutcome::Refused(_) if command.rejects_after_changes() => {
            return Ok((outcome, End::RollBackAndStore));
        }
        CommandOutcome::Done(_) | CommandOutcome::Refused(_) => {}
    }
    idempotency::store(actor, &[(key, &outcome)], transaction).await?;
    Ok((outcome, End::Commit))
}
