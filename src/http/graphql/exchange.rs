//! A request and its response, through all steps.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{AUTHORIZATION, CONTENT_LANGUAGE},
    web,
};
use async_graphql::parser::types::OperationType;

use crate::{
    access::Viewer,
    cache::response_cache::{Lookup, in_flight::InFlight},
    database::session::Session,
    http::{
        accept::MediaType,
        authentication::{Credentials, authenticate_and_charge, require_read_access},
        cached_response::CachedResponse,
        credential_names::has_token,
        deadline::{temporary_error, with_deadline},
        event_stream,
        execution::{self, Executed},
        http_error::HttpError,
        http_response,
        observe::Observation,
        prepare::{ResolvedRequest, prepare, prepare_again},
        rate_limiting::RequestMeter,
        request::{RawRequest, idempotency_key},
        request_language::accept_language,
        state::WorkerState,
    },
};

/// The message for a token in the URL.
const TOKEN_IN_URL: &str = "a token in the URL is not accepted, because proxies log URLs: send the header \
                            Authorization: Bearer TOKEN";

/// The maximum number of times that a query is executed again, because rules or rows changed during its execution.
const MAX_REPETITIONS: u32 = 5;

/// A request, with the values that its steps share.
pub(super) struct Exchange<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) worker: &'a web::Data<WorkerState>,
    pub(super) observation: &'a Observation,
    /// The media type of a single response, if the client accepts one.
    pub(super) media_type: Option<MediaType>,
    pub(super) accepts_event_stream: bool,
    /// The start of the deadline.
    pub(super) started_at: Instant,
}

/// The result of the cache lookup without waiting.
pub(super) enum CacheLookup {
    /// The cached response.
    Hit(HttpResponse),
    /// The request goes through the steps.
    Miss(Pending),
}

/// A request before the steps.
pub(super) enum Pending {
    /// The credentials have to be looked up.
    Unauthenticated(Box<Result<RawRequest, HttpError>>),
    /// An anonymous caller's request that the cache does not hold.
    Anonymous(Box<ResolvedRequest>),
}

