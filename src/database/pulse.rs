//! Whether PostgreSQL still answers at all. A process that is stopped, or a host whose packets are swallowed, refuses nothing: only asking
//! something else tells a statement that takes long from one to which no answer will come.

use std::{
    io,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, Statement, sqlx};
use tokio::{sync::Mutex as AsyncMutex, time::timeout};

use super::{connection::ConnectionSettings, fault::Fault, lane::Lane};

/// How long telling PostgreSQL to cancel may take.
const CANCEL_PATIENCE: Duration = Duration::from_secs(1);

/// A connection beside those over which requests are answered, for questions that are answered at once whatever the others do.
#[derive(Debug)]
pub struct Pulse {
    lane: Lane,
    /// After how long a statement is suspected to be waited for in vain, and again each time that has passed.
    suspicion: Duration,
    /// How long PostgreSQL then has to answer something else.
    patience: Duration,
    /// Who has it asks.
    asking: AsyncMutex<()>,
    /// When the last question was answered, or was not.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Pulse {
    /// That of a PostgreSQL that counts as silent after the time that it has to accept a connection.
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

    /// Whether a question was answered within this time.
    #[must_use]
    pub fn has_beaten(&self, within: Duration) -> bool {
        self.last()
            .is_some_and(|(answered, beats)| beats && answered.elapsed() < within)
    }

    fn last(&self) -> Option<(Instant, bool)> {
        *self.last.lock()
    }

    /// Waits for a statement for as long as PostgreSQL answers anything.
    ///
    /// # Errors
    ///
    /// When it fell silent.
    pub async fn watch<T>(&self, statement: impl Future<Output = T>) -> Result<T, Silent> {
        let mut statement = std::pin::pin!(statement);
        loop {
            if let Ok(answer) = timeout(self.suspicion, &mut statement).await {
                return Ok(answer);
            }
            tokio::select! {
                biased;
                answer = &mut statement => return Ok(answer),
                beats = self.beats() => if !beats { return Err(Silent) },
            }
        }
    }

    /// Asks something that is answered at once, or hears what came of it from who asks already.
    async fn beats(&self) -> bool {
        let asked = Instant::now();
        let _turn = self.asking.lock().await;
        if let Some((answered, beats)) = self.last()
            && answered >= asked
        {
            return beats;
        }
        let beats = matches!(timeout(self.patience, self.ask()).await, Ok(true));
        if !beats {
            self.lane.renew();
        }
        *self.last.lock() = Some((Instant::now(), beats));
        beats
    }

    /// Whether PostgreSQL says anything, be it an error. A connection that died while nobody used it tells nothing.
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

    /// Has the statement cancelled that a process of PostgreSQL runs, if that can be told in time.
    pub async fn cancel(&self, backend: i32) {
        let sql = "SELECT pg_cancel_backend($1)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [backend.into()]);
        let connection = self.lane.connection();
        let cancelled = async {
            loop {
                match connection.execute_raw(statement.clone()).await {
                    // It died while nobody used it.
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

/// PostgreSQL answers nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("PostgreSQL fell silent")]
pub struct Silent;

impl From<Silent> for DbErr {
    fn from(silent: Silent) -> Self {
        let error = io::Error::new(io::ErrorKind::TimedOut, silent);
        Self::Conn(RuntimeErr::SqlxError(sqlx::Error::Io(error).into()))
    }
}
