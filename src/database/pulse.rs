//! Whether PostgreSQL still answers at all. A process that is stopped, or a host whose packets are swallowed, refuses nothing: only asking
//! something else tells a statement that takes long from one to which no answer will come.

use std::{
    io,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement,
    sqlx::{self, postgres::PgConnectOptions},
};
use tokio::{sync::Mutex, time::timeout};

use super::lane::Lane;

/// How long telling PostgreSQL to cancel may take.
const CANCEL_PATIENCE: Duration = Duration::from_secs(1);

/// A connection beside those over which requests are answered: for what has to be known whatever they do.
#[derive(Debug)]
pub struct Pulse {
    lane: Lane,
    /// After how long a statement is suspected to be waited for in vain, and again each time that has passed.
    suspicion: Duration,
    /// How long PostgreSQL then has to answer something else.
    patience: Duration,
    /// When the last question was answered, or was not.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Pulse {
    /// That of a PostgreSQL that counts as silent after so long.
    #[must_use]
    pub fn new(options: PgConnectOptions, patience: Duration) -> Self {
        Self {
            lane: Lane::new(options, patience),
            suspicion: patience * 3 / 8,
            patience: patience * 5 / 8,
            last: Mutex::new(None),
        }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> DatabaseConnection {
        self.lane.connection()
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
        let mut last = self.last.lock().await;
        if let Some((answered, beats)) = *last
            && answered >= asked
        {
            return beats;
        }
        let connection = self.connection();
        let question = connection.execute_unprepared("SELECT 1");
        // An error is an answer. What it means for the statement, that will hear itself.
        let beats = timeout(self.patience, question).await.is_ok();
        if !beats {
            self.lane.renew();
        }
        *last = Some((Instant::now(), beats));
        beats
    }

    /// Has the statement cancelled that a process of PostgreSQL runs. Tells whether that process can be relied on to end it.
    pub async fn cancel(&self, backend: i32) -> bool {
        let sql = "SELECT pg_cancel_backend($1)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [backend.into()]);
        let connection = self.connection();
        let cancelled = timeout(CANCEL_PATIENCE, connection.execute_raw(statement)).await;
        if cancelled.is_err() {
            self.lane.renew();
        }
        matches!(cancelled, Ok(Ok(_)))
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
