//! Runs mutations: the transaction, its retries, and the outcome that is stored for a repeated idempotency key.

pub mod group;
mod kept;

use std::time::{Duration, Instant};

use sea_orm::DbErr;
use tokio::time::timeout;

use super::{Mutation, Outcome, key::IdempotencyKey};
use crate::{
    cache::hearing::Mark,
    database::{
        fault::Fault,
        session::{Session, Transaction},
    },
};

/// The `lock_timeout` of a mutation. Other transactions, such as an import, hold their locks until they end.
const LOCK_PATIENCE: &str = "10s";

/// The time after which a mutation is no longer retried after conflicts or while the database is unavailable.
const PATIENCE: Duration = Duration::from_secs(5);

/// The delay before the first retry. Each further delay is twice the previous one, up to [`LONGEST_WAIT`], with jitter.
const FIRST_WAIT: Duration = Duration::from_millis(5);

/// The maximum delay before a retry.
const LONGEST_WAIT: Duration = Duration::from_millis(400);

/// The minimum timeout of a commit, which applies even if the deadline is nearer.
pub const COMMIT_PATIENCE: Duration = Duration::from_secs(1);

/// The error of a mutation that has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database is unavailable. Nothing was changed.
    #[error("the database can't be reached: {0}")]
    Away(DbErr),
    /// Other transactions hold the locks for too long, or conflicts persisted. Nothing was changed.
    #[error("concurrent writes conflict with this one: {0}")]
    Busy(DbErr),
    /// The deadline passed before the commit. Nothing was changed.
    #[error("the deadline passed before the commit")]
    TooLate,
    /// The connection was lost during the commit, or the commit was not confirmed in time. The change may have been
    /// made.
    #[error("the commit was not confirmed: {0}")]
    Unknown(DbErr),
    /// An internal error. Nothing was changed.
    #[error(transparent)]
    Failed(DbErr),
}

/// Runs a mutation in a transaction on behalf of `actor`. With a key, the change is made once: a later run with the
/// same key returns the outcome of the first.
///
/// # Errors
///
/// Returns a [`RunError`] if the mutation has no outcome, or none that is known.
pub async fn run<M: Mutation>(
    mutation: &M,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
) -> Result<Outcome<M::Done>, RunError> {
    run_on(None, mutation, actor, key, session).await
}

/// Runs a mutation with retries. `unknown` is the error of a previous attempt whose commit was not confirmed, if there
/// was one.
async fn run_on<M: Mutation>(
    mut unknown: Option<RunError>,
    mutation: &M,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
) -> Result<Outcome<M::Done>, RunError> {
    let begun = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        let error = match attempt(mutation, actor, key, session).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let may_go_on = match &error {
            // With a key, a retry either finds the outcome of this attempt or makes the change.
            RunError::Unknown(_) => key.is_some(),
            error => unknown.is_some() || error.may_be_tried_again(),
        };
        let error = unknown.take().unwrap_or(error);
        if !may_go_on || begun.elapsed() + wait > PATIENCE || wait > session.time_left() {
            return Err(error);
        }
        if matches!(error, RunError::Unknown(_)) {
            unknown = Some(error);
        }
        tokio::time::sleep(wait.mul_f64(chance())).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

impl RunError {
    /// Whether a retry may succeed and nothing was changed.
    fn may_be_tried_again(&self) -> bool {
        match self {
            Self::Away(_) => true,
            // After a lock timeout the caller has waited long enough.
            Self::Busy(error) => Fault::of(error) == Fault::Conflict,
            Self::TooLate | Self::Unknown(_) | Self::Failed(_) => false,
        }
    }
}

/// Returns a factor from 0.5 to 1.5, so that mutations that conflicted don't retry at the same time.
fn chance() -> f64 {
    let nanoseconds = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |time| time.subsec_nanos());
    0.5 + f64::from(nanoseconds % 1_000) / 1_000.0
}

