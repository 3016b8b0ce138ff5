//! Running a mutation: its transaction, and what is kept of it for who sends it again.

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

/// For how long to wait for others, such as an import, which holds its locks until it ends.
const LOCK_PATIENCE: &str = "10s";

/// For how long a mutation is tried again while others are in its way or the database is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait before the second try; each wait is twice the one before, with some chance, up to a bound.
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_millis(400);

/// How long PostgreSQL has to confirm a commit, however little time is left.
pub const COMMIT_PATIENCE: Duration = Duration::from_secs(1);

/// Why a mutation could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The database can't be reached. Nothing was changed.
    #[error("the database can't be reached: {0}")]
    Away(DbErr),
    /// Others hold what it changes, or changed it again and again. Nothing was changed.
    #[error("others hold what is to be changed: {0}")]
    Busy(DbErr),
    /// There was not enough time. Nothing was changed.
    #[error("it took too long")]
    TooLate,
    /// The connection was lost while the change was made to last, or nobody heard in time whether it was.
    #[error("the commit was not confirmed: {0}")]
    Unknown(DbErr),
    /// A fault of ours. Nothing was changed.
    #[error(transparent)]
    Failed(DbErr),
}

/// Runs a mutation in a transaction, in the name of `actor`. With a key it happens once however often it is run: the second time it
/// tells what came of the first.
///
/// # Errors
///
/// See [`RunError`].
pub async fn run<M: Mutation>(
    mutation: &M,
    actor: &str,
    key: Option<&IdempotencyKey>,
    session: &Session,
) -> Result<Outcome<M::Done>, RunError> {
    run_on(None, mutation, actor, key, session).await
}

/// Runs a mutation after a try of which nobody knows what came, if there was one.
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
            // With a key another try either finds what this one did, or does it.
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
    /// Nothing was changed, and it may go well the next time.
    fn may_be_tried_again(&self) -> bool {
        match self {
            Self::Away(_) => true,
            // Who has waited for a lock has waited long enough.
            Self::Busy(error) => Fault::of(error) == Fault::Conflict,
            Self::TooLate | Self::Unknown(_) | Self::Failed(_) => false,
        }
    }
}

/// From a half to three halves, so that those who were in each other's way don't meet again.
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
        let (outcome, lasts) = in_transaction(mutation, actor, key, &transaction).await?;
        Ok((transaction, outcome, lasts))
    };
    let (transaction, outcome, lasts) = in_time(work, session).await?;
    end(transaction, lasts, session).await?;
    Ok(outcome)
}

/// Begins a transaction in the name of `actor`, which the revisions take over.
async fn begin(actor: &str, lock_patience: &str, session: &Session) -> Result<Transaction, DbErr> {
    let settings = [("marquee.actor", actor), ("lock_timeout", lock_patience)];
    session.begin(&settings).await
}

/// Does what comes before a commit, as long as there is time. Dropped before its commit, a transaction is taken back.
async fn in_time<T>(
    work: impl Future<Output = Result<T, DbErr>>,
    session: &Session,
) -> Result<T, RunError> {
    // A timer is late by up to two milliseconds, in which a small mutation is done.
    if session.time_left().is_zero() {
        return Err(RunError::TooLate);
    }
    let worked = timeout(session.time_left(), work).await;
    worked
        .map_err(|_| RunError::TooLate)?
        .map_err(RunError::before_commit)
}

/// Ends a transaction: what it did is to last, or there is nothing that is.
async fn end(transaction: Transaction, lasts: bool, session: &Session) -> Result<(), RunError> {
    if lasts {
        let patience = session.time_left().max(COMMIT_PATIENCE);
        let committed = timeout(patience, transaction.commit()).await;
        let mark = committed
            .map_err(|_| RunError::unconfirmed())?
            .map_err(RunError::at_commit)?;
        heard(mark).await;
        return Ok(());
    }
    match transaction.rollback().await {
        // What it was refused for, or repeats, may be another's change of just now.
        Ok(mark) => heard(mark).await,
        // There is nothing to take back that would not be taken back with the connection.
        Err(error) => {
            tracing::debug!(error.cause = %error, "a transaction ended with its connection");
        }
    }
    Ok(())
}

/// Waits until everything was heard that a transaction has done and seen, so that who asked for it is shown nothing from before.
async fn heard(mark: Option<Mark>) {
    if let Some(mark) = mark {
        mark.heard().await;
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
        Self::Unknown(DbErr::Custom("no answer came in time".to_owned()))
    }

    /// A refusal is an answer, and whatever else came instead of one is none.
    fn at_commit(error: DbErr) -> Self {
        match Fault::of(&error) {
            Fault::Conflict | Fault::Busy => Self::Busy(error),
            Fault::Away | Fault::Other => Self::Unknown(error),
        }
    }
}

/// Also tells whether there is anything that is to last.
async fn in_transaction<M: Mutation>(
    mutation: &M,
    actor: &str,
    key: Option<&IdempotencyKey>,
    transaction: &Transaction,
) -> Result<(Outcome<M::Done>, bool), DbErr> {
    let Some(key) = key.filter(|_| !mutation.is_trial()) else {
        let outcome = mutation.run(transaction).await?;
        let lasts = matches!(outcome, Outcome::Done(_)) && !mutation.is_trial();
        return Ok((outcome, lasts));
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
