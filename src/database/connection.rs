//! A single connection that implements SeaORM's `ConnectionTrait`.
//!
//! The driver's pool pings PostgreSQL whenever a connection is returned, and no setting turns that off: it costs a
//! round trip for each statement. This connection sends no ping. If it is dead, the next statement fails, and the one
//! after that opens it again.

mod slow_statement;

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sea_query::Values,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions, Executor, PgConnection, Postgres, Row, SqlSafeStr,
        SqlStr, postgres::PgConnectOptions, query::Query,
    },
};
use sea_query_sqlx::SqlxValues;
use tokio::{sync::Mutex, time::sleep};

use self::slow_statement::SlowStatement;
use super::{error::ends_connection, stall_aware_timeout::stall_aware_timeout};

/// The interval between two attempts to connect while PostgreSQL refuses.
const CONNECT_RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// The settings of a connection.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// The address, the database and the role.
    pub options: PgConnectOptions,
    /// The settings of the session.
    pub session: SessionSettings,
    /// The timeout of connecting, retries included.
    pub connect_timeout: Duration,
    /// The duration from which a statement is logged as slow; `None` logs none.
    pub slow_threshold: Option<Duration>,
}

/// What a connection keeps in PostgreSQL beyond a statement.
#[derive(Clone, Debug)]
pub enum SessionSettings {
    /// Statements of SQL that set parameters, each followed by a semicolon. They are sent after connecting, because
    /// poolers reject most parameters of a startup message.
    Set(String),
    /// Nothing: a pooler may run each transaction in another session. No parameter can be set, and a statement can't be
    /// cancelled by the PID of its server process, which may serve another client by then.
    Stateless,
}

/// A connection that is opened on first use and reopened after it was lost. It runs one statement at a time.
#[derive(Debug)]
pub struct Connection {
    settings: ConnectionSettings,
    open: Mutex<Option<OpenConnection>>,
    is_open: AtomicBool,
    /// The PID of the server process of the connection; 0 if it is not open, or without a session of its own.
    backend_pid: AtomicI32,
    /// Whether a transaction is open, so that the connection must not be reopened.
    in_transaction: AtomicBool,
}

/// A connection to PostgreSQL.
#[derive(Debug)]
struct OpenConnection {
    connection: PgConnection,
    opened_at: Instant,
}

impl Connection {
    /// Creates a connection without opening it.
    #[must_use]
    pub fn new(settings: ConnectionSettings) -> Self {
        Self {
            settings,
            open: Mutex::new(None),
            is_open: AtomicBool::new(false),
            backend_pid: AtomicI32::new(0),
            in_transaction: AtomicBool::new(false),
        }
    }

    /// Returns whether the connection is open. A connection that died since its last statement counts as open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Sets whether a transaction is open. It ends with its connection: while it is open, a lost connection is not
    /// reopened, and all further statements fail.
    pub fn set_in_transaction(&self, in_transaction: bool) {
        self.in_transaction.store(in_transaction, Ordering::Relaxed);
    }

    /// Returns the time when the connection was opened; `None` if it is not open, or while it runs a statement.
    #[must_use]
    pub fn opened_at(&self) -> Option<Instant> {
        let open = self.open.try_lock().ok()?;
        open.as_ref().map(|open| open.opened_at)
    }

    /// Returns the PID of the server process of the connection; `None` if it is not open, or if the process may serve
    /// other clients as well.
    #[must_use]
    pub fn backend_pid(&self) -> Option<i32> {
        let pid = self.backend_pid.load(Ordering::Relaxed);
        (pid != 0).then_some(pid)
    }