async fn attempt<M: Mutation>(
    mutation: &M,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
) -> Result<Outcome<M::Done>, RunError> {
    let work = async {
        let transaction = begin(actor, LOCK_PATIENCE, session).await?;
        let (outcome, commits) = in_transaction(mutation, actor, key, &transaction).await?;
        Ok((transaction, outcome, commits))
    };
    let (transaction, outcome, commits) = in_time(work, session).await?;
    end(transaction, commits, session).await?;
    Ok(outcome)
}

/// Begins a transaction on behalf of `actor`, whom the revisions record.
async fn begin(actor: &str, lock_timeout: &str, session: &Session) -> Result<Transaction, DbErr> {
    let settings = [("marquee.actor", actor), ("lock_timeout", lock_timeout)];
    session.begin(&settings).await
}

/// Runs the part of a mutation before its commit, until the deadline. A transaction that is dropped then is rolled
/// back.
async fn in_time<T>(
    work: impl Future<Output = Result<T, DbErr>>,
    session: &Session,
) -> Result<T, RunError> {
    // A timer fires up to two milliseconds late, within which a small mutation would finish.
    if session.time_left().is_zero() {
        return Err(RunError::TooLate);
    }
    let result = timeout(session.time_left(), work).await;
    result
        .map_err(|_| RunError::TooLate)?
        .map_err(RunError::before_commit)
}

/// Commits or rolls back a transaction, and waits until the caches are invalidated.
async fn end(transaction: Transaction, commits: bool, session: &Session) -> Result<(), RunError> {
    if commits {
        let time_left = session.time_left().max(COMMIT_PATIENCE);
        let committed = timeout(time_left, transaction.commit()).await;
        let fence = committed
            .map_err(|_| RunError::unconfirmed())?
            .map_err(RunError::at_commit)?;
        heard(fence).await;
        return Ok(());
    }
    match transaction.rollback().await {
        // The outcome may depend on a commit of another transaction whose notifications have not arrived yet.
        Ok(fence) => heard(fence).await,
        // PostgreSQL rolls back when the connection ends.
        Err(error) => {
            tracing::debug!(error.cause = %error, "a transaction ended with its connection");
        }
    }
    Ok(())
}

/// Waits for the notifications of all that a transaction has done and seen, so that its client gets no older cached
/// state.
async fn heard(fence: Option<Mark>) {
    if let Some(fence) = fence {
        fence.heard().await;
    }
}

impl RunError {
    fn before_commit(error: DbErr) -> Self {
        match Fault::of(&error) {
            Fault::Away => Self::Away(error),
            Fault::Busy | Fault::Conflict => Self::Busy(error),
            Fault::Other => Self::Failed(error),
        }
    }

    fn unconfirmed() -> Self {
        Self::Unknown(DbErr::Custom("no response in time".to_owned()))
    }

    /// Classifies the error of a commit. A rejection by PostgreSQL is certain; after any other error the outcome is
    /// unknown.
    fn at_commit(error: DbErr) -> Self {
        match Fault::of(&error) {
            Fault::Conflict | Fault::Busy => Self::Busy(error),
            Fault::Away | Fault::Other => Self::Unknown(error),
        }
    }
}

/// Runs a mutation in a transaction. Returns its outcome, and whether to commit.
async fn in_transaction<M: Mutation>(
    mutation: &M,
    actor: &str,
    key: Option<&IdempotencyKey>,
    transaction: &Transaction,
) -> Result<(Outcome<M::Done>, bool), DbErr> {
    let Some(key) = key.filter(|_| !mutation.is_trial()) else {
        let outcome = mutation.run(transaction).await?;
        let commits = matches!(outcome, Outcome::Done(_)) && !mutation.is_trial();
        return Ok((outcome, commits));
    };
    if !kept::claim(actor, &[key], transaction)
        .await?
        .contains(&key.key)
    {
        return Ok((kept::replay(actor, key, transaction).await?, false));
    }
    let outcome = mutation.run(transaction).await?;
    if matches!(outcome, Outcome::Forbidden(_)) {
        return Ok((outcome, false));
    }
    kept::keep(actor, &[(key, &outcome)], transaction).await?;
    Ok((outcome, true))
}
