//! The metrics of the server, with their names.

pub mod gauge;
pub mod labels;

use std::{fmt, time::SystemTime};

use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};

use self::{
    gauge::GaugeGuard,
    labels::{
        ANONYMOUS_OPERATION, CompletedOperation, Protocol, ProtocolLabel, RequestLabels, Transport,
        TransportLabel,
    },
};
use crate::{
    database::pool_metrics::PoolRegistry,
    http::observe::process::ProcessMetrics,
    metrics::{CacheMetrics, Histogram, LabeledMetrics, NameIndexMetrics, Unit},
};

/// The maximum number of error codes as labels. There are fewer, and they are constants. The limit is a safeguard
/// against unbounded labels.
const MAX_ERROR_CODES: usize = 100;

/// The histogram buckets of durations in microseconds, from 0.5 ms to 30 s.
const DURATION_BUCKETS: &[u64] = &[
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000, 30_000_000,
];

/// The histogram buckets of costs, from a single field to more than any limit allows.
const COST_BUCKETS: &[u64] = &[
    1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 1_000_000,
];

/// The histogram buckets of statements and of round trips.
const STATEMENT_BUCKETS: &[u64] = &[0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100];

/// The metrics of the server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: LabeledMetrics<Histogram>,
    costs: Histogram,
    rejections: LabeledMetrics<Counter>,
    errors: LabeledMetrics<Counter>,
    statements: Histogram,
    round_trips: Histogram,
    streams: Family<TransportLabel, Gauge>,
    malformed: Family<ProtocolLabel, Counter>,
    subscriptions: Gauge,
    documents: CacheMetrics,
    responses: CacheMetrics,
    names: NameIndexMetrics,
    notifications: Counter,
    pools: PoolRegistry,
}

