//! What is known of a request by and by, and told when it ends: to the metrics, to the log, and to its trace.
//!
//! A request ends when the last who has its observation lets go of it, so one that is cut off is told of as well.

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

/// What is known of a request. Clones know the same.
#[derive(Clone, Debug)]
pub struct Observation(Rc<State>);

/// See [`Observation`].
#[derive(Debug)]
pub(super) struct State {
    pub(super) observer: Arc<Observer>,
    pub(super) id: RequestId,
    /// The request's span in the log, once anything may be logged: all lines below it name its id.
    line: OnceCell<Span>,
    /// The root of its spans in a trace; none without a collector.
    pub(super) root: Span,
    pub(super) started: Instant,
    /// By what an operation came; `None` for a request that is about none, such as for a page.
    pub(super) transport: Cell<Option<Transport>>,
    pub(super) kind: Cell<Option<OperationType>>,
    pub(super) name: OnceCell<Box<str>>,
    /// The hash of its document.
    pub(super) document: Cell<Option<[u8; 32]>>,
    pub(super) cost: Cell<Option<u32>>,
    pub(super) session: OnceCell<Session>,
    pub(super) outcome: Cell<Outcome>,
    /// The code of the first error.
    pub(super) code: OnceCell<Box<str>>,
    pub(super) status: Cell<Option<u16>>,
    /// What is counted while the operation runs.
    pub(super) held: RefCell<[Option<Held>; 2]>,
    /// The pattern of paths that a request fits which is about no operation.
    pub(super) route: OnceCell<String>,
    pub(super) is_refused: Cell<bool>,
}

impl Observation {
    /// Begins with a request as it comes in. `None` where nothing is observed.
    pub fn of_request(request: &ServiceRequest) -> Option<Self> {
        let observer = request.app_data::<web::Data<Observer>>()?;
        let headers = request.headers();
        let brought = headers.get(X_REQUEST_ID).and_then(RequestId::brought);
        let observation = Self::begin(observer, brought);
        let root = &observation.0.root;
        if !root.is_disabled() {
            root.record("http.request.method", request.method().as_str());
            let above = TraceContextPropagator::new()
                .extract_with_context(&Context::new(), &Headers(headers));
            // It can't have been started yet, nor is it disabled.
            let _ = root.set_parent(above);
        }
        Some(observation)
    }

    /// The observation of a request that is to be an operation.
    pub fn of_operation(request: &HttpRequest, observer: &Arc<Observer>) -> Self {
        let begun = request.extensions().get::<Self>().cloned();
        let observation = begun.unwrap_or_else(|| Self::begin(observer, None));
        observation.0.transport.set(Some(Transport::Http));
        observation
    }

    /// Begins with an operation that comes over a socket.
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

    /// What the request is called.
    pub fn id(&self) -> &RequestId {
        &self.0.id
    }

    /// Runs something within the request's spans.
    pub fn within<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        // The log knows nothing of the root, nor the trace of the line; each finds its own among those that are entered.
        future
            .instrument(self.0.line().clone())
            .instrument(self.0.root.clone())
    }

    /// Does something within the request's spans.
    pub fn scope<T>(&self, act: impl FnOnce() -> T) -> T {
        self.0.root.in_scope(|| self.0.line().in_scope(act))
    }

    /// What the request does costs what this session tells.
    pub fn charge(&self, session: &Session) {
        // A request has one session; if it had another, the first would count.
        let _ = self.0.session.set(session.clone());
    }

    /// What the operation is.
    pub fn prepared(&self, facts: &Facts) {
        let state = &self.0;
        state.kind.set(Some(facts.kind));
        state.cost.set(Some(facts.cost));
        state.document.set(state.observer.slow.map(|_| facts.hash));
        if let Some(name) = facts.name.as_deref().and_then(named::label) {
            let _ = state.name.set(name.into());
        }
        if facts.kind == OperationType::Subscription {
            // It is stopped by whom it is for, which is no failure.
            state.outcome.set(Outcome::Ok);
        }
    }

    /// The operation runs, and has a place among those that go on.
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

    /// The operation is refused, or failed as a whole.
    pub fn refused(&self, refusal: Refusal) -> Refusal {
        self.note_refusal(refusal.codes());
        refusal
    }

    /// The same for one who keeps the refusal.
    pub fn note_refusal<'a>(&self, mut codes: impl Iterator<Item = &'a str> + Clone) {
        let state = &self.0;
        state.outcome.set(Outcome::of(false, codes.clone()));
        let was_refused = state.is_refused.replace(true);
        if let Some(code) = codes.next().filter(|_| !was_refused) {
            state.observer.metrics.refused(code);
            state.code.get_or_init(|| code.into());
        }
    }

    /// The operation was answered with what was kept.
    pub fn known(&self) {
        self.0.outcome.set(Outcome::Ok);
    }

    /// The operation gave a result.
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

    /// The answer's head is known. A path is told by the pattern that it fits: anything may stand in one.
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
    /// The request's span in the log. To make it costs a tenth of an answer that is kept, so it is made by who first may log something.
    pub(super) fn line(&self) -> &Span {
        // Whatever is logged at all has to name its request.
        let made = || tracing::error_span!(parent: None, "request", request.id = self.id.as_str());
        self.line.get_or_init(made)
    }
}

/// The headers of a request, in which a trace may be named.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
