//! A connection that is borrowed from the pool.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use sea_orm::{ConnectionTrait, DbErr, ExecResult};

use super::{Inner, fair_queue::Permit};
use crate::database::connection::Connection;

/// A borrowed connection. It returns to the pool when it is dropped.
#[derive(Debug)]
pub struct PooledConnection {
    pub(super) connection: Arc<Connection>,
    pub(super) inner: Arc<Inner>,
    pub(super) slot: usize,
    pub(super) permit: Option<Permit>,
    pub(super) state: ConnectionState,
}

/// What a borrowed connection does, which decides what happens when it is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionState {
    /// It is idle outside of a transaction.
    Idle,
    /// It is idle in a transaction.
    InTransaction,
    /// It runs a statement.
    Running,
    /// It commits a transaction, which may wait for a standby. If PostgreSQL cancels the wait, the commit counts as done
    /// although the standby does not have it.
    Committing,
}

impl PooledConnection {
    /// Returns the connection.
    #[must_use]
    pub fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }

    /// Begins a transaction by the statement `sql`. If `self` is dropped before it ends, the transaction is rolled back
    /// before the connection returns to the pool.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::run`] does.
    pub async fn begin(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        // If this future is dropped, PostgreSQL may have begun the transaction.
        self.state = ConnectionState::InTransaction;
        let result = self.run(connection.execute_unprepared(sql)).await;
        connection.set_in_transaction(true);
        result
    }

    /// Rolls the transaction back by the statement `sql`.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::run`] does.
    pub async fn roll_back(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        let result = self.run(connection.execute_unprepared(sql)).await;
        if result.is_ok() {
            connection.set_in_transaction(false);
            self.state = ConnectionState::Idle;
        }
        result
    }

    /// Commits the transaction by the statement `sql`, over the connection that began it. The statement is never
    /// cancelled: if the caller drops the future, a task waits for its end. `permit` is held until then.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::run`] does, and when the connection was lost.
    pub async fn commit(self, sql: String, permit: Option<Permit>) -> Result<ExecResult, DbErr> {
        let commit = async move {
            let _permit = permit;
            let mut pooled = self;
            pooled.state = ConnectionState::Committing;
            let connection = pooled.connection();
            let result = pooled.watch(connection.execute_unprepared(&sql)).await;
            let is_ended = result.is_ok();
            connection.set_in_transaction(!is_ended);
            pooled.state = if is_ended {
                ConnectionState::Idle
            } else {
                ConnectionState::InTransaction
            };
            result
        };
        RunToEnd(Some(Box::pin(commit))).await
    }

    /// Runs a statement over the connection. If the caller drops this future and then `self`, the statement is
    /// cancelled in PostgreSQL.
    ///
    /// # Errors
    ///
    /// Returns the statement's error, or a connection error when PostgreSQL does not respond any more.
    pub async fn run<T>(
        &mut self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let idle = std::mem::replace(&mut self.state, ConnectionState::Running);
        let result = self.watch(statement).await;
        self.state = idle;
        result
    }

    /// Waits for a statement as long as PostgreSQL responds.
    async fn watch<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let outcome = self.inner.health_probe.watch(statement).await;
        let result = outcome.unwrap_or_else(|unresponsive| {
            self.inner.replace_connection(self.slot);
            Err(unresponsive.into())
        });
        if let Err(error) = &result {
            self.inner.record_error(error, self.slot);
        }
        result
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let (inner, slot, permit) = (Arc::clone(&self.inner), self.slot, self.permit.take());
        let return_slot = move |inner: &Inner| {
            inner.free().push(slot);
            drop(permit);
        };
        let (state, connection) = (self.state, self.connection());
        if state == ConnectionState::Idle {
            return return_slot(&inner);
        }
        if state == ConnectionState::Committing {
            // The process stops. PostgreSQL ends the transaction by itself.
            inner.replace_connection(slot);
            return return_slot(&inner);
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The slot is returned afterwards, so that the cancellation can't hit the statement of another caller.
            runtime.spawn(async move {
                if state == ConnectionState::InTransaction {
                    inner.roll_back(slot, &connection).await;
                } else {
                    inner.cancel(slot).await;
                }
                return_slot(&inner);
            });
        }
    }
}

/// A future that continues in a task if it is dropped before its end.
struct RunToEnd<F: Future<Output: Send> + Send + 'static>(Option<Pin<Box<F>>>);

impl<F: Future<Output: Send> + Send> Future for RunToEnd<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Some(future) = &mut self.0 else {
            return Poll::Pending;
        };
        let result = future.as_mut().poll(context);
        if result.is_ready() {
            self.0 = None;
        }
        result
    }
}

impl<F: Future<Output: Send> + Send> Drop for RunToEnd<F> {
    fn drop(&mut self) {
        if let Some(future) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(future);
        }
    }
}
