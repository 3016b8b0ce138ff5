//! `/graphql`, as the GraphQL over HTTP specification has it.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue},
    web,
};
use async_graphql::parser::types::OperationType;
use futures_util::FutureExt;

use super::{
    WorkerState,
    accept::{self, MediaType},
    cached_response::CachedResponse,
    deadline::{is_unavailable, mark_unreadable_payloads, with_deadline},
    event_stream,
    http_response::{self, HttpError},
    observe::Observation,
    prepare::{AuthorizedRequest, prepare},
    rate_limiting::{self, RequestMeter},
    request::{Parameters, RawRequest, request_key},
    request_body,
};
use crate::{
    access::{Viewer, authenticator::Authenticator},
    cache::response_cache::{CacheKey, Lookup as Kept},
    database::session::Session,
    graphql::budget::TextBudget,
    persisted_documents::ResolvedDocument,
};

/// A query by GET.
pub async fn get(request: HttpRequest, worker: web::Data<WorkerState>) -> HttpResponse {
    let sent = RawRequest::from_query_string(&request);
    let mut answer = respond(&request, sent, &worker).await;
    let headers = answer.headers_mut();
    match headers.get(CACHE_CONTROL) {
        // What is kept for others tells them nothing of who asked first.
        Some(control) if control.as_bytes().starts_with(b"public, max-age") => {
            headers.remove(rate_limiting::RATE_LIMIT);
            headers.remove(rate_limiting::RATE_LIMIT_POLICY);
        }
        Some(_) => {}
        // An answer that may be kept says so.
        None => {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    answer
}

/// Any operation by POST.
pub async fn post(
    request: HttpRequest,
    mut payload: web::Payload,
    worker: web::Data<WorkerState>,
) -> HttpResponse {
    let body = worker
        .shared
        .body_limits
        .read(request.headers(), &mut payload);
    let sent = body
        .await
        .and_then(|body| RawRequest::from_body(request.headers(), &body));
    let answer = respond(&request, sent, &worker).await;
    request_body::hold_unread_payload(answer, payload)
}

/// Neither GET nor POST.
pub async fn other_method(request: HttpRequest, worker: web::Data<WorkerState>) -> HttpResponse {
    let observation = Observation::of_operation(&request, &worker.shared.observer);
    let media_type = MediaType::negotiate(&request).unwrap_or(MediaType::Json);
    let refusal = HttpError::method_not_allowed("use GET or POST");
    observation.record_error(refusal).into_response(media_type)
}

async fn respond(
    request: &HttpRequest,
    sent: Result<RawRequest, HttpError>,
    worker: &web::Data<WorkerState>,
) -> HttpResponse {
    let observation = &Observation::of_operation(request, &worker.shared.observer);
    let media_type = MediaType::negotiate(request);
    let streamed = accept::accepts_event_stream(request);
    if media_type.is_none() && !streamed {
        let refusal = HttpError::not_acceptable();
        return observation
            .record_error(refusal)
            .into_response(MediaType::Json);
    }
    let mut meter = worker.meter(request);
    let asked = RequestContext {
        request,
        worker,
        observation,
        media_type,
        accepts_event_stream: streamed,
        started_at: Instant::now(),
    };
    let answer = match asked.try_cache(sent, &mut meter) {
        FastPathResult::Response(answer) => answer,
        FastPathResult::Error(refusal) => asked.error_response(refusal),
        FastPathResult::Pending(rest) => {
            // Apart: it takes kilobytes, and actix hands whatever answers a request on from one part to the next.
            let rest = Box::pin(asked.continue_request(rest, &mut meter));
            observation.in_spans(rest).await
        }
    };
    meter.add_headers(answer)
}

/// A request with what goes along with it.
struct RequestContext<'a> {
    request: &'a HttpRequest,
    worker: &'a web::Data<WorkerState>,
    observation: &'a Observation,
    /// In which type its client reads a single answer, if it does.
    media_type: Option<MediaType>,
    /// Whether its client reads a stream of events.
    accepts_event_stream: bool,
    /// When it was there, from which on its answer has a deadline.
    started_at: Instant,
}

/// A request that may be asked, with what it asks.
struct ResolvedRequest {
    viewer: Viewer,
    parameters: Parameters,
    resolved: ResolvedDocument,
    /// By which its mutations are known again, if its sender gave a key for all of it.
    idempotency_key: Option<String>,
    /// By which its answer may be kept.
    cache_key: Option<CacheKey>,
}

/// What came of a request without asking anybody.
enum FastPathResult {
    /// The answer is there.
    Response(HttpResponse),
    /// It won't do.
    Error(HttpError),
    /// More has to be done.
    Pending(PendingRequest),
}

/// How far a request has come.
enum PendingRequest {
    /// Nobody knows yet who asks.
    Unauthenticated(Box<Result<RawRequest, HttpError>>),
    /// It is known what is asked, and nothing is kept of it.
    Resolved(Box<ResolvedRequest>),
}

/// What becomes of a request that may be asked.
enum Admission {
    /// The answer is there.
    Response(HttpResponse),
    /// It is to be executed.
    Execute(Box<AuthorizedRequest>),
}

impl RequestContext<'_> {
    /// Looks for what is kept, if nobody has to be asked who it is that asks.
    fn try_cache(
        &self,
        sent: Result<RawRequest, HttpError>,
        meter: &mut RequestMeter,
    ) -> FastPathResult {
        if self.request.headers().contains_key(AUTHORIZATION) {
            return FastPathResult::Pending(PendingRequest::Unauthenticated(Box::new(sent)));
        }
        let viewer = meter.charge_authentication(None, Ok(Viewer::Anonymous));
        let entered = viewer.and_then(|viewer| self.resolve(viewer, sent, meter));
        match entered {
            Ok(entered) => match self.find_cached(&entered) {
                Some(known) => self
                    .respond_from_cache(&known, &entered, None, meter)
                    .map_or_else(FastPathResult::Error, FastPathResult::Response),
                None => FastPathResult::Pending(PendingRequest::Resolved(Box::new(entered))),
            },
            Err(refusal) => FastPathResult::Error(refusal),
        }
    }

    /// How much time is left for the answer.
    fn time_left(&self) -> Duration {
        let deadline = self.worker.shared.deadline;
        deadline.saturating_sub(self.started_at.elapsed())
    }

    /// Does what is left to do.
    async fn continue_request(
        &self,
        rest: PendingRequest,
        meter: &mut RequestMeter,
    ) -> HttpResponse {
        let (worker, observation) = (self.worker, self.observation);
        match (self.prepare(rest, meter).await, self.media_type) {
            (Err(refusal), _) => self.error_response(refusal),
            (Ok(Admission::Response(answer)), _) => answer,
            (Ok(Admission::Execute(admitted)), _)
                if admitted.operation.kind == OperationType::Subscription =>
            {
                if self.accepts_event_stream {
                    let toll = meter.event_charge(admitted.operation.kind);
                    event_stream::stream_response(
                        self.request,
                        *admitted,
                        worker,
                        observation,
                        toll,
                    )
                } else {
                    self.error_response(HttpError::subscription_not_streamed())
                }
            }
            (Ok(Admission::Execute(admitted)), Some(media_type)) => {
                self.execute(admitted, media_type).await
            }
            (Ok(Admission::Execute(admitted)), None) => {
                event_stream::stream_response(self.request, *admitted, worker, observation, None)
            }
        }
    }

    fn error_response(&self, refusal: HttpError) -> HttpResponse {
        let refusal = refusal.with_error_limit(self.worker.shared.response_limits);
        let refusal = self.observation.record_error(refusal);
        match self.media_type {
            Some(media_type) => refusal.into_response(media_type),
            None => event_stream::error_response(refusal),
        }
    }

    /// Lets a request in, if who asks may ask anything. Who may not learns nothing of its document either.
    fn resolve(
        &self,
        viewer: Viewer,
        sent: Result<RawRequest, HttpError>,
        meter: &mut RequestMeter,
    ) -> Result<ResolvedRequest, HttpError> {
        let shared = &self.worker.shared;
        require_read_access(&viewer, &shared.authenticator)?;
        let (parameters, resolved) = meter
            .charge_rejected_document(sent)?
            .resolve(&shared.documents)?;
        let key = request_key(self.request.headers())?;
        // Events are of now.
        let may_be_kept =
            self.media_type.is_some() && key.is_none() && shared.response_cache.is_enabled();
        let role = viewer.principal().map(|known| known.role);
        Ok(ResolvedRequest {
            cache_key: may_be_kept.then(|| parameters.cache_key(role)),
            viewer,
            parameters,
            resolved,
            idempotency_key: key,
        })
    }

    /// What is kept of what is asked.
    fn find_cached(&self, entered: &ResolvedRequest) -> Option<Arc<CachedResponse>> {
        self.worker
            .shared
            .response_cache
            .get(entered.cache_key.as_ref()?)
    }

    /// Prepares the request, if who asks may ask it and can pay for it. Bad credentials are told before anything else.
    async fn prepare(
        &self,
        rest: PendingRequest,
        meter: &mut RequestMeter,
    ) -> Result<Admission, HttpError> {
        let shared = &self.worker.shared;
        let session = self.worker.session();
        self.observation.set_session(&session);
        let entered = match rest {
            PendingRequest::Resolved(entered) => *entered,
            PendingRequest::Unauthenticated(sent) => {
                let viewer =
                    authenticate_and_charge(self.request, self.worker, &session, meter).await?;
                let entered = self.resolve(viewer, *sent, meter)?;
                if let Some(known) = self.find_cached(&entered) {
                    let answer =
                        self.respond_from_cache(&known, &entered, Some(&session), meter)?;
                    return Ok(Admission::Response(answer));
                }
                entered
            }
        };
        let method = self.request.method();
        let prepared = prepare(&entered.parameters, method, &shared.pipeline).await;
        let prepared = meter.charge_rejected_document(prepared)?;
        let facts = Arc::clone(prepared.operation());
        let key = entered.idempotency_key.as_ref();
        let key = key.map(|key| entered.parameters.idempotency_key(key));
        let rights = shared.authenticator.rights();
        let mut admitted = prepared.authorize(entered.viewer.clone(), session, rights)?;
        let question = entered.cache_key.as_ref();
        if let Some(question) = question.filter(|_| facts.kind == OperationType::Query) {
            let asked = shared.response_cache.lookup(question.clone());
            match with_deadline(self.time_left(), facts.kind, asked).await? {
                Kept::Hit(known) => {
                    let session = Some(&admitted.session);
                    let answer = self.respond_from_cache(&known, &entered, session, meter)?;
                    return Ok(Admission::Response(answer));
                }
                Kept::Miss(flight) => admitted.flight = Some(flight),
            }
        }
        self.observation.record_operation(&facts);
        shared.documents.cache_if_valid(&entered.resolved);
        if let Some(charged) = meter.charge_operation(facts.cost)? {
            admitted.request = admitted.request.data(charged);
        }
        if let Some(key) = key {
            admitted.request = admitted.request.data(key);
        }
        Ok(Admission::Execute(Box::new(admitted)))
    }

    /// An answer that is there is paid for like one that isn't: what it costs to send is the same, and nobody is to learn from their rate what
    /// others ask.
    fn respond_from_cache(
        &self,
        known: &CachedResponse,
        entered: &ResolvedRequest,
        session: Option<&Session>,
        meter: &mut RequestMeter,
    ) -> Result<HttpResponse, HttpError> {
        self.observation.record_operation(&known.operation);
        self.worker
            .shared
            .documents
            .cache_if_valid(&entered.resolved);
        meter.charge_operation(known.operation.cost)?;
        self.observation.record_cache_hit();
        // Nothing is looked for that its client doesn't read.
        let media_type = self.media_type.unwrap_or(MediaType::Json);
        Ok(self.to_http_response(known, media_type, session))
    }

    /// An answer without errors.
    fn to_http_response(
        &self,
        stored: &CachedResponse,
        media_type: MediaType,
        session: Option<&Session>,
    ) -> HttpResponse {
        let shared = &self.worker.shared;
        let mut answer = stored.to_http_response(self.request, media_type, shared.max_age);
        self.add_server_timing(&mut answer, session);
        answer
    }

    fn add_server_timing(&self, answer: &mut HttpResponse, session: Option<&Session>) {
        if self.worker.shared.server_timing {
            http_response::add_server_timing(
                answer,
                session.map(Session::cost).unwrap_or_default(),
            );
        }
    }

    /// Runs a request over the worker's own connections.
    async fn execute(
        &self,
        admitted: Box<AuthorizedRequest>,
        media_type: MediaType,
    ) -> HttpResponse {
        let admitted = *admitted;
        let (worker, observation) = (self.worker, self.observation);
        let (deadline, kind) = (self.time_left(), admitted.operation.kind);
        let session = admitted.session.with_deadline(deadline);
        let loader = Arc::new(worker.loader(session, kind));
        let request = worker
            .add_request_data(admitted.request, Arc::clone(&loader), kind)
            .data(TextBudget::new(worker.shared.response_limits.max_bytes));
        // A panic is a fault of ours like any other: it costs this answer, not the connection.
        let execution = AssertUnwindSafe(worker.schema.execute(request)).catch_unwind();
        let mut response = match with_deadline(deadline, kind, execution).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!("the execution of a request panicked");
                let refusal = HttpError::internal();
                return observation.record_error(refusal).into_response(media_type);
            }
            Err(refusal) => return observation.record_error(refusal).into_response(media_type),
        };
        mark_unreadable_payloads(kind, &mut response);
        observation.record_response(&response);
        if is_unavailable(kind, &response) {
            return HttpError::unavailable().into_response(media_type);
        }
        admitted.patches.apply(&mut response);
        let is_public = response.cache_control.public;
        let written =
            http_response::serialize(response, admitted.extensions, worker.shared.response_limits);
        let written = match written {
            Ok(written) => written,
            Err(refusal) => return refusal.into_response(media_type),
        };
        if kind == OperationType::Query && written.is_complete {
            let stored =
                CachedResponse::new(admitted.operation, written.bytes, loader.tags(), is_public);
            let stored = Arc::new(stored);
            match admitted.flight {
                Some(flight) if is_public => flight.complete(&stored),
                Some(flight) => flight.complete_private(),
                None => {}
            }
            return self.to_http_response(&stored, media_type, Some(loader.session()));
        }
        if let Some(flight) = admitted.flight {
            flight.abandon();
        }
        let mut answer = HttpResponse::Ok();
        answer.insert_header(media_type.header());
        let mut answer = answer.body(written.bytes);
        self.add_server_timing(&mut answer, Some(loader.session()));
        answer
    }
}

