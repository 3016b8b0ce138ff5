//! The data about a request that is collected while it runs and reported when it ends.
//!
//! A request ends when the last clone of its observation is dropped, so a cancelled request is reported as well.

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Instant,
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
        answer::{self, Refusal, code_of},
        prepare::Facts,
    },
    Observer, RequestId, X_REQUEST_ID,
};
use crate::{
    database::session::Session,
    error::code,
    http::observe::{
        instruments::{Held, Transport},
        outcome::Outcome,
    },
    observe::{TRACES, named},
};

/// The data about a request. Clones share it.
#[derive(Clone, Debug)]
pub struct Observation(Rc<State>);

/// See [`Observation`].
#[derive(Debug)]
pub(super) struct State {
    pub(super) observer: Arc<Observer>,
    pub(super) id: RequestId,
    /// The log span with the request's id. It is created before the first line can be logged.
    line: OnceCell<Span>,
    /// The root span of the trace. It is disabled without a collector.
    pub(super) root: Span,
    pub(super) started: Instant,
    /// The transport of an operation; `None` for a request of another route.
    pub(super) transport: Cell<Option<Transport>>,
    pub(super) kind: Cell<Option<OperationType>>,
    pub(super) name: OnceCell<Box<str>>,
    /// The hash of the document.
    pub(super) document: Cell<Option<[u8; 32]>>,
    pub(super) cost: Cell<Option<u32>>,
    pub(super) session: OnceCell<Session>,
    pub(super) outcome: Cell<Outcome>,
    /// The code of the first error.
    pub(super) code: OnceCell<Box<str>>,
    pub(super) status: Cell<Option<u16>>,
    /// The gauges that count the operation while it runs.
    pub(super) held: RefCell<[Option<Held>; 2]>,
    /// The route pattern of a request that is not an operation.
    pub(super) route: OnceCell<String>,
    pub(super) is_refused: Cell<bool>,
}

impl Observation {
    /// Starts the observation of a request. Returns `None` if the application has no observer.
    pub fn of_request(request: &ServiceRequest) -> Option<Self> {
        let observer = request.app_data::<web::Data<Observer>>()?;
        let headers = request.headers();
        let brought = headers.get(X_REQUEST_ID).and_then(RequestId::brought);
        let observation = Self::begin(observer, brought);
        let root = &observation.0.root;
        if !root.is_disabled() {
            root.record("http.request.method", request.method().as_str());
            let parent = TraceContextPropagator::new()
                .extract_with_context(&Context::new(), &Headers(headers));
            // This fails only for a span that is started or disabled.
            let _ = root.set_parent(parent);
        }
        Some(observation)
    }

    /// Returns the observation of a request to the GraphQL endpoint.
    pub fn of_operation(request: &HttpRequest, observer: &Arc<Observer>) -> Self {
        let started = request.extensions().get::<Self>().cloned();
        let observation = started.unwrap_or_else(|| Self::begin(observer, None));
        observation.0.transport.set(Some(Transport::Http));
        observation
    }

    /// Starts the observation of an operation over a WebSocket.
    pub fn on_socket(observer: &Arc<Observer>) -> Self {
        let observation = Self::begin(observer, None);
        observation.0.transport.set(Some(Transport::WebSocket));
        observation
    }

    fn begin(observer: &Arc<Observer>, brought: Option<RequestId>) -> Self {
        let id = brought.unwrap_or_else(|| observer.ids.next());
        let root = tracing::info_span!(
            target: TRACES,
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
        Self(Rc::new(State {
            line: OnceCell::new(),
            root,
            id,
            observer: Arc::clone(observer),
            started: Instant::now(),
            transport: Cell::new(None),
            kind: Cell::new(None),
            name: OnceCell::new(),
            document: Cell::new(None),
            cost: Cell::new(None),
            session: OnceCell::new(),
            outcome: Cell::new(Outcome::Cancelled),
            code: OnceCell::new(),
            status: Cell::new(None),
            held: RefCell::default(),
            route: OnceCell::new(),
            is_refused: Cell::new(false),
        }))
    }

    /// Returns the id of the request.
    pub fn id(&self) -> &RequestId {
        &self.0.id
    }

    /// Runs a future within the request's spans.
    pub fn within<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        // The log layer ignores the root span, and the trace layer ignores the log span.
        future
            .instrument(self.0.line().clone())
            .instrument(self.0.root.clone())
    }

