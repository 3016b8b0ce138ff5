//! Metrics of the workers' connection pools.

use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use super::pool::{
    Pool,
    counts::{PoolCounts, Shares},
};
use crate::metrics::Histogram;

/// The pools of the process. Clones share them.
#[derive(Clone, Debug)]
pub struct PoolRegistry {
    pools: Arc<Mutex<Vec<Weak<Inner>>>>,
    statements: Histogram,
    waits: Histogram,
}

/// The metrics of one pool. Clones share them. Once all clones are dropped, the pool is no longer counted.
#[derive(Clone, Debug)]
pub struct PoolMetrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool,
    statements: Histogram,
    waits: Histogram,
}

impl PoolRegistry {
    /// Creates an empty list of pools. `statements` records the durations of statements, and `waits` those of the waits
    /// for a connection.
    #[must_use]
    pub fn new(statements: Histogram, waits: Histogram) -> Self {
        Self {
            pools: Arc::default(),
            statements,
            waits,
        }
    }

    /// Adds the pool of a worker. It is counted until the returned value is dropped.
    #[must_use]
    pub fn register(&self, pool: &Pool) -> PoolMetrics {
        let inner = Arc::new(Inner {
            pool: pool.clone(),
            statements: self.statements.clone(),
            waits: self.waits.clone(),
        });
        let mut pools = self.pools.lock();
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(Arc::downgrade(&inner));
        PoolMetrics(inner)
    }

    fn counts(&self) -> PoolCounts {
        let pools = self.pools.lock();
        let registered = pools.iter().filter_map(Weak::upgrade);
        registered.fold(PoolCounts::default(), |sum, pool| {
            sum.sum(pool.pool.counts())
        })
    }
}

impl PoolMetrics {
    /// Records the duration of a statement.
    pub fn observe_statement(&self, duration: Duration) {
        self.0.statements.observe_duration(duration);
    }

    /// Records the duration of a wait for a connection.
    pub fn observe_wait(&self, duration: Duration) {
        self.0.waits.observe_duration(duration);
    }
}

impl Collector for PoolRegistry {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let counts = self.counts();
        let mut connections = encoder.encode_descriptor(
            "marquee_database_connections",
            "The workers' connections to PostgreSQL.",
            None,
            MetricType::Gauge,
        )?;
        for (state, count) in [("idle", counts.idle), ("used", counts.used)] {
            gauge(count).encode(connections.encode_family(&[("state", state)])?)?;
        }
        encode_gauge(
            &mut encoder,
            "marquee_database_connections_limit",
            "Maximum number of connections that the workers may open.",
            counts.max,
        )?;
        encode_gauge(
            &mut encoder,
            "marquee_database_waiting",
            "Statements and transactions that wait for a connection.",
            counts.waiting,
        )?;
        encode_shares(&counts.shares, &mut encoder)
    }
}

fn encode_shares(shares: &Shares, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let mut callers = encoder.encode_descriptor(
        "marquee_database_callers",
        "Callers, by worker, that hold or wait for a connection.",
        None,
        MetricType::Gauge,
    )?;
    for (state, count) in [
        ("holding", shares.callers),
        ("waiting", shares.waiting_callers),
    ] {
        gauge(count).encode(callers.encode_family(&[("state", state)])?)?;
    }
    encode_gauge(
        encoder,
        "marquee_database_largest_share",
        "The most connections of a worker that one caller holds.",
        shares.largest,
    )?;
    encode_gauge(
        encoder,
        "marquee_database_expensive",
        "Connections that run expensive statements.",
        shares.expensive,
    )?;
    let mut refused = encoder.encode_descriptor(
        "marquee_database_refused",
        "Statements and transactions that got no connection, because their caller was over its share, or because all callers asked for too much.",
        None,
        MetricType::Counter,
    )?;
    for (reason, count) in [
        ("over_share", shares.refused_over_share),
        ("overloaded", shares.refused_overloaded),
    ] {
        ConstCounter::new(count).encode(refused.encode_family(&[("reason", reason)])?)?;
    }
    Ok(())
}

fn encode_gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    count: u64,
) -> fmt::Result {
    let descriptor = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    gauge(count).encode(descriptor)
}

fn gauge(count: u64) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX))
}