impl Metrics {
    /// Creates the metrics with all counters at 0. `operations` is the maximum number of operation names as labels, and
    /// `started` is the start time of the process.
    #[must_use]
    pub fn new(operations: u16, started: SystemTime) -> Self {
        let [statements, waits] =
            [(); 2].map(|()| Histogram::new(Unit::Microseconds, DURATION_BUCKETS));
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            durations: LabeledMetrics::new("operation", operations.into(), || {
                Histogram::new(Unit::Microseconds, DURATION_BUCKETS)
            }),
            costs: Histogram::new(Unit::Count, COST_BUCKETS),
            rejections: LabeledMetrics::new("code", MAX_ERROR_CODES, Counter::default),
            errors: LabeledMetrics::new("code", MAX_ERROR_CODES, Counter::default),
            statements: Histogram::new(Unit::Count, STATEMENT_BUCKETS),
            round_trips: Histogram::new(Unit::Count, STATEMENT_BUCKETS),
            streams: Family::default(),
            malformed: Family::default(),
            subscriptions: Gauge::default(),
            documents: CacheMetrics::default(),
            responses: CacheMetrics::default(),
            names: NameIndexMetrics::default(),
            notifications: Counter::default(),
            pools: PoolRegistry::new(statements.clone(), waits.clone()),
        };
        metrics.register_operations();
        metrics.register_database(statements, waits);
        metrics.register_transports_and_caches(started);
        metrics
    }

    fn register_operations(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "marquee_requests",
            "Completed operations, by transport, operation type and outcome",
            self.requests.clone(),
        );
        registry.register(
            "marquee_operation_duration_seconds",
            "Duration of queries and mutations, by operation name",
            self.durations.clone(),
        );
        registry.register(
            "marquee_operation_cost",
            "Cost of operations, calculated before their execution",
            self.costs.clone(),
        );
        registry.register(
            "marquee_operation_statements",
            "SQL statements per query or mutation",
            self.statements.clone(),
        );
        registry.register(
            "marquee_operation_round_trips",
            "Sequential database round trips per query or mutation",
            self.round_trips.clone(),
        );
        registry.register(
            "marquee_refusals",
            "Rejected operations, by error code",
            self.rejections.clone(),
        );
        registry.register(
            "marquee_errors",
            "Errors in the responses of executed operations, by error code",
            self.errors.clone(),
        );
    }

    fn register_database(&mut self, statements: Histogram, waits: Histogram) {
        let registry = &mut self.registry;
        registry.register(
            "marquee_database_statement_duration_seconds",
            "Duration of SQL statements, including the wait for a connection",
            statements,
        );
        registry.register(
            "marquee_database_wait_seconds",
            "Wait of statements and transactions for a connection",
            waits,
        );
    }

    fn register_transports_and_caches(&mut self, started: SystemTime) {
        let registry = &mut self.registry;
        registry.register(
            "marquee_open_streams",
            "Open WebSockets and event streams",
            self.streams.clone(),
        );
        registry.register(
            "marquee_subscriptions",
            "Running subscriptions",
            self.subscriptions.clone(),
        );
        registry.register(
            "marquee_malformed_connections",
            "Connections that were closed because the client sent malformed bytes, by protocol",
            self.malformed.clone(),
        );
        self.documents.register(
            registry,
            "document",
            [
                "Documents that were in the cache, and not parsed and validated again",
                "Documents that were not in the cache",
                "Size of the cached documents",
            ],
        );
        self.responses.register(
            registry,
            "answer",
            [
                "Queries whose response was cached, and that were not executed again",
                "Queries whose response was not cached, or was stale",
                "Size of the cached responses",
            ],
        );
        self.names.register(registry);
        registry.register(
            "marquee_changes_heard",
            "Change notifications from PostgreSQL that invalidate cached responses and rows",
            self.notifications.clone(),
        );
        for transport in [Transport::WebSocket, Transport::EventStream] {
            let transport = transport.name();
            drop(self.streams.get_or_create(&TransportLabel { transport }));
        }
        for protocol in Protocol::ALL.map(Protocol::name) {
            drop(self.malformed.get_or_create(&ProtocolLabel { protocol }));
        }
        registry.register(
            "marquee_build",
            "Version of the server",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register_collector(Box::new(self.pools.clone()));
        registry.register_collector(Box::new(ProcessMetrics::new(started)));
    }

    /// Counts a completed operation.
    pub fn count(&self, operation: &CompletedOperation<'_>) {
        let labels = RequestLabels {
            transport: operation.transport.name(),
            operation_type: operation.kind,
            outcome: operation.outcome.name(),
        };
        self.requests.get_or_create(&labels).inc();
        if let Some(cost) = operation.cost {
            self.costs.observe(cost.into());
        }
        if let Some(duration) = operation.duration {
            let name = operation.name.unwrap_or(ANONYMOUS_OPERATION);
            self.durations
                .with(name, |times| times.observe_duration(duration));
        }
        if let Some(cost) = operation.database_cost {
            self.statements.observe(cost.statements.into());
            self.round_trips.observe(cost.round_trips.into());
        }
    }

    /// Counts a rejected operation.
    pub fn count_rejection(&self, code: &str) {
        self.rejections.with(code, |rejections| {
            rejections.inc();
        });
    }

    /// Counts an error in a response.
    pub fn count_error(&self, code: &str) {
        self.errors.with(code, |errors| {
            errors.inc();
        });
    }

    /// Counts a connection that was closed because of malformed bytes.
    pub fn count_malformed(&self, protocol: Protocol) {
        let protocol = protocol.name();
        let label = ProtocolLabel { protocol };
        self.malformed.get_or_create(&label).inc();
    }

    /// Counts a WebSocket or an event stream as open until the returned guard is dropped.
    #[must_use]
    pub fn track_stream(&self, transport: Transport) -> GaugeGuard {
        let transport = transport.name();
        let streams = self
            .streams
            .get_or_create_owned(&TransportLabel { transport });
        GaugeGuard::new(streams)
    }

    /// Counts a subscription as running until the returned guard is dropped.
    #[must_use]
    pub fn track_subscription(&self) -> GaugeGuard {
        GaugeGuard::new(self.subscriptions.clone())
    }

    /// Returns the metrics of the document cache.
    #[must_use]
    pub fn documents(&self) -> &CacheMetrics {
        &self.documents
    }

    /// Returns the counter of change notifications.
    #[must_use]
    pub fn notifications(&self) -> &Counter {
        &self.notifications
    }

    /// Returns the metrics of the index of names.
    pub fn names(&self) -> &NameIndexMetrics {
        &self.names
    }

    /// Returns the metrics of the response cache.
    #[must_use]
    pub fn responses(&self) -> &CacheMetrics {
        &self.responses
    }

    /// Returns the metrics of the connection pools.
    #[must_use]
    pub fn pools(&self) -> &PoolRegistry {
        &self.pools
    }

    /// Encodes all metrics in the text format of `OpenMetrics`.
    ///
    /// # Errors
    ///
    /// When a metric can't be encoded.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut encoded = String::with_capacity(16 * 1024);
        text::encode(&mut encoded, &self.registry)?;
        Ok(encoded)
    }
}
