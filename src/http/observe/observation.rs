//! The data about a request that is collected while it runs and reported when it ends.
//!
//! A request ends when the last clone of its observation is dropped, so a cancelled request is reported as well.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    HttpMessage, HttpRequest,
    dev::ServiceRequest,
    http::header::{HeaderMap, HeaderName},
    web,
};
use async_graphql::{Response, parser::types::OperationType};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    super::{
        http_response::{self},
        prepare::OperationInfo,
    },
    Observer, RequestId, X_REQUEST_ID,
};
use crate::http::{error_code::code_of, http_error::HttpError};
use crate::{
    database::session::Session,
    error::code,
    http::observe::{
        instruments::{gauge::GaugeGuard, labels::Transport},
        outcome::OperationOutcome,
    },
    metrics::{TRACE_TARGET, named},
};

/// The data about a request. Clones share it.
#[derive(Clone, Debug)]
pub struct Observation(Rc<ObservationState>);

/// See [`Observation`].
#[derive(Debug)]
pub(super) struct ObservationState {
    pub(super) observer: Arc<Observer>,
    pub(super) id: RequestId,
    /// The log span with the request's id. It is created before the first line can be logged.
    log_span: OnceCell<Span>,
    /// The root span of the trace. It is disabled without a collector.
    pub(super) trace_span: Span,
    pub(super) started: Instant,
    /// The transport of an operation; `None` for a request of another route.
    pub(super) transport: Cell<Option<Transport>>,
    pub(super) kind: Cell<Option<OperationType>>,
    pub(super) name: OnceCell<Box<str>>,
    /// The hash of the document.
    pub(super) document_hash: Cell<Option<[u8; 32]>>,
    pub(super) cost: Cell<Option<u32>>,
    pub(super) session: OnceCell<Session>,
    pub(super) outcome: Cell<OperationOutcome>,
    /// The code of the first error.
    pub(super) error_code: OnceCell<Box<str>>,
    pub(super) status: Cell<Option<u16>>,
    /// The gauges that count the operation while it runs.
    pub(super) gauge_guards: RefCell<[Option<GaugeGuard>; 2]>,
    /// The route pattern of a request that is not an operation.
    pub(super) route: OnceCell<String>,
    pub(super) is_rejected: Cell<bool>,
    /// The delay of the response to a rejected request.
    pub(super) delay: Cell<Duration>,
}

impl Observation {
    /// Starts the observation of a request. Returns `None` if the application has no observer.
    pub fn of_request(request: &ServiceRequest) -> Option<Self> {
        let observer = request.app_data::<web::Data<Observer>>()?;
        let headers = request.headers();
        let client_id = headers.get(X_REQUEST_ID).and_then(RequestId::from_header);
        let observation = Self::start(observer, client_id);
        let span = &observation.0.trace_span;
        if !span.is_disabled() {
            span.record("http.request.method", request.method().as_str());
            let parent = TraceContextPropagator::new()
                .extract_with_context(&Context::new(), &HeaderCarrier(headers));
            // This fails only for a span that is started or disabled.
            let _ = span.set_parent(parent);
        }
        Some(observation)
    }

    /// Records that the response to a rejected request is delayed.
    pub fn record_delay(&self, delay: Duration) {
        self.0.delay.set(delay);
    }

    /// Returns the observation of a request to the GraphQL endpoint.
    pub fn of_operation(request: &HttpRequest, observer: &Arc<Observer>) -> Self {
        let started = request.extensions().get::<Self>().cloned();
        let observation = started.unwrap_or_else(|| Self::start(observer, None));
        observation.0.transport.set(Some(Transport::Http));
        observation
    }

    /// Starts the observation of an operation over a WebSocket.
    pub fn of_socket_operation(observer: &Arc<Observer>) -> Self {
        let observation = Self::start(observer, None);
        observation.0.transport.set(Some(Transport::WebSocket));
        observation
    }

    fn start(observer: &Arc<Observer>, client_id: Option<RequestId>) -> Self {
        let id = client_id.unwrap_or_else(|| observer.ids.next());
        let span = tracing::info_span!(
            target: TRACE_TARGET,
            parent: None,
            "request",
            otel.kind = "server",
            otel.status_code = Empty,
            request.id = id.as_str(),
            http.request.method = Empty,
            http.response.status_code = Empty,
            graphql.operation.name = Empty,
            graphql.operation.type = Empty,
            marquee.transport = Empty,
            marquee.outcome = Empty,
            marquee.cost = Empty,
        );
        Self(Rc::new(ObservationState {
            log_span: OnceCell::new(),
            trace_span: span,
            id,
            observer: Arc::clone(observer),
            started: Instant::now(),
            transport: Cell::new(None),
            kind: Cell::new(None),
            name: OnceCell::new(),
            document_hash: Cell::new(None),
            cost: Cell::new(None),
            session: OnceCell::new(),
            outcome: Cell::new(OperationOutcome::Cancelled),
            error_code: OnceCell::new(),
            status: Cell::new(None),
            gauge_guards: RefCell::default(),
            route: OnceCell::new(),
            is_rejected: Cell::new(false),
            delay: Cell::default(),
        }))
    }

