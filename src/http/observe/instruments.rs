//! All that is counted, under its name.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, info::Info},
    registry::Registry,
};

use crate::{
    database::{pools::Pools, session::Cost},
    http::observe::{outcome::Outcome, process::Process},
    observe::{CacheMetrics, Histogram, Named, Unit},
};

/// The name of operations that have none.
pub const ANONYMOUS: &str = "anonymous";

/// How many codes of errors are told apart. There are fewer, and they are constants; the bound is for none to be forgotten.
const MOST_CODES: usize = 100;

/// From half a millisecond to half a minute, in microseconds.
const TIMES: &[u64] = &[
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000, 30_000_000,
];

/// From a field to what no limit lets through.
const COSTS: &[u64] = &[
    1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 1_000_000,
];

/// Statements, and those of them that had to wait for one another.
const STATEMENTS: &[u64] = &[0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100];

/// By what an operation came, and its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One request, one answer.
    Http,
    /// Server-sent events.
    EventStream,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// The word for it in metrics and logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::EventStream => "event_stream",
            Self::WebSocket => "websocket",
        }
    }
}

/// An operation that has ended, as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// By what it came.
    pub transport: Transport,
    /// `query`, `mutation`, `subscription`, or `unknown` when nobody could tell.
    pub kind: &'static str,
    /// Its name, if it has one.
    pub name: Option<&'a str>,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, if it was executed and has an end of its own.
    pub duration: Option<Duration>,
    /// What it was expected to cost, once that was known.
    pub cost: Option<u32>,
    /// What it did cost, if it was executed and has an end of its own.
    pub spent: Option<Cost>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    transport: &'static str,
    operation_type: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransportLabel {
    transport: &'static str,
}

/// All that a server counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Named<Histogram>,
    costs: Histogram,
    refusals: Named<Counter>,
    errors: Named<Counter>,
    statements: Histogram,
    round_trips: Histogram,
    streams: Family<TransportLabel, Gauge>,
    subscriptions: Gauge,
    documents: CacheMetrics,
    answers: CacheMetrics,
    heard: Counter,
    pools: Pools,
}

