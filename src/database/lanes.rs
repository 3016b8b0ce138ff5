//! A worker's connections: lent out one by one, with a bounded wait for them, and with a way to stop what runs over one.
//!
//! Each is a pool of one, so that it is known which of PostgreSQL's processes serves it. When whoever asked for something is gone, by a
//! deadline or because its client is, that process is told to cancel: nothing runs on for nobody.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqlxPostgresConnector,
    Statement,
    sqlx::{
        self,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{connect_options, fault::Fault};

/// How long nobody tries to connect after it has failed: meanwhile the answer is known.
const PAUSE: Duration = Duration::from_millis(200);

/// How long telling PostgreSQL to cancel may take.
const CANCEL_PATIENCE: Duration = Duration::from_secs(1);

/// How connections are lent out.
#[derive(Clone, Copy, Debug)]
pub struct Lending {
    /// How many there are.
    pub connections: u32,
    /// How long somebody waits for one that is free, and for PostgreSQL to accept it.
    pub patience: Duration,
    /// How many may wait.
    pub waiting: usize,
    /// After how long PostgreSQL itself stops a statement.
    pub statement_timeout: Duration,
}

/// A worker's connections. Clones are the same ones.
#[derive(Clone, Debug)]
pub struct Lanes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: PgConnectOptions,
    lending: Lending,
    lanes: Vec<Lane>,
    /// Those that nobody has. The last given back goes first: it is the likeliest to be open.
    free: Mutex<Vec<usize>>,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Until when PostgreSQL is taken to be away.
    away_until: Mutex<Option<Instant>>,
    /// By which statements of the others are cancelled.
    beside: DatabaseConnection,
}

#[derive(Debug)]
struct Lane {
    connection: Mutex<DatabaseConnection>,
    /// The process of PostgreSQL that serves it, by its number; 0 if it isn't open.
    backend: Arc<AtomicI32>,
}

impl Lanes {
    /// Connections that are opened when they are needed first.
    #[must_use]
    pub fn new(options: &PgConnectOptions, lending: Lending) -> Self {
        let timeout = lending.statement_timeout.as_millis();
        let options =
            connect_options(options).options([("statement_timeout", timeout.to_string())]);
        let numbers = 0..usize::try_from(lending.connections).unwrap_or(1).max(1);
        let lanes: Vec<_> = numbers.map(|_| Lane::new(&options, lending)).collect();
        Self(Arc::new(Inner {
            free: Mutex::new((0..lanes.len()).rev().collect()),
            turns: Arc::new(Semaphore::new(lanes.len())),
            waiting: AtomicUsize::new(0),
            away_until: Mutex::new(None),
            beside: pool(&options, lending, Arc::default()),
            lanes,
            options,
            lending,
        }))
    }

    /// A connection beside those that are lent out, for what has to be known whatever they do.
    #[must_use]
    pub fn beside(&self) -> &DatabaseConnection {
        &self.0.beside
    }

    /// How many there are, and who waits for one.
    #[must_use]
    pub fn count(&self) -> Counts {
        let Inner { lanes, waiting, .. } = &*self.0;
        let free = self.0.free().clone();
        let idle = free.iter().filter_map(|lane| lanes.get(*lane));
        let idle = idle.filter(|lane| lane.is_open()).count();
        Counts {
            idle: idle as u64,
            used: lanes.len().saturating_sub(free.len()) as u64,
            waiting: waiting.load(Ordering::Relaxed) as u64,
            most: lanes.len() as u64,
        }
    }

    /// Borrows a connection, once one is free.
    ///
    /// # Errors
    ///
    /// When none is for too long, too many wait already, or PostgreSQL was found away a moment ago.
    pub async fn borrow(&self) -> Result<Lease, DbErr> {
        if self.0.is_away(Instant::now()) {
            return Err(nothing_to_be_had());
        }
        let turn = match Arc::clone(&self.0.turns).try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => self.wait().await?,
        };
        let lane = self.0.free().pop();
        // There are as many turns as lanes, so whoever has a turn finds a lane.
        let lane = lane.ok_or_else(nothing_to_be_had)?;
        let connection = self.0.lanes.get(lane).map(Lane::connection);
        Ok(Lease {
            connection: connection.ok_or_else(nothing_to_be_had)?,
            inner: Arc::clone(&self.0),
            lane,
            turn: Some(turn),
            is_running: false,
        })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, DbErr> {
        let _place = Place::take(&self.0).ok_or_else(nothing_to_be_had)?;
        let turn = Arc::clone(&self.0.turns).acquire_owned();
        match timeout(self.0.lending.patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(nothing_to_be_had()),
        }
    }
}

