//! A connection that is borrowed from the pool.

use std::sync::Arc;

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
    pub(super) is_running: bool,
    pub(super) in_transaction: bool,
}

impl PooledConnection {
    /// Returns the connection.
    #[must_use]
    pub fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }

    /// Begins a transaction by the statement `sql`. If `self` is dropped before [`Self::end`], the transaction is
    /// rolled back before the connection returns to the pool.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::run`] does.
    pub async fn begin(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        // If this future is dropped, PostgreSQL may have begun the transaction.
        self.in_transaction = true;
        self.run(connection.execute_unprepared(sql)).await
    }

    /// Ends the transaction by the statement `sql`.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::run`] does.
    pub async fn end(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        let result = self.run(connection.execute_unprepared(sql)).await;
        self.in_transaction = result.is_err();
        result
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
        self.is_running = true;
        let outcome = self.inner.health_probe.watch(statement).await;
        self.is_running = false;
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
        let (is_running, connection) = (self.is_running, self.connection());
        if !is_running && !self.in_transaction {
            return_slot(&inner);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The slot is returned afterwards, so that the cancellation can't hit the statement of another caller.
            runtime.spawn(async move {
                if is_running {
                    inner.cancel(slot).await;
                } else {
                    inner.roll_back(slot, &connection).await;
                }
                return_slot(&inner);
            });
        }
    }
}