    /// Runs statements of the driver that SeaORM has no interface for, such as COPY. `name` stands for them in the log of
    /// slow statements.
    ///
    /// # Errors
    ///
    /// Fails when a statement does, or when the connection can't be opened.
    pub async fn with_driver<T>(
        &self,
        name: &str,
        execute: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DbErr> {
        self.run(name, DbErr::Exec, execute).await
    }

    /// Opens the connection if necessary and runs a statement. Closes the connection after an error that makes it
    /// unusable.
    async fn run<T>(
        &self,
        sql: &str,
        to_error: fn(RuntimeErr) -> DbErr,
        execute: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DbErr> {
        let mut open = self.open.lock().await;
        // A statement that is cancelled half-way leaves the connection in an unknown state. So the connection is taken
        // out while a statement runs, and is dropped with the future.
        let mut connection = match open.take() {
            Some(connection) => connection,
            None if self.in_transaction.load(Ordering::Relaxed) => {
                return Err(connection_lost_error());
            }
            None => self.connect().await?,
        };
        let timer = self
            .settings
            .slow_threshold
            .map(|threshold| SlowStatement::start(sql, threshold));
        let result = execute(&mut connection.connection).await;
        drop(timer);
        if result.as_ref().err().is_none_or(keeps_connection_usable) {
            *open = Some(connection);
        } else {
            self.is_open.store(false, Ordering::Relaxed);
            self.backend_pid.store(0, Ordering::Relaxed);
        }
        result.map_err(|error| to_error(RuntimeErr::SqlxError(error.into())))
    }

    async fn connect(&self) -> Result<OpenConnection, DbErr> {
        let connected =
            stall_aware_timeout(self.settings.connect_timeout, self.connect_with_retry()).await;
        connected.unwrap_or_else(|_| Err(connect_timeout_error()))
    }

    /// Connects, and retries while PostgreSQL is starting or has too many connections.
    async fn connect_with_retry(&self) -> Result<OpenConnection, DbErr> {
        loop {
            match self.open().await {
                Err(error) if is_transient(&error) => sleep(CONNECT_RETRY_INTERVAL).await,
                result => {
                    return result
                        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())));
                }
            }
        }
    }

    async fn open(&self) -> Result<OpenConnection, sqlx::Error> {
        let mut connection = self.settings.options.connect().await?;
        if let SessionSettings::Set(sql) = &self.settings.session {
            // Safe: the names and values are constants or numbers.
            let sql = AssertSqlSafe(format!("{sql} SELECT pg_backend_pid()"));
            let row = connection.fetch_one(sqlx::raw_sql(sql)).await?;
            self.backend_pid.store(row.try_get(0)?, Ordering::Relaxed);
        }
        self.is_open.store(true, Ordering::Relaxed);
        Ok(OpenConnection {
            connection,
            opened_at: Instant::now(),
        })
    }
}

/// Returns the error of a statement whose connection was lost.
fn connection_lost_error() -> DbErr {
    let error = io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was lost");
    DbErr::Exec(RuntimeErr::SqlxError(sqlx::Error::Io(error).into()))
}

/// Returns the error for a connection that could not be opened in time.
pub(super) fn connect_timeout_error() -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into()))
}

/// Returns whether a retry may connect: PostgreSQL refuses connections at the moment.
fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        // `too_many_connections` and `cannot_connect_now`.
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("53300" | "57P03")),
        _ => false,
    }
}

/// Returns whether the connection remains usable after an error: only the statement failed.
fn keeps_connection_usable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => !ends_connection(&**error),
        sqlx::Error::RowNotFound
        | sqlx::Error::Encode(_)
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. } => true,
        _ => false,
    }
}

/// Returns the SQL of a statement, and the query with its values. PostgreSQL prepares each SQL text once.
fn query<'a>(statement: Statement) -> (SqlStr, Query<'a, Postgres, SqlxValues>) {
    let values = statement.values.unwrap_or(Values(Vec::new()));
    // Safe: the SQL is built from constants, and input is passed as values.
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
        let result = self.run(sql.as_str(), DbErr::Exec, async |connection| {
            query.execute(connection).await
        });
        result.await.map(ExecResult::from)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let raw = AssertSqlSafe(sql.to_owned());
        let result = self.run(sql, DbErr::Exec, async |connection| {
            connection.execute(sqlx::raw_sql(raw)).await
        });
        result.await.map(ExecResult::from)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (sql, query) = query(statement);
        let result = self.run(sql.as_str(), DbErr::Query, async |connection| {
            query.fetch_optional(connection).await
        });
        Ok(result.await?.map(QueryResult::from))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, query) = query(statement);
        let result = self.run(sql.as_str(), DbErr::Query, async |connection| {
            query.fetch_all(connection).await
        });
        Ok(result.await?.into_iter().map(QueryResult::from).collect())
    }
}
