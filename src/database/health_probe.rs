//! The health probe of PostgreSQL. A stopped process, or a host whose packets are dropped, returns no error. Only a
//! probe over another connection can distinguish a slow statement from one that never gets a response.

use std::{
    io,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, sqlx};
use tokio::{sync::Mutex as AsyncMutex, time::timeout};

use super::{
    connection::ConnectionSettings, error::DbErrorKind, error_message::describe,
    pool_slot::PoolSlot, stall_aware_timeout::stall_aware_timeout,
};

/// The timeout of a request to cancel a statement.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);

/// A connection beside the pool, for probes and cancellations, which must not wait for requests.
#[derive(Debug)]
pub struct HealthProbe {
    slot: PoolSlot,
    /// The interval of the probes while a statement runs.
    probe_interval: Duration,
    /// The timeout of a probe. Delays of a busy machine don't count.
    probe_timeout: Duration,
    /// Held by the task that sends a probe.
    probe_lock: AsyncMutex<()>,
    /// The time of the last probe's end, and whether PostgreSQL responded.
    last_result: Mutex<Option<(Instant, bool)>>,
}

impl HealthProbe {
    /// Creates a probe that detects an unresponsive PostgreSQL within the timeout of connecting.
    #[must_use]
    pub fn new(settings: ConnectionSettings) -> Self {
        let connect_timeout = settings.connect_timeout;
        Self {
            slot: PoolSlot::new(settings),
            probe_interval: connect_timeout * 3 / 8,
            probe_timeout: connect_timeout * 5 / 8,
            probe_lock: AsyncMutex::new(()),
            last_result: Mutex::new(None),
        }
    }

    /// Returns whether the last probe got a response and ended less than `max_age` ago.
    #[must_use]
    pub fn has_responded(&self, max_age: Duration) -> bool {
        self.last_result()
            .is_some_and(|(ended_at, is_alive)| is_alive && ended_at.elapsed() < max_age)
    }

    fn last_result(&self) -> Option<(Instant, bool)> {
        *self.last_result.lock()
    }

    /// Waits for a statement as long as PostgreSQL responds to probes.
    ///
    /// # Errors
    ///
    /// Fails when a probe gets no response in time.
    pub async fn watch<T>(&self, statement: impl Future<Output = T>) -> Result<T, Unresponsive> {
        let mut statement = std::pin::pin!(statement);
        loop {
            if let Ok(result) = timeout(self.probe_interval, &mut statement).await {
                return Ok(result);
            }
            tokio::select! {
                biased;
                result = &mut statement => return Ok(result),
                is_alive = self.probe() => if !is_alive { return Err(Unresponsive) },
            }
        }
    }

    /// Sends a probe, or waits for one that another task sends, and returns whether PostgreSQL responded.
    async fn probe(&self) -> bool {
        let started_at = Instant::now();
        let _guard = self.probe_lock.lock().await;
        if let Some((ended_at, is_alive)) = self.last_result()
            && ended_at >= started_at
        {
            return is_alive;
        }
        let is_alive = matches!(
            stall_aware_timeout(self.probe_timeout, self.send_probe()).await,
            Ok(true)
        );
        if !is_alive {
            self.slot.replace_connection();
        }
        *self.last_result.lock() = Some((Instant::now(), is_alive));
        is_alive
    }

    /// Returns whether PostgreSQL responds, be it by an error. Reopens a connection that died while it was idle.
    async fn send_probe(&self) -> bool {
        let connection = self.slot.connection();
        loop {
            let Err(error) = connection.execute_unprepared("SELECT 1").await else {
                return true;
            };
            if !DbErrorKind::is_dead_connection(&error) {
                return DbErrorKind::is_server_error(&error);
            }
        }
    }

    /// Cancels the statement of the server process with this PID. Gives up at a timeout or error.
    pub async fn cancel(&self, backend_pid: i32) {
        let sql = "SELECT pg_cancel_backend($1)";
        let statement =
            Statement::from_sql_and_values(DbBackend::Postgres, sql, [backend_pid.into()]);
        let connection = self.slot.connection();
        let cancellation = async {
            loop {
                match connection.execute_raw(statement.clone()).await {
                    // The connection died while it was idle; the next attempt reopens it.
                    Err(error) if DbErrorKind::is_dead_connection(&error) => {}
                    result => return result,
                }
            }
        };
        match timeout(CANCEL_TIMEOUT, cancellation).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::debug!(error.cause = %describe(&error), "a statement was not cancelled");
            }
            Err(_) => self.slot.replace_connection(),
        }
    }
}

/// PostgreSQL does not respond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("PostgreSQL does not respond")]
pub struct Unresponsive;

impl From<Unresponsive> for DbErr {
    fn from(unresponsive: Unresponsive) -> Self {
        let error = io::Error::new(io::ErrorKind::TimedOut, unresponsive);
        Self::Conn(RuntimeErr::SqlxError(sqlx::Error::Io(error).into()))
    }
}