    /// Returns the id of the request.
    pub fn id(&self) -> &RequestId {
        &self.0.id
    }

    /// Runs a future within the request's spans.
    pub fn in_spans<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        // The log layer ignores the root span, and the trace layer ignores the log span.
        future
            .instrument(self.0.log_span().clone())
            .instrument(self.0.trace_span.clone())
    }

    /// Calls a function within the request's spans.
    pub fn call_in_spans<T>(&self, act: impl FnOnce() -> T) -> T {
        self.0
            .trace_span
            .in_scope(|| self.0.log_span().in_scope(act))
    }

    /// Sets the session that counts the SQL statements of the request.
    pub fn set_session(&self, session: &Session) {
        // A request has one session. If it is set twice, the first one counts.
        let _ = self.0.session.set(session.clone());
    }

    /// Records the properties of the operation.
    pub fn record_operation(&self, operation: &OperationInfo) {
        let state = &self.0;
        state.kind.set(Some(operation.kind));
        state.cost.set(Some(operation.cost));
        state
            .document_hash
            .set(state.observer.slow_threshold.map(|_| operation.hash));
        if let Some(name) = operation.name.as_deref().and_then(named::label_value) {
            let _ = state.name.set(name.into());
        }
        if operation.kind == OperationType::Subscription {
            // A subscription is normally stopped by its client, which is not a cancellation.
            state.outcome.set(OperationOutcome::Ok);
        }
    }

    /// Records that a streaming operation runs, and counts it in the gauges until it ends.
    pub fn record_stream(&self, transport: Transport) {
        let (state, metrics) = (&self.0, &self.0.observer.metrics);
        state.transport.set(Some(transport));
        let is_subscription = state.kind.get() == Some(OperationType::Subscription);
        let is_stream = transport == Transport::EventStream;
        state.gauge_guards.replace([
            is_subscription.then(|| metrics.track_subscription()),
            is_stream.then(|| metrics.track_stream(transport)),
        ]);
    }

    /// Records that the operation was rejected or failed as a whole. Returns the error.
    pub fn record_error(&self, error: HttpError) -> HttpError {
        self.record_error_codes(error.codes());
        error
    }

    /// Records the codes of an operation that was rejected or failed as a whole.
    pub fn record_error_codes<'a>(&self, mut codes: impl Iterator<Item = &'a str> + Clone) {
        let state = &self.0;
        state
            .outcome
            .set(OperationOutcome::from_codes(false, codes.clone()));
        let was_rejected = state.is_rejected.replace(true);
        if let Some(code) = codes.next().filter(|_| !was_rejected) {
            state.observer.metrics.count_rejection(code);
            state.error_code.get_or_init(|| code.into());
        }
    }

    /// Records a hit in the response cache.
    pub fn record_cache_hit(&self) {
        self.0.outcome.set(OperationOutcome::Ok);
    }

    /// Records the response of an execution.
    pub fn record_response(&self, response: &Response) {
        let state = &self.0;
        if !http_response::is_executed(response) {
            let codes = response.errors.iter();
            return self
                .record_error_codes(codes.map(|error| code_of(error, code::VALIDATION_FAILED)));
        }
        let codes = response.errors.iter();
        let codes = codes.map(|error| code_of(error, code::INVALID_VALUE));
        for code in codes.clone() {
            state.observer.metrics.count_error(code);
            state.error_code.get_or_init(|| code.into());
        }
        state.outcome.set(OperationOutcome::from_codes(true, codes));
    }

    /// Records the response's status, and the route pattern. The path itself is not recorded, because a client chooses
    /// it.
    pub fn record_status(&self, status: u16, request: &HttpRequest) {
        let state = &self.0;
        state.status.set(Some(status));
        if state.transport.get().is_none() {
            let route = request.match_pattern();
            state.route.get_or_init(|| route.unwrap_or_default());
        }
    }
}

impl ObservationState {
    /// Returns the log span of the request. Creating it takes a tenth of the time of a cache hit, so it is created on
    /// first use.
    pub(super) fn log_span(&self) -> &Span {
        // The level is `error` so that every log line has the request id.
        let create =
            || tracing::error_span!(parent: None, "request", request.id = self.id.as_str());
        self.log_span.get_or_init(create)
    }
}

/// The headers of a request, as a carrier of the trace context.
struct HeaderCarrier<'a>(&'a HeaderMap);

impl Extractor for HeaderCarrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
