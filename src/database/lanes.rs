//! A worker's connections: lent out one by one, with a bounded wait for them, and with a way to stop what runs over one.
//!
//! When whoever asked for something is gone, by a deadline or because its client is, the process of PostgreSQL that works on it is told to
//! cancel: nothing runs on for nobody. When PostgreSQL answers nothing any more, nobody waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};
use sea_orm::{ConnectionTrait, DbErr, ExecResult, sqlx::postgres::PgConnectOptions};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    connect_options,
    connection::{Connection, ConnectionSettings, nothing_to_be_had},
    fault::Fault,
    lane::Lane,
    pulse::Pulse,
};

/// How long nobody tries to connect after it has failed: meanwhile the answer is known.
const PAUSE: Duration = Duration::from_millis(200);

/// How long what is read beside requests waits for a connection, or for a sign of life.
const BESIDE_PATIENCE: Duration = Duration::from_secs(5);

/// From when on what is read beside requests is logged as slow.
const BESIDE_SLOW: Duration = Duration::from_secs(1);

/// How connections are lent out.
#[derive(Clone, Copy, Debug)]
pub struct Lending {
    /// How many there are.
    pub connections: u32,
    /// How long somebody waits for one that is free, for PostgreSQL to accept it, and for any sign of life while a statement runs.
    pub patience: Duration,
    /// How many may wait.
    pub waiting: usize,
    /// After how long PostgreSQL itself stops a statement.
    pub statement_timeout: Duration,
    /// From when on a statement is logged as slow; never when none.
    pub slow: Option<Duration>,
}

/// A worker's connections. Clones are the same ones.
#[derive(Clone, Debug)]
pub struct Lanes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    lending: Lending,
    lanes: Vec<Lane>,
    /// Those that nobody has. The last given back goes first: it is the likeliest to be open.
    free: Mutex<Vec<usize>>,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Until when PostgreSQL is taken to be away.
    away_until: Mutex<Option<Instant>>,
    pulse: Pulse,
    beside: Lane,
}

impl Lanes {
    /// One connection, for what is read beside requests.
    #[must_use]
    pub fn one(options: &PgConnectOptions) -> Self {
        let lending = Lending {
            connections: 1,
            patience: BESIDE_PATIENCE,
            waiting: usize::MAX,
            statement_timeout: 4 * BESIDE_PATIENCE,
            slow: Some(BESIDE_SLOW),
        };
        Self::new(options, lending)
    }

    /// Connections that are opened when they are needed first.
    #[must_use]
    pub fn new(options: &PgConnectOptions, lending: Lending) -> Self {
        let timeout = lending.statement_timeout.as_millis();
        let options = connect_options(options).options([
            ("statement_timeout", timeout.to_string()),
            // Every text is planned once for all values, which its shape is made for. Left to itself PostgreSQL takes what is asked of one
            // owner for cheaper than of any number, and plans it anew each time, which takes longer than running it.
            ("plan_cache_mode", "force_generic_plan".to_owned()),
        ]);
        let numbers = 0..usize::try_from(lending.connections).unwrap_or(1).max(1);
        let settings = ConnectionSettings {
            options,
            timeout: lending.patience,
            slow: lending.slow,
        };
        let lane = |_| Lane::new(settings.clone());
        let lanes: Vec<_> = numbers.map(lane).collect();
        Self(Arc::new(Inner {
            free: Mutex::new((0..lanes.len()).rev().collect()),
            turns: Arc::new(Semaphore::new(lanes.len())),
            waiting: AtomicUsize::new(0),
            away_until: Mutex::new(None),
            beside: Lane::new(settings.clone()),
            pulse: Pulse::new(settings),
            lanes,
            lending,
        }))
    }

