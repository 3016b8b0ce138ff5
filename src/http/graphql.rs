//! `/graphql` over HTTP, as the GraphQL over HTTP specification defines it.
//!
//! A request passes five steps: read, authenticate, prepare, execute, respond. This module reads; [`Exchange::run`]
//! calls the other steps. A cached response to an anonymous caller is sent without any of their futures.

mod exchange;

use std::time::Instant;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{CACHE_CONTROL, HeaderValue},
    },
    web,
};

use self::exchange::{CacheLookup, Exchange};
use super::{
    accept::{self, MediaType},
    http_error::HttpError,
    observe::Observation,
    playground, rate_limiting,
    refusal_log::preflight_origin,
    request::RawRequest,
    request_body,
    state::WorkerState,
};

/// Executes a query that is sent by GET, or by HEAD for the headers of the response. Redirects a browser that opens the
/// URL as a page.
pub async fn get(request: HttpRequest, worker: web::Data<WorkerState>) -> HttpResponse {
    let raw = RawRequest::from_query_string(&request);
    let is_empty = raw.as_ref().is_ok_and(|raw| *raw == RawRequest::default());
    if is_empty && accept::is_page_visit(&request) {
        return playground::redirect(&request);
    }
    let mut response = handle(&request, raw, &worker).await;
    let headers = response.headers_mut();
    match headers.get(CACHE_CONTROL) {
        // A shared cache must not repeat the quota of the first caller.
        Some(control) if control.as_bytes().starts_with(b"public, max-age") => {
            headers.remove(rate_limiting::RATE_LIMIT);
            headers.remove(rate_limiting::RATE_LIMIT_POLICY);
        }
        Some(_) => {}
        None => {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    response
}

/// Executes an operation that is sent by POST.
pub async fn post(
    request: HttpRequest,
    mut payload: web::Payload,
    worker: web::Data<WorkerState>,
) -> HttpResponse {
    let limits = &worker.shared.body_limits;
    let body = limits.read(request.headers(), &mut payload).await;
    let raw = body.and_then(|body| RawRequest::from_body(request.headers(), &body));
    let response = handle(&request, raw, &worker).await;
    request_body::hold_unread_payload(response, payload)
}

/// Rejects every other method. A preflight request comes here if no other origin is allowed.
pub async fn other_method(request: HttpRequest, worker: web::Data<WorkerState>) -> HttpResponse {
    if let Some(origin) = preflight_origin(request.head()) {
        worker.shared.refusal_log.record_preflight(origin);
    }
    let observation = Observation::of_operation(&request, &worker.shared.observer);
    let media_type = MediaType::negotiate(&request).unwrap_or(MediaType::Json);
    let error = HttpError::method_not_allowed("use GET, HEAD or POST");
    observation.record_error(error).into_response(media_type)
}

/// Responds to a request that was read.
async fn handle(
    request: &HttpRequest,
    raw: Result<RawRequest, HttpError>,
    worker: &web::Data<WorkerState>,
) -> HttpResponse {
    let observation = &Observation::of_operation(request, &worker.shared.observer);
    let media_type = MediaType::negotiate(request);
    // The response to a HEAD ends with its headers, so an event stream would run for nobody.
    let is_head = request.method() == Method::HEAD;
    let accepts_event_stream = !is_head && accept::accepts_event_stream(request);
    if media_type.is_none() && !accepts_event_stream {
        return observation
            .record_error(HttpError::not_acceptable())
            .into_response(MediaType::Json);
    }
    let mut meter = worker.meter(request);
    let exchange = Exchange {
        request,
        worker,
        observation,
        media_type,
        accepts_event_stream,
        started_at: Instant::now(),
    };
    let result = match exchange.try_cache(raw, &mut meter) {
        Ok(CacheLookup::Hit(response)) => Ok(response),
        Ok(CacheLookup::Miss(pending)) => {
            // The future has kilobytes. actix moves the future of a handler several times, so this one is boxed.
            let steps = Box::pin(exchange.run(pending, &mut meter));
            observation.in_spans(steps).await
        }
        Err(error) => Err(error),
    };
    let response = match result {
        Ok(response) => response,
        Err(error) => {
            error.delay(Some(observation)).await;
            exchange.error_response(error)
        }
    };
    meter.add_headers(response)
}
