//! The workers' pools of connections, as they are seen from outside.
//!
//! A pool tells how many connections it has and how many of them are idle, not who waits for one. But whoever wants one says so here;
//! and those who want one and have none, wait.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};
use sea_orm::DatabaseConnection;

use crate::observe::Histogram;

/// All pools of the process. Clones are the same.
#[derive(Clone, Debug)]
pub struct Pools {
    watched: Arc<Mutex<Vec<Weak<Inner>>>>,
    statements: Histogram,
}

/// One pool, and what is done over it. Clones are the same; once all are gone, the pool isn't told of any more.
#[derive(Clone, Debug)]
pub struct PoolWatch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: DatabaseConnection,
    /// How many want a connection, those who have one among them.
    wanted: AtomicU64,
    statements: Histogram,
}

/// Somebody wants a connection, or has one.
#[derive(Debug)]
pub struct Wanted(PoolWatch);

impl Pools {
    /// None yet; how long statements take is counted by `statements`.
    #[must_use]
    pub fn new(statements: Histogram) -> Self {
        Self {
            watched: Arc::default(),
            statements,
        }
    }

    /// Watches over a pool, until what is returned is gone.
    #[must_use]
    pub fn watch(&self, connection: &DatabaseConnection) -> PoolWatch {
        let inner = Arc::new(Inner {
            connection: connection.clone(),
            wanted: AtomicU64::new(0),
            statements: self.statements.clone(),
        });
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|pool| pool.strong_count() > 0);
        watched.push(Arc::downgrade(&inner));
        PoolWatch(inner)
    }

    fn count(&self) -> Counts {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let pools = watched.iter().filter_map(Weak::upgrade);
        pools.fold(Counts::default(), |sum, pool| sum.and(&pool.count()))
    }
}

impl PoolWatch {
    /// Counts somebody who wants a connection, or has one, as long as what is returned is there.
    #[must_use]
    pub fn want(&self) -> Wanted {
        self.0.wanted.fetch_add(1, Ordering::Relaxed);
        Wanted(self.clone())
    }

    /// Counts a statement that took so long.
    pub fn took(&self, time: Duration) {
        self.0.statements.observe_time(time);
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.0.wanted.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Inner {
    fn count(&self) -> Counts {
        let pool = self.connection.get_postgres_connection_pool();
        let idle = u64::try_from(pool.num_idle()).unwrap_or(u64::MAX);
        let used = u64::from(pool.size()).saturating_sub(idle);
        Counts {
            idle,
            used,
            waiting: self.wanted.load(Ordering::Relaxed).saturating_sub(used),
            most: pool.options().get_max_connections().into(),
        }
    }
}

/// What there is of connections, and who waits for some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    idle: u64,
    used: u64,
    waiting: u64,
    most: u64,
}

impl Counts {
    fn and(self, other: &Self) -> Self {
        Self {
            idle: self.idle + other.idle,
            used: self.used + other.used,
            waiting: self.waiting + other.waiting,
            most: self.most + other.most,
        }
    }
}

impl Collector for Pools {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let counts = self.count();
        let mut connections = encoder.encode_descriptor(
            "marquee_database_connections",
            "The workers' connections to PostgreSQL.",
            None,
            MetricType::Gauge,
        )?;
        for (state, count) in [("idle", counts.idle), ("used", counts.used)] {
            gauge(count).encode(connections.encode_family(&[("state", state)])?)?;
        }
        let most = encoder.encode_descriptor(
            "marquee_database_connections_limit",
            "How many connections the workers may open.",
            None,
            MetricType::Gauge,
        )?;
        gauge(counts.most).encode(most)?;
        let waiting = encoder.encode_descriptor(
            "marquee_database_waiting",
            "Statements and transactions that wait for a connection.",
            None,
            MetricType::Gauge,
        )?;
        gauge(counts.waiting).encode(waiting)
    }
}

fn gauge(count: u64) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX))
}
