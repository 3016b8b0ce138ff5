//! Statements outside of a transaction, with their counts, metrics and trace spans.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::time::timeout;
use tracing::{Instrument, Span, field::Empty};

use super::{Session, statement_timer::StatementTimer};
use crate::{
    database::{
        connection::Connection,
        error::{DbErrorKind, StatementTimeout},
        error_message::describe,
        pool::statement_times::StatementShape,
        sql,
    },
    metrics::TRACE_TARGET,
};

/// The maximum number of times that a read is retried after a dead connection, which is reopened on its next use, or after
/// a conflict.
const MAX_READ_RETRIES: usize = 8;

impl Session {
    /// Borrows a connection and runs a statement over it. Its time is charged, but not the time to get or open the
    /// connection, or to find out that PostgreSQL does not respond.
    async fn run<T, F>(
        &self,
        shape: Option<StatementShape>,
        run_statement: impl FnOnce(Arc<Connection>) -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let _turn = self.wait_for_turn().await;
        let mut pooled = self.acquire_connection(shape).await?;
        let acquired_at = Instant::now();
        let connection = pooled.connection();
        let is_open = connection.is_open();
        let statement = run_statement(connection);
        let mut timer = is_open.then(|| StatementTimer::start(self, shape));
        let statement = pooled.run(statement);
        let statement_timeout = self.stats().statement_timeout;
        let result = match statement_timeout {
            // The statement is cancelled when it is dropped.
            Some(limit) => timeout(limit, statement)
                .await
                .unwrap_or_else(|_| Err(StatementTimeout.into())),
            None => statement.await,
        };
        let is_unavailable = |error| DbErrorKind::of(error).is_unavailable();
        if self.is_shared {
            self.stats().connection_time += acquired_at.elapsed();
        }
        if let Some(timer) = &mut timer
            && result.as_ref().is_err_and(is_unavailable)
        {
            timer.limit(Duration::ZERO);
        }
        result
    }

    fn shape(&self, statement: &Statement) -> StatementShape {
        self.pool.statement_times().shape(statement)
    }

    /// Runs a query. Retries a `SELECT` after a dead connection or a conflict, which is safe outside of a transaction.
    /// Anything else may write and is sent once.
    async fn read_with_retry<T: StatementResult, F>(
        &self,
        sql: &str,
        run_statement: impl Fn() -> F,
    ) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let retries = if sql.trim_start().starts_with("SELECT") {
            MAX_READ_RETRIES
        } else {
            0
        };
        for _ in 0..retries {
            match self.measure(statement_span(sql), run_statement()).await {
                Err(error) if DbErrorKind::may_retry_read(&error) => {
                    tracing::debug!(error.cause = %describe(&error), "a read is retried");
                }
                result => return result,
            }
        }
        self.measure(statement_span(sql), run_statement()).await
    }

    pub(super) async fn measure<T: StatementResult>(
        &self,
        span: Span,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let round_trips = {
            let cost = &mut self.stats().cost;
            cost.statements += 1;
            cost.round_trips + 1
        };
        let began = Instant::now();
        let result = statement.instrument(span.clone()).await;
        record_result(&span, &result);
        if let Some(metrics) = &self.context.metrics {
            metrics.observe_statement(began.elapsed());
        }
        let cost = &mut self.stats().cost;
        cost.round_trips = cost.round_trips.max(round_trips);
        result
    }
}

/// Creates the trace span of a statement. Its SQL contains no values.
pub(super) fn statement_span(sql: &str) -> Span {
    tracing::info_span!(
        target: TRACE_TARGET,
        "sql",
        otel.kind = "client",
        otel.name = sql.split_whitespace().next().unwrap_or("sql"),
        otel.status_code = Empty,
        db.system = "postgresql",
        db.statement = sql::excerpt(sql),
        db.rows = Empty,
    )
}

/// Records the number of rows, or that the statement failed.
fn record_result<T: StatementResult>(span: &Span, result: &Result<T, DbErr>) {
    match result {
        Ok(result) => {
            if let Some(rows) = result.rows() {
                span.record("db.rows", rows);
            }
        }
        // PostgreSQL's message may contain a value. The caller logs the error.
        Err(_) => {
            span.record("otel.status_code", "ERROR");
        }
    }
}

/// The result of a statement.
pub(super) trait StatementResult {
    /// Returns the number of rows that were returned or changed, if it is known.
    fn rows(&self) -> Option<u64>;
}

impl StatementResult for ExecResult {
    fn rows(&self) -> Option<u64> {
        Some(self.rows_affected())
    }
}

impl StatementResult for Option<QueryResult> {
    fn rows(&self) -> Option<u64> {
        Some(self.is_some().into())
    }
}

impl StatementResult for Vec<QueryResult> {
    fn rows(&self) -> Option<u64> {
        u64::try_from(self.len()).ok()
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Session {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let span = statement_span(&statement.sql);
        let shape = self.shape(&statement);
        let run = async |connection: Arc<Connection>| connection.execute_raw(statement).await;
        self.measure(span, self.run(Some(shape), run)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let run = async |connection: Arc<Connection>| connection.execute_unprepared(sql).await;
        self.measure(statement_span(sql), self.run(None, run)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let shape = self.shape(&statement);
        self.read_with_retry(&statement.sql, || {
            let statement = statement.clone();
            let run = async |connection: Arc<Connection>| connection.query_one_raw(statement).await;
            self.run(Some(shape), run)
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let shape = self.shape(&statement);
        self.read_with_retry(&statement.sql, || {
            let statement = statement.clone();
            let run = async |connection: Arc<Connection>| connection.query_all_raw(statement).await;
            self.run(Some(shape), run)
        })
        .await
    }
}
