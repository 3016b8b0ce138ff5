//! The workers' connections, as they are seen from outside.

use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};

use super::lanes::{Counts, Lanes};
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
    lanes: Lanes,
    statements: Histogram,
}

impl Pools {
    /// None yet; how long statements take is counted by `statements`.
    #[must_use]
    pub fn new(statements: Histogram) -> Self {
        Self {
            watched: Arc::default(),
            statements,
        }
    }

    /// Watches over a worker's connections, until what is returned is gone.
    #[must_use]
    pub fn watch(&self, lanes: &Lanes) -> PoolWatch {
        let inner = Arc::new(Inner {
            lanes: lanes.clone(),
            statements: self.statements.clone(),
        });
        let mut watched = self.watched.lock();
        watched.retain(|pool| pool.strong_count() > 0);
        watched.push(Arc::downgrade(&inner));
        PoolWatch(inner)
    }

    fn count(&self) -> Counts {
        let watched = self.watched.lock();
        let pools = watched.iter().filter_map(Weak::upgrade);
        pools.fold(Counts::default(), |sum, pool| sum.and(pool.lanes.count()))
    }
}

impl PoolWatch {
    /// Counts a statement that took so long.
    pub fn took(&self, time: Duration) {
        self.0.statements.observe_time(time);
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
