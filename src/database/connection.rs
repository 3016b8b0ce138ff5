//! One connection, held by whoever uses it, as SeaORM wants one.
//!
//! A pool asks PostgreSQL once more whenever a connection comes back to it, which no setting turns off: a round trip for each statement. This
//! has none: a connection that turns out to be dead is found so by the statement that is sent over it, and opened again for the next one.

use std::{
    io,
    sync::atomic::{AtomicI32, Ordering},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
    sea_query::Values,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions, Executor, PgConnection, Postgres, SqlSafeStr, SqlStr,
        postgres::PgConnectOptions, query::Query,
    },
};
use sea_query_sqlx::SqlxValues;
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use super::{fault::ends_connection, sql};

/// How long is waited before a PostgreSQL that refuses to connect is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// How connections are opened, and which of their statements are logged.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// Where PostgreSQL is, and who connects.
    pub options: PgConnectOptions,
    /// How long PostgreSQL has to accept a connection.
    pub timeout: Duration,
    /// From when on a statement is logged as slow; never when none.
    pub slow: Option<Duration>,
}

/// A connection, which is opened when it is needed first and again when it was lost. One statement runs over it at a time.
#[derive(Debug)]
pub struct Connection {
    settings: ConnectionSettings,
    open: Mutex<Option<PgConnection>>,
    /// The process of PostgreSQL that serves it, by its number; 0 if none does.
    backend: AtomicI32,
}

impl Connection {
    /// One that is yet to be opened.
    #[must_use]
    pub fn new(settings: ConnectionSettings) -> Self {
        Self {
            settings,
            open: Mutex::new(None),
            backend: AtomicI32::new(0),
        }
    }

    /// Whether it is open, as far as is known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.backend().is_some()
    }

    /// The process of PostgreSQL that serves it, by its number; `None` if none does.
    #[must_use]
    pub fn backend(&self) -> Option<i32> {
        let backend = self.backend.load(Ordering::Relaxed);
        (backend != 0).then_some(backend)
    }

    /// Runs something over it, once it is open. It is closed when it is no good any more.
    async fn run<T>(
        &self,
        sql: &str,
        failed: fn(RuntimeErr) -> DbErr,
        run: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DbErr> {
        let mut place = self.open.lock().await;
        // Out of its place while something runs: who is cut off in the middle leaves it in a state that nobody knows.
        let mut connection = match place.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        let timer = self
            .settings
            .slow
            .map(|slow| SlowStatement::start(sql, slow));
        let result = run(&mut connection).await;
        drop(timer);
        if result.as_ref().err().is_none_or(leaves_intact) {
            *place = Some(connection);
        } else {
            self.backend.store(0, Ordering::Relaxed);
        }
        result.map_err(|error| failed(RuntimeErr::SqlxError(error.into())))
    }

    async fn connect(&self) -> Result<PgConnection, DbErr> {
        let connected = timeout(self.settings.timeout, self.try_to_connect()).await;
        connected.unwrap_or_else(|_| Err(nothing_to_be_had()))
    }

    /// A PostgreSQL that has just been started, or is, refuses for a moment.
    async fn try_to_connect(&self) -> Result<PgConnection, DbErr> {
        loop {
            match self.open().await {
                Err(error) if is_passing(&error) => sleep(RETRY).await,
                result => {
                    return result
                        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())));
                }
            }
        }
    }

    async fn open(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = self.settings.options.connect().await?;
        let number = sqlx::query_scalar("SELECT pg_backend_pid()");
        let number = number.fetch_one(&mut connection).await?;
        self.backend.store(number, Ordering::Relaxed);
        Ok(connection)
    }
}

/// What SeaORM says when there is no connection.
pub(super) fn nothing_to_be_had() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}

/// Whether PostgreSQL may accept a connection the next moment.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        // `too_many_connections` and `cannot_connect_now`.
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("53300" | "57P03")),
        _ => false,
    }
}

/// Whether a connection is as good as before after an error: one of its statement's, which PostgreSQL told, and went on.
fn leaves_intact(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => !ends_connection(&**error),
        sqlx::Error::RowNotFound
        | sqlx::Error::Encode(_)
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. } => true,
        _ => false,
    }
}

/// A statement's text, and the statement with its values, which PostgreSQL prepares once for each text.
fn query<'a>(statement: Statement) -> (SqlStr, Query<'a, Postgres, SqlxValues>) {
    let values = statement.values.unwrap_or(Values(Vec::new()));
    // What a statement is built of is ours, and whatever comes from elsewhere is among its values.
    let sql = AssertSqlSafe(statement.sql).into_sql_str();
    (sql.clone(), sqlx::query_with(sql, SqlxValues(values)))
}

#[async_trait::async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, query) = query(statement);
        let done = self.run(sql.as_str(), DbErr::Exec, async |open| {
            query.execute(open).await
        });
        done.await.map(ExecResult::from)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let raw = AssertSqlSafe(sql.to_owned());
        let done = self.run(sql, DbErr::Exec, async |open| {
            open.execute(sqlx::raw_sql(raw)).await
        });
        done.await.map(ExecResult::from)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (sql, query) = query(statement);
        let found = self.run(sql.as_str(), DbErr::Query, async |open| {
            query.fetch_optional(open).await
        });
        Ok(found.await?.map(QueryResult::from))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, query) = query(statement);
        let found = self.run(sql.as_str(), DbErr::Query, async |open| {
            query.fetch_all(open).await
        });
        Ok(found.await?.into_iter().map(QueryResult::from).collect())
    }
}

/// Logs a statement when it ends, or is given up, if it took long.
struct SlowStatement<'a> {
    sql: &'a str,
    began: Instant,
    slow: Duration,
}

impl<'a> SlowStatement<'a> {
    fn start(sql: &'a str, slow: Duration) -> Self {
        Self {
            sql,
            began: Instant::now(),
            slow,
        }
    }
}

impl Drop for SlowStatement<'_> {
    fn drop(&mut self) {
        let took = self.began.elapsed();
        if took >= self.slow {
            tracing::warn!(
                db.statement = sql::excerpt(self.sql),
                db.duration_ms = took.as_secs_f64() * 1_000.0,
                "a slow statement"
            );
        }
    }
}