impl Exchange<'_> {
    /// Looks up the response to an anonymous caller in the cache. Credentials have to be looked up first.
    pub(super) fn try_cache(
        &self,
        raw: Result<RawRequest, HttpError>,
        meter: &mut RequestMeter,
    ) -> Result<CacheLookup, HttpError> {
        if self.request.headers().contains_key(AUTHORIZATION) {
            let pending = Pending::Unauthenticated(Box::new(raw));
            return Ok(CacheLookup::Miss(pending));
        }
        // A client that shows a token is never anonymous.
        let viewer = if has_token(self.request.query_string()) {
            Err(HttpError::unauthenticated(TOKEN_IN_URL))
        } else {
            Ok(Viewer::Anonymous)
        };
        let viewer = meter.charge_authentication(None, viewer)?;
        let request = self.resolve(viewer, raw, meter)?;
        let Some(cached) = self.cached(&request) else {
            let pending = Pending::Anonymous(Box::new(request));
            return Ok(CacheLookup::Miss(pending));
        };
        let response = self.respond_from_cache(&cached, &request, None, meter)?;
        Ok(CacheLookup::Hit(response))
    }

    /// Runs the steps after reading: authenticate, prepare, execute, respond.
    pub(super) async fn run(
        &self,
        pending: Pending,
        meter: &mut RequestMeter,
    ) -> Result<HttpResponse, HttpError> {
        let session = self.worker.session();
        self.observation.set_session(&session);
        let mut request = match pending {
            Pending::Anonymous(request) => request,
            Pending::Unauthenticated(raw) => {
                let viewer = self.authenticate(&session, meter).await?;
                let request = self.resolve(viewer, *raw, meter)?;
                if let Some(cached) = self.cached(&request) {
                    return self.respond_from_cache(&cached, &request, Some(&session), meter);
                }
                Box::new(request)
            }
        };
        let method = self.request.method();
        let prepared = prepare(
            &request,
            method,
            self.worker,
            session,
            meter,
            self.observation,
        )
        .await?;
        let is_localized = prepared.content_language.is_some();
        let in_flight = match self
            .join_in_flight(&request, prepared.operation.kind, is_localized)
            .await?
        {
            Some(Lookup::Hit(cached)) => {
                self.observation.record_cache_hit();
                return Ok(self.cached_response(&cached, Some(&prepared.session)));
            }
            Some(Lookup::Miss(in_flight)) => Some(in_flight),
            None => None,
        };
        match (prepared.operation.kind, self.media_type) {
            (OperationType::Subscription, _) if !self.accepts_event_stream => {
                Err(HttpError::subscription_not_streamed())
            }
            (OperationType::Query | OperationType::Mutation, Some(media_type)) => {
                let executed = execution::execute(prepared, self.worker, self.time_left()).await?;
                let (executed, in_flight) = self
                    .execute_until_current(executed, in_flight, &mut request)
                    .await?;
                Ok(self.respond(executed, in_flight, media_type))
            }
            (kind, _) => Ok(event_stream::stream_response(
                self.request,
                prepared,
                self.worker,
                self.observation,
                meter.event_usage(kind),
            )),
        }
    }

    /// Executes a query again while the rules of the site, or rows that it reads twice, change during its execution. After
    /// several attempts, the response has the error.
    async fn execute_until_current(
        &self,
        mut executed: Executed,
        mut in_flight: Option<InFlight<CachedResponse>>,
        request: &mut ResolvedRequest,
    ) -> Result<(Executed, Option<InFlight<CachedResponse>>), HttpError> {
        for _ in 0..MAX_REPETITIONS {
            if !executed.is_outdated(&request.language) {
                break;
            }
            let language = self
                .worker
                .language(accept_language(self.request.headers()));
            // The key of the response has the language that was chosen before.
            if language.language().tag() != request.language.language().tag()
                && let Some(in_flight) = in_flight.take()
            {
                in_flight.abandon();
            }
            request.language = language;
            let session = executed.loader.session().clone();
            let (method, charge) = (self.request.method(), executed.charge);
            let prepared = prepare_again(request, method, self.worker, session, charge).await?;
            let execution = execution::execute(prepared, self.worker, self.time_left());
            executed = Box::pin(execution).await?;
        }
        Ok((executed, in_flight))
    }

    /// Looks up the caller of a request with credentials.
    async fn authenticate(
        &self,
        session: &Session,
        meter: &mut RequestMeter,
    ) -> Result<Viewer, HttpError> {
        let credentials = Credentials::of_headers(self.request.headers());
        authenticate_and_charge(credentials, self.worker, session, meter).await
    }

    /// Resolves the document of the request, for a caller who may read.
    fn resolve(
        &self,
        viewer: Viewer,
        raw: Result<RawRequest, HttpError>,
        meter: &mut RequestMeter,
    ) -> Result<ResolvedRequest, HttpError> {
        let shared = &self.worker.shared;
        require_read_access(&viewer, &shared.authenticator)?;
        let raw = meter.charge_rejected_document(raw)?;
        let (parameters, document) = raw.resolve(&shared.documents)?;
        let idempotency_key = idempotency_key(self.request.headers())?;
        // An event stream sends the current data.
        let is_cacheable = self.media_type.is_some()
            && idempotency_key.is_none()
            && !parameters.is_cost_requested()
            && shared.response_cache.is_enabled();
        Ok(ResolvedRequest {
            cache_key: is_cacheable.then(|| parameters.cache_key(&viewer)),
            language: self
                .worker
                .language(accept_language(self.request.headers())),
            viewer,
            parameters,
            document,
            idempotency_key,
        })
    }

    fn cached(&self, request: &ResolvedRequest) -> Option<Arc<CachedResponse>> {
        let key = request.cache_key.as_ref()?;
        let cache = &self.worker.shared.response_cache;
        let Some(localized_key) = request.localized_cache_key() else {
            return cache.get(key);
        };
        // Without labels in the language of the request, the response is the same in all languages.
        let unlocalized = cache.get_if(key, |response| response.content_language.is_none());
        unlocalized.or_else(|| cache.get(&localized_key))
    }

    /// Waits for the response that another caller computes for the same key, if there is one. Otherwise this request
    /// computes it for others. Returns `None` for a request that isn't cacheable. With `is_localized`, the response has
    /// labels in the language of the request.
    async fn join_in_flight(
        &self,
        request: &ResolvedRequest,
        kind: OperationType,
        is_localized: bool,
    ) -> Result<Option<Lookup<CachedResponse>>, HttpError> {
        let localized_key = is_localized
            .then(|| request.localized_cache_key())
            .flatten();
        let key = localized_key.or_else(|| request.cache_key.clone());
        let Some(key) = key.filter(|_| kind == OperationType::Query) else {
            return Ok(None);
        };
        let lookup = self.worker.shared.response_cache.lookup(key);
        with_deadline(self.time_left(), kind, lookup)
            .await
            .map(Some)
    }

    /// Responds with the result of an execution, and caches it.
    fn respond(
        &self,
        executed: Executed,
        in_flight: Option<InFlight<CachedResponse>>,
        media_type: MediaType,
    ) -> HttpResponse {
        let Executed {
            response,
            operation,
            content_language,
            extensions,
            loader,
            charge: _,
        } = executed;
        self.observation.record_response(&response);
        if let Some(error) = temporary_error(operation.kind, &response) {
            return error.into_response(media_type);
        }
        // The reported cost is that of one execution, which caches must not repeat.
        let is_public = !operation.is_private && !extensions.has_cost();
        let rate_limits = &self.worker.shared.rate_limits;
        let used_units = rate_limits.units_of(loader.session().used_time());
        let extensions = extensions.with_used_units(used_units);
        let limits = self.worker.shared.response_limits;
        let serialized = match http_response::serialize(response, extensions, limits) {
            Ok(serialized) => serialized,
            Err(error) => return error.into_response(media_type),
        };
        if operation.kind == OperationType::Query && serialized.is_complete {
            let tags = loader.tags();
            let cached = CachedResponse::new(operation, serialized.bytes, tags, is_public);
            let cached = Arc::new(cached.with_content_language(content_language));
            match in_flight {
                Some(in_flight) if is_public => in_flight.complete(&cached),
                Some(in_flight) => in_flight.complete_private(),
                None => {}
            }
            return self.cached_response(&cached, Some(loader.session()));
        }
        if let Some(in_flight) = in_flight {
            in_flight.abandon();
        }
        let mut response = HttpResponse::Ok();
        response.insert_header(media_type.header());
        if let Some(language) = content_language {
            response.insert_header((CONTENT_LANGUAGE, language));
        }
        let mut response = response.body(serialized.bytes);
        self.add_server_timing(&mut response, Some(loader.session()));
        response
    }

    /// Responds from the cache. The caller is charged the cost of a cached response as of any other, so that
    /// the charge of an ordinary operation does not reveal what other callers request.
    fn respond_from_cache(
        &self,
        cached: &CachedResponse,
        request: &ResolvedRequest,
        session: Option<&Session>,
        meter: &mut RequestMeter,
    ) -> Result<HttpResponse, HttpError> {
        self.observation.record_operation(&cached.operation);
        let documents = &self.worker.shared.documents;
        documents.cache_if_valid(&request.document);
        meter.charge_cost(cached.operation.cost)?;
        self.observation.record_cache_hit();
        Ok(self.cached_response(cached, session))
    }

    /// Converts a complete response to HTTP.
    fn cached_response(&self, cached: &CachedResponse, session: Option<&Session>) -> HttpResponse {
        // A request without a media type has no cache key.
        let media_type = self.media_type.unwrap_or(MediaType::Json);
        let max_age = self.worker.shared.max_age;
        let mut response = cached.to_http_response(self.request, media_type, max_age);
        self.add_server_timing(&mut response, session);
        response
    }

    pub(super) fn error_response(&self, error: HttpError) -> HttpResponse {
        let error = error.with_error_limit(self.worker.shared.response_limits);
        let error = self.observation.record_error(error);
        match self.media_type {
            Some(media_type) => error.into_response(media_type),
            None => event_stream::error_response(error),
        }
    }

    fn add_server_timing(&self, response: &mut HttpResponse, session: Option<&Session>) {
        if self.worker.shared.server_timing {
            let cost = session.map(Session::cost).unwrap_or_default();
            http_response::add_server_timing(response, cost);
        }
    }

    /// Returns the time until the deadline of the response.
    fn time_left(&self) -> Duration {
        let deadline = self.worker.shared.deadline;
        deadline.saturating_sub(self.started_at.elapsed())
    }
}