    /// Calls a function within the request's spans.
    pub fn scope<T>(&self, act: impl FnOnce() -> T) -> T {
        self.0.root.in_scope(|| self.0.line().in_scope(act))
    }

    /// Sets the session that counts the SQL statements of the request.
    pub fn charge(&self, session: &Session) {
        // A request has one session. If it is set twice, the first one counts.
        let _ = self.0.session.set(session.clone());
    }

    /// Records the properties of the operation.
    pub fn prepared(&self, facts: &Facts) {
        let state = &self.0;
        state.kind.set(Some(facts.kind));
        state.cost.set(Some(facts.cost));
        state.document.set(state.observer.slow.map(|_| facts.hash));
        if let Some(name) = facts.name.as_deref().and_then(named::label) {
            let _ = state.name.set(name.into());
        }
        if facts.kind == OperationType::Subscription {
            // A subscription is normally stopped by its client, which is not a cancellation.
            state.outcome.set(Outcome::Ok);
        }
    }

    /// Records that a streaming operation runs, and counts it in the gauges until it ends.
    pub fn goes_on(&self, transport: Transport) {
        let (state, metrics) = (&self.0, &self.0.observer.metrics);
        state.transport.set(Some(transport));
        let is_subscription = state.kind.get() == Some(OperationType::Subscription);
        let is_stream = transport == Transport::EventStream;
        state.held.replace([
            is_subscription.then(|| metrics.subscription()),
            is_stream.then(|| metrics.open_stream(transport)),
        ]);
    }

    /// Records that the operation was rejected or failed as a whole. Returns the error.
    pub fn refused(&self, refusal: Refusal) -> Refusal {
        self.note_refusal(refusal.codes());
        refusal
    }

    /// Records the codes of an operation that was rejected or failed as a whole.
    pub fn note_refusal<'a>(&self, mut codes: impl Iterator<Item = &'a str> + Clone) {
        let state = &self.0;
        state.outcome.set(Outcome::of(false, codes.clone()));
        let was_refused = state.is_refused.replace(true);
        if let Some(code) = codes.next().filter(|_| !was_refused) {
            state.observer.metrics.refused(code);
            state.code.get_or_init(|| code.into());
        }
    }

    /// Records a hit in the response cache.
    pub fn known(&self) {
        self.0.outcome.set(Outcome::Ok);
    }

    /// Records the response of an execution.
    pub fn executed(&self, response: &Response) {
        let state = &self.0;
        if !answer::is_executed(response) {
            let codes = response.errors.iter();
            return self.note_refusal(codes.map(|error| code_of(error, code::VALIDATION_FAILED)));
        }
        let codes = response.errors.iter();
        let codes = codes.map(|error| code_of(error, code::INVALID_VALUE));
        for code in codes.clone() {
            state.observer.metrics.error(code);
            state.code.get_or_init(|| code.into());
        }
        state.outcome.set(Outcome::of(true, codes));
    }

    /// Records the response's status, and the route pattern. The path itself is not recorded, because a client chooses
    /// it.
    pub fn answered(&self, status: u16, request: &HttpRequest) {
        let state = &self.0;
        state.status.set(Some(status));
        if state.transport.get().is_none() {
            let route = request.match_pattern();
            state.route.get_or_init(|| route.unwrap_or_default());
        }
    }
}

impl State {
    /// Returns the log span of the request. Creating it takes a tenth of the time of a cache hit, so it is created on
    /// first use.
    pub(super) fn line(&self) -> &Span {
        // The level is `error` so that every log line has the request id.
        let create =
            || tracing::error_span!(parent: None, "request", request.id = self.id.as_str());
        self.line.get_or_init(create)
    }
}

/// The headers of a request, as a carrier of the trace context.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