impl Metrics {
    /// Nothing is counted yet. `operations` is how many names of operations are told apart; the process `started` then.
    #[must_use]
    pub fn new(operations: u16, started: SystemTime) -> Self {
        let statements = Histogram::new(Unit::Microseconds, TIMES);
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            durations: Named::new("operation", operations.into(), || {
                Histogram::new(Unit::Microseconds, TIMES)
            }),
            costs: Histogram::new(Unit::One, COSTS),
            refusals: Named::new("code", MOST_CODES, Counter::default),
            errors: Named::new("code", MOST_CODES, Counter::default),
            statements: Histogram::new(Unit::One, STATEMENTS),
            round_trips: Histogram::new(Unit::One, STATEMENTS),
            streams: Family::default(),
            subscriptions: Gauge::default(),
            documents: CacheMetrics::default(),
            answers: CacheMetrics::default(),
            heard: Counter::default(),
            pools: Pools::new(statements.clone()),
        };
        metrics.register_operations();
        metrics.register_rest(statements, started);
        metrics
    }

    fn register_operations(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "marquee_requests",
            "Operations that ended, by how they came, what they were and how they ended",
            self.requests.clone(),
        );
        registry.register(
            "marquee_operation_duration_seconds",
            "How long queries and mutations took, by the name of the operation",
            self.durations.clone(),
        );
        registry.register(
            "marquee_operation_cost",
            "What operations were expected to cost, told before they were executed",
            self.costs.clone(),
        );
        registry.register(
            "marquee_operation_statements",
            "SQL statements of a query or mutation",
            self.statements.clone(),
        );
        registry.register(
            "marquee_operation_round_trips",
            "Statements of a query or mutation that had to wait for one another",
            self.round_trips.clone(),
        );
        registry.register(
            "marquee_refusals",
            "Operations that were not executed, by the code of the error",
            self.refusals.clone(),
        );
        registry.register(
            "marquee_errors",
            "Errors in the answers of executed operations, by code",
            self.errors.clone(),
        );
    }

    fn register_rest(&mut self, statements: Histogram, started: SystemTime) {
        let registry = &mut self.registry;
        registry.register(
            "marquee_open_streams",
            "WebSockets and event streams that are open",
            self.streams.clone(),
        );
        registry.register(
            "marquee_subscriptions",
            "Subscriptions that run",
            self.subscriptions.clone(),
        );
        registry.register(
            "marquee_database_statement_duration_seconds",
            "How long SQL statements took, with the wait for a connection",
            statements,
        );
        self.documents.register(
            registry,
            "document",
            [
                "Documents that were known, and neither parsed nor validated again",
                "Documents that were not known",
                "What the known documents weigh",
            ],
        );
        self.answers.register(
            registry,
            "answer",
            [
                "Queries whose answer was kept, and that were not executed again",
                "Queries whose answer was not kept, or had become old",
                "What the kept answers weigh",
            ],
        );
        registry.register(
            "marquee_changes_heard",
            "How often the database told what has changed, so that nothing old of it is shown",
            self.heard.clone(),
        );
        for transport in [Transport::WebSocket, Transport::EventStream] {
            let transport = transport.word();
            drop(self.streams.get_or_create(&TransportLabel { transport }));
        }
        registry.register(
            "marquee_build",
            "Which Marquee it is",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register_collector(Box::new(self.pools.clone()));
        registry.register_collector(Box::new(Process::new(started)));
    }

    /// Counts an operation that has ended.
    pub fn count(&self, finished: &Finished<'_>) {
        let labels = RequestLabels {
            transport: finished.transport.word(),
            operation_type: finished.kind,
            outcome: finished.outcome.word(),
        };
        self.requests.get_or_create(&labels).inc();
        if let Some(cost) = finished.cost {
            self.costs.observe(cost.into());
        }
        if let Some(duration) = finished.duration {
            let name = finished.name.unwrap_or(ANONYMOUS);
            self.durations
                .with(name, |times| times.observe_time(duration));
        }
        if let Some(spent) = finished.spent {
            self.statements.observe(spent.statements.into());
            self.round_trips.observe(spent.round_trips.into());
        }
    }

    /// Counts an operation that was not executed.
    pub fn refused(&self, code: &str) {
        self.refusals.with(code, |refusals| {
            refusals.inc();
        });
    }

    /// Counts an error in an answer.
    pub fn error(&self, code: &str) {
        self.errors.with(code, |errors| {
            errors.inc();
        });
    }

    /// Counts a WebSocket or an event stream as long as what is returned is there.
    #[must_use]
    pub fn open_stream(&self, transport: Transport) -> Held {
        let transport = transport.word();
        let streams = self
            .streams
            .get_or_create_owned(&TransportLabel { transport });
        Held::new(streams)
    }

    /// Counts a subscription as long as what is returned is there.
    #[must_use]
    pub fn subscription(&self) -> Held {
        Held::new(self.subscriptions.clone())
    }

    /// By which the cache of documents counts.
    #[must_use]
    pub fn documents(&self) -> &CacheMetrics {
        &self.documents
    }

    /// How often the database told what has changed.
    #[must_use]
    pub fn heard(&self) -> &Counter {
        &self.heard
    }

    /// By which the cache of answers counts.
    #[must_use]
    pub fn answers(&self) -> &CacheMetrics {
        &self.answers
    }

    /// The pools of connections to PostgreSQL.
    #[must_use]
    pub fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Everything, in the text format of `OpenMetrics`.
    ///
    /// # Errors
    ///
    /// When a metric can't be written.
    pub fn tell(&self) -> Result<String, fmt::Error> {
        let mut told = String::with_capacity(16 * 1024);
        text::encode(&mut told, &self.registry)?;
        Ok(told)
    }
}

/// Something that is there, and counted so as long as this is.
#[derive(Debug)]
pub struct Held(Gauge);

impl Held {
    fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.dec();
    }
}
