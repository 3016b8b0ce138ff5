//! A transaction of a request.

use std::{sync::Arc, time::Duration};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    sqlx::{self, PgConnection},
};
use tokio::sync::Mutex as AsyncMutex;
use tracing::Span;

use super::{
    Session,
    statement::{StatementResult, statement_span},
    statement_timer::StatementTimer,
};
use crate::{
    cache::invalidation_listener::{CommitFence, InvalidationListener},
    database::{
        connection::Connection,
        error::DbErrorKind,
        pool::{fair_queue::Permit, pooled_connection::PooledConnection},
    },
};

/// A transaction of a request. Its statements run one after the other, so that the lock is free for each.
#[derive(Debug)]
pub struct Transaction {
    pub(super) connection: AsyncMutex<PooledConnection>,
    pub(super) session: Session,
    pub(super) write_permit: Option<Permit>,
}

impl Transaction {
    /// Commits. The returned [`CommitFence`] is received after the transaction's notifications: the caller waits for
    /// it, so that clients get no cached state from before the commit.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL rejects the commit, or when its response doesn't arrive; then the outcome is unknown.
    pub async fn commit(self) -> Result<Option<CommitFence>, DbErr> {
        let (pooled, listener) = (self.connection.into_inner(), self.session.listener());
        let fence = listener.and_then(InvalidationListener::fence);
        let sql = fence.as_ref().map_or_else(
            || "COMMIT".to_owned(),
            |fence| format!("{}; COMMIT", fence.statement()),
        );
        let commit = pooled.commit(sql, self.write_permit);
        let committed = self.session.measure(statement_span("COMMIT"), commit);
        committed.await?;
        if let (None, Some(listener)) = (&fence, listener) {
            listener.invalidate_all();
        }
        Ok(fence)
    }

    /// Rolls back. The returned [`CommitFence`] is received after the notifications of all commits that the transaction
    /// has seen. Without it, everything is invalidated.
    ///
    /// # Errors
    ///
    /// Fails when the connection is dead; PostgreSQL then rolls back by itself.
    pub async fn rollback(self) -> Result<Option<CommitFence>, DbErr> {
        let (mut pooled, listener) = (self.connection.into_inner(), self.session.listener());
        let fence = listener.and_then(InvalidationListener::fence);
        // A commit that waits for a standby blocks all notifications.
        let sql = fence.as_ref().map_or_else(
            || "ROLLBACK".to_owned(),
            |fence| {
                let notify = fence.statement();
                format!("ROLLBACK; BEGIN; SET LOCAL lock_timeout = '{NOTIFY_TIMEOUT_MS}'; {notify}; COMMIT")
            },
        );
        let roll_back = pooled.roll_back(&sql);
        let result = self
            .session
            .measure(statement_span("ROLLBACK"), roll_back)
            .await;
        if let (false, Some(listener)) = (fence.is_some() && result.is_ok(), listener) {
            listener.invalidate_all();
        }
        match result {
            Ok(_) => Ok(fence),
            Err(error) if DbErrorKind::of(&error) == DbErrorKind::Busy => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Runs statements of the driver that SeaORM has no interface for, such as COPY. They count as one statement, and
    /// return their result with the number of rows that they returned or changed. `name` stands for them in the logs.
    ///
    /// # Errors
    ///
    /// Fails when a statement does. The transaction is then aborted.
    pub async fn with_driver<T>(
        &self,
        name: &str,
        execute: impl AsyncFnOnce(&mut PgConnection) -> Result<(T, u64), sqlx::Error>,
    ) -> Result<T, DbErr> {
        let run = async |connection: Arc<Connection>| {
            let (value, rows) = connection.with_driver(name, execute).await?;
            Ok(DriverResult { value, rows })
        };
        // Boxed as the statements of SeaORM's trait are: the future of a connection is large.
        let result = Box::pin(self.run(statement_span(name), run)).await?;
        Ok(result.value)
    }

    async fn run<T: StatementResult, F>(
        &self,
        span: Span,
        run_statement: impl FnOnce(Arc<Connection>) -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let mut pooled = self.connection.lock().await;
        let statement = run_statement(pooled.connection());
        let mut timer = StatementTimer::start(&self.session, None);
        // A statement that is cancelled or fails may only have waited for a lock.
        timer.limit(Duration::ZERO);
        let result = self.session.measure(span, pooled.run(statement)).await;
        let rows = result.as_ref().ok().and_then(StatementResult::rows);
        let rows = u32::try_from(rows.unwrap_or_default()).unwrap_or(u32::MAX);
        timer.limit(MAX_TIME_PER_ROW.saturating_mul(rows));
        result
    }
}

/// The result of statements of the driver.
struct DriverResult<T> {
    value: T,
    rows: u64,
}

impl<T> StatementResult for DriverResult<T> {
    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }
}

/// The `lock_timeout` of a notification after a rollback, in milliseconds.
const NOTIFY_TIMEOUT_MS: u32 = 500;

/// The maximum time that is charged for each row that a statement returns or changes. Statements and their triggers may
/// wait for the locks of other transactions, which their caller doesn't pay for.
const MAX_TIME_PER_ROW: Duration = Duration::from_millis(1);

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = statement_span(&statement.sql);
        let run = async |connection: Arc<Connection>| connection.execute_raw(statement).await;
        self.run(span, run).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let run = async |connection: Arc<Connection>| connection.execute_unprepared(sql).await;
        self.run(statement_span(sql), run).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let span = statement_span(&statement.sql);
        let run = async |connection: Arc<Connection>| connection.query_one_raw(statement).await;
        self.run(span, run).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let span = statement_span(&statement.sql);
        let run = async |connection: Arc<Connection>| connection.query_all_raw(statement).await;
        self.run(span, run).await
    }
}