/// How many connections there are, and who waits for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that are open and that nobody has.
    pub idle: u64,
    /// Those that somebody has.
    pub used: u64,
    /// How many wait for one.
    pub waiting: u64,
    /// How many there may be.
    pub most: u64,
}

impl Counts {
    /// These and others.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            idle: self.idle + other.idle,
            used: self.used + other.used,
            waiting: self.waiting + other.waiting,
            most: self.most + other.most,
        }
    }
}

/// A place among those who wait.
struct Place<'a>(&'a Inner);

impl<'a> Place<'a> {
    fn take(inner: &'a Inner) -> Option<Self> {
        let waiting = inner.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(inner);
        (waiting < inner.lending.waiting).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the pool says, too, when it has no connection.
fn nothing_to_be_had() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}

impl Inner {
    fn free(&self) -> MutexGuard<'_, Vec<usize>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_away(&self, now: Instant) -> bool {
        let until = *self
            .away_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until)
    }

    /// Notes what an answer tells of PostgreSQL.
    fn note(&self, error: &DbErr, lane: usize) {
        if Fault::is_no_connection(error) {
            let mut until = self
                .away_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *until = Some(Instant::now() + PAUSE);
        } else if Fault::is_of_another_server(error) {
            self.renew(lane);
        }
    }

    /// Exchanges a connection for one that is yet to be opened.
    fn renew(&self, lane: usize) {
        if let Some(lane) = self.lanes.get(lane) {
            let new = pool(&self.options, self.lending, Arc::clone(&lane.backend));
            *lane
                .connection
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = new;
        }
    }

    async fn cancel(&self, lane: usize) {
        let backend = self
            .lanes
            .get(lane)
            .map(|lane| lane.backend.load(Ordering::Relaxed));
        let Some(backend) = backend.filter(|backend| *backend != 0) else {
            return;
        };
        let values = [backend.into()];
        let sql = "SELECT pg_cancel_backend($1)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let cancelled = timeout(CANCEL_PATIENCE, self.beside.execute_raw(statement)).await;
        if !matches!(cancelled, Ok(Ok(_))) {
            // It may hang for long; the next one who comes here begins anew.
            self.renew(lane);
        }
    }
}

impl Lane {
    fn new(options: &PgConnectOptions, lending: Lending) -> Self {
        let backend = Arc::default();
        Self {
            connection: Mutex::new(pool(options, lending, Arc::clone(&backend))),
            backend,
        }
    }

    fn is_open(&self) -> bool {
        let connection = self.connection();
        connection.get_postgres_connection_pool().size() > 0
    }

    fn connection(&self) -> DatabaseConnection {
        let connection = self.connection.lock();
        connection.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A pool of one connection, which notes by which process it is served.
fn pool(
    options: &PgConnectOptions,
    lending: Lending,
    backend: Arc<AtomicI32>,
) -> DatabaseConnection {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .acquire_timeout(lending.patience)
        .after_connect(move |connection, _| {
            let backend = Arc::clone(&backend);
            Box::pin(async move {
                let number = sqlx::query_scalar("SELECT pg_backend_pid()");
                backend.store(number.fetch_one(connection).await?, Ordering::Relaxed);
                Ok(())
            })
        })
        .connect_lazy_with(options.clone());
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

/// A connection that somebody has borrowed.
#[derive(Debug)]
pub struct Lease {
    connection: DatabaseConnection,
    inner: Arc<Inner>,
    lane: usize,
    turn: Option<OwnedSemaphorePermit>,
    is_running: bool,
}

impl Lease {
    /// The connection.
    #[must_use]
    pub fn connection(&self) -> DatabaseConnection {
        self.connection.clone()
    }

    /// Runs a statement over it. Who stops waiting for it has it cancelled, once the lease goes as well.
    ///
    /// # Errors
    ///
    /// Those of the statement.
    pub async fn run<T>(
        &mut self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.is_running = true;
        let result = statement.await;
        self.is_running = false;
        if let Err(error) = &result {
            self.inner.note(error, self.lane);
        }
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (inner, lane, turn) = (Arc::clone(&self.inner), self.lane, self.turn.take());
        let give_back = move |inner: &Inner| {
            inner.free().push(lane);
            drop(turn);
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if self.is_running => {
                // Nobody else gets the connection before, and has what it runs cancelled.
                runtime.spawn(async move {
                    inner.cancel(lane).await;
                    give_back(&inner);
                });
            }
            _ => give_back(&inner),
        }
    }
}