    /// A connection beside those that are lent out, for what has to be known whatever they do.
    #[must_use]
    pub fn beside(&self) -> &Lane {
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
            in_transaction: false,
        })
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, DbErr> {
        let _place = Place::take(&self.0).ok_or_else(nothing_to_be_had)?;
        let turn = Arc::clone(&self.0.turns).acquire_owned();
        match timeout(self.0.lending.patience, turn).await {
            // Who had it before may have found that there is nothing to be had.
            Ok(Ok(turn)) if !self.0.is_away(Instant::now()) => Ok(turn),
            Ok(_) | Err(_) => Err(nothing_to_be_had()),
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

impl Inner {
    fn free(&self) -> MutexGuard<'_, Vec<usize>> {
        self.free.lock()
    }

    fn is_away(&self, now: Instant) -> bool {
        let until = *self.away_until.lock();
        until.is_some_and(|until| now < until)
    }

    /// Notes what an answer tells of PostgreSQL.
    fn note(&self, error: &DbErr, lane: usize) {
        if Fault::is_wait(error) {
            // Whoever waits for it to be opened must keep nobody else waiting.
            self.renew(lane);
        }
        if Fault::is_no_connection(error) {
            // One connection that is no good says nothing of the others.
            if self.pulse.has_beaten(self.lending.patience) {
                return;
            }
            let mut until = self.away_until.lock();
            *until = Some(Instant::now() + PAUSE);
        } else if Fault::is_of_another_server(error) {
            self.renew(lane);
        }
    }

    fn renew(&self, lane: usize) {
        if let Some(lane) = self.lanes.get(lane) {
            lane.renew();
        }
    }

    /// Takes back the transaction that was begun over a connection; with the connection, if PostgreSQL doesn't answer.
    async fn take_back(&self, lane: usize, connection: &Connection) {
        let rolled_back = connection.execute_unprepared("ROLLBACK");
        if !matches!(timeout(self.lending.patience, rolled_back).await, Ok(Ok(_))) {
            self.renew(lane);
        }
    }

    /// Cancels what runs over a connection, and exchanges that: who was cut off in the middle leaves it in a state that only PostgreSQL
    /// knows, and it may never tell.
    async fn cancel(&self, lane: usize) {
        let Some(lane) = self.lanes.get(lane) else {
            return;
        };
        if let Some(backend) = lane.backend() {
            self.pulse.cancel(backend).await;
        }
        lane.renew();
    }
}

/// A connection that somebody has borrowed.
#[derive(Debug)]
pub struct Lease {
    connection: Arc<Connection>,
    inner: Arc<Inner>,
    lane: usize,
    turn: Option<OwnedSemaphorePermit>,
    is_running: bool,
    in_transaction: bool,
}

impl Lease {
    /// The connection.
    #[must_use]
    pub fn connection(&self) -> Arc<Connection> {
        Arc::clone(&self.connection)
    }

    /// Begins a transaction by a statement that does. One that isn't ended is taken back when the lease goes, before anybody else gets the
    /// connection.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub async fn begin(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        // It is one if nobody hears whether it was begun.
        self.in_transaction = true;
        self.run(connection.execute_unprepared(sql)).await
    }

    /// Ends the transaction by a statement that does.
    ///
    /// # Errors
    ///
    /// Those of [`Self::run`].
    pub async fn end(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection();
        let ended = self.run(connection.execute_unprepared(sql)).await;
        self.in_transaction = ended.is_err();
        ended
    }

    /// Runs a statement over it. Who stops waiting for it has it cancelled, once the lease goes as well.
    ///
    /// # Errors
    ///
    /// Those of the statement; that of a lost connection when PostgreSQL falls silent.
    pub async fn run<T>(
        &mut self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.is_running = true;
        let watched = self.inner.pulse.watch(statement).await;
        self.is_running = false;
        let result = watched.unwrap_or_else(|silent| {
            self.inner.renew(self.lane);
            Err(silent.into())
        });
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
        let (is_running, connection) = (self.is_running, self.connection());
        if !is_running && !self.in_transaction {
            give_back(&inner);
        } else if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Nobody else gets the connection before, and has what it runs cancelled.
            runtime.spawn(async move {
                if is_running {
                    inner.cancel(lane).await;
                } else {
                    inner.take_back(lane, &connection).await;
                }
                give_back(&inner);
            });
        }
    }
}
