//! The health probe of PostgreSQL. A stopped process, or a host whose packets are dropped, returns no error. Only a
//! probe over another connection can distinguish a slow statement from one that never gets a response.

use std::{
    io,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, sqlx};
use tokio::{sync::Mutex as AsyncMutex, time::timeout};

use super::{connection::ConnectionSettings, fault::Fault, lane::Lane};

/// The timeout of a request to cancel a statement.
const CANCEL_PATIENCE: Duration = Duration::from_secs(1);

/// A connection beside the pool, for probes and cancellations, which must not wait for requests.
#[derive(Debug)]
pub struct Pulse {
    lane: Lane,
    /// The interval of the probes while a statement runs.
    suspicion: Duration,
    /// The timeout of a probe.
    patience: Duration,
    /// Held by the task that sends a probe.
    asking: AsyncMutex<()>,
    /// The time of the last probe's end, and whether PostgreSQL responded.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Pulse {
    /// Creates a probe that detects an unresponsive PostgreSQL within the timeout of connecting.
    #[must_use]
    pub fn new(settings: ConnectionSettings) -> Self {
        let patience = settings.timeout;
        Self {
            lane: Lane::new(settings),
            suspicion: patience * 3 / 8,
            patience: patience * 5 / 8,
            asking: AsyncMutex::new(()),
            last: Mutex::new(None),
        }
    }

    /// Whether the last probe got a response and ended within this time.
    #[must_use]
    pub fn has_beaten(&self, within: Duration) -> bool {
        self.last()
            .is_some_and(|(ended, is_alive)| is_alive && ended.elapsed() < within)
    }

    fn last(&self) -> Option<(Instant, bool)> {
        *self.last.lock()
    }

    /// Waits for a statement as long as PostgreSQL responds to probes.
    ///
    /// # Errors
    ///
    /// Fails when a probe gets no response in time.
    pub async fn watch<T>(&self, statement: impl Future<Output = T>) -> Result<T, Silent> {
        let mut statement = std::pin::pin!(statement);
        loop {
            if let Ok(result) = timeout(self.suspicion, &mut statement).await {
                return Ok(result);
            }
            tokio::select! {
                biased;
                result = &mut statement => return Ok(result),
                is_alive = self.beats() => if !is_alive { return Err(Silent) },
            }
        }
    }

    /// Sends a probe, or waits for one that another task sends, and returns whether PostgreSQL responded.
    async fn beats(&self) -> bool {
        let started = Instant::now();
        let _guard = self.asking.lock().await;
        if let Some((ended, is_alive)) = self.last()
            && ended >= started
        {
            return is_alive;
        }
        let is_alive = matches!(timeout(self.patience, self.ask()).await, Ok(true));
        if !is_alive {
            self.lane.renew();
        }
        *self.last.lock() = Some((Instant::now(), is_alive));
        is_alive
    }

    /// Returns whether PostgreSQL responds, be it by an error. Reopens a connection that died while it was idle.
    async fn ask(&self) -> bool {
        let connection = self.lane.connection();
        loop {
            let Err(error) = connection.execute_unprepared("SELECT 1").await else {
                return true;
            };
            if !Fault::is_dead_connection(&error) {
                return Fault::is_of_server(&error);
            }
        }
    }

    /// Cancels the statement of the server process with this PID. Gives up at a timeout or error.
    pub async fn cancel(&self, backend: i32) {
        let sql = "SELECT pg_cancel_backend($1)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [backend.into()]);
        let connection = self.lane.connection();
        let cancelled = async {
            loop {
                match connection.execute_raw(statement.clone()).await {
                    // The connection died while it was idle; the next attempt reopens it.
                    Err(error) if Fault::is_dead_connection(&error) => {}
                    cancelled => return cancelled,
                }
            }
        };
        let cancelled = timeout(CANCEL_PATIENCE, cancelled).await;
        match cancelled {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::debug!(error.cause = %error, "a statement was not cancelled");
            }
            Err(_) => self.lane.renew(),
        }
    }
}

/// PostgreSQL does not respond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("PostgreSQL does not respond")]
pub struct Silent;

impl From<Silent> for DbErr {
    fn from(unresponsive: Silent) -> Self {
        let error = io::Error::new(io::ErrorKind::TimedOut, unresponsive);
        Self::Conn(RuntimeErr::SqlxError(sqlx::Error::Io(error).into()))
    }
}