/// Who may not ask anything learns nothing of its document either.
pub(super) fn require_read_access(
    viewer: &Viewer,
    gatekeeper: &Authenticator,
) -> Result<(), HttpError> {
    let admitted = gatekeeper.rights().authorize(false, viewer);
    admitted.map_err(|needed| HttpError::credentials_required(needed.0))
}

/// Tells who asks, if they or their address can pay for that.
pub(super) async fn authenticate_and_charge(
    request: &HttpRequest,
    worker: &WorkerState,
    session: &Session,
    meter: &mut RequestMeter,
) -> Result<Viewer, HttpError> {
    let credentials = request.headers().get(AUTHORIZATION);
    let credentials = credentials.map(HeaderValue::as_bytes);
    meter.charge_lookup(credentials)?;
    let lookup = authenticate(request, worker, session);
    let viewer = with_deadline(worker.shared.deadline, OperationType::Query, lookup).await;
    meter.charge_authentication(credentials, viewer.flatten())
}

/// Tells who asks.
pub(super) async fn authenticate(
    request: &HttpRequest,
    worker: &WorkerState,
    session: &Session,
) -> Result<Viewer, HttpError> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let authorization = match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => None,
        (Some(Ok(value)), None) => Some(value),
        (Some(_), Some(_)) => {
            return Err(HttpError::unauthenticated("there are credentials twice"));
        }
        (Some(Err(_)), None) => {
            return Err(HttpError::unauthenticated("the credentials are no text"));
        }
    };
    let loader = worker.credentials_loader(session.clone());
    let gatekeeper = &worker.shared.authenticator;
    let viewer = gatekeeper.authenticate(authorization, &loader).await;
    viewer.map_err(|error| HttpError::from_access_error(&error))
}
