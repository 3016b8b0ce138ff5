//! Server-sent events in the distinct connections mode of npm's `graphql-sse`: an event `next` for each result, and
//! `complete` after the last.
//!
//! A stream that ends without `complete` was closed by a server shutdown; the client reconnects.

use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName},
    },
    rt,
    web::{self, Bytes},
};
use async_graphql::parser::types::OperationType;
use chrono::Utc;
use futures_util::{Stream, StreamExt, stream};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    accept::MediaType,
    authentication::{Credentials, authenticate},
    connection_handle::ConnectionHandle,
    connection_limiter::{ConnectionPermit, wait_for_shutdown},
    execution::{self, ExecutionEvent},
    http_error::HttpError,
    observe::Observation,
    prepare::PreparedRequest,
    rate_limiting::{charge_events, usage::Usage},
    state::WorkerState,
};
use crate::{graphql::subscription::signals::Loss, http::observe::instruments::labels::Transport};

/// The interval at which an idle stream sends a comment. Proxies close connections that are idle for more than 30
/// seconds.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(12);

/// The time that a client has to read the buffered events during shutdown, before its connection is closed.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

/// The header that turns off response buffering in nginx.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The timeout for revalidating the credentials. No event is sent meanwhile.
const REVALIDATION_TIMEOUT: Duration = Duration::from_secs(2);

/// An SSE comment, which clients ignore.
const KEEP_ALIVE_COMMENT: Bytes = Bytes::from_static(b":\n\n");

const COMPLETE_EVENT: &[u8] = b"event: complete\ndata: \n\n";

/// Responds with the results of an operation as an event stream.
pub fn stream_response(
    request: &HttpRequest,
    prepared: PreparedRequest,
    worker: &web::Data<WorkerState>,
    observation: &Observation,
    usage: Option<Arc<Usage>>,
) -> HttpResponse {
    let permit = if prepared.operation.kind == OperationType::Subscription {
        let address = worker.shared.proxies.client_of(request);
        let permit = worker.shared.socket_limiter.try_acquire(address);
        if permit.is_none() {
            let error = HttpError::too_many_sockets();
            return observation
                .record_error(error)
                .into_response(MediaType::Json);
        }
        permit
    } else {
        None
    };
    let time_to_expiry = prepared
        .token_expires_at
        .map(|expiry| (expiry - Utc::now()).to_std().unwrap_or_default());
    let is_subscription = prepared.operation.kind == OperationType::Subscription;
    let mut head = response_head();
    if let Some(language) = &prepared.content_language {
        head.insert_header((CONTENT_LANGUAGE, language.clone()));
    }
    observation.record_stream(Transport::EventStream);
    let outcomes = execution::execute_stream(prepared, worker, observation.clone());
    let events = EventStream {
        outcomes: Box::pin(charge_events(observation.stream(outcomes), usage)),
        shutdown_signal: is_subscription.then(|| worker.shared.socket_limiter.shutdown_signal()),
        token_expires_at: time_to_expiry.map(|time| Instant::now() + time),
        credentials: request
            .headers()
            .contains_key(AUTHORIZATION)
            .then(|| (request.clone(), worker.clone())),
        revalidate_at: Instant::now() + KEEP_ALIVE_INTERVAL,
        is_finished: false,
        _permit: permit,
    };
    let events = stream::unfold(events, |mut events| async {
        let bytes = events.next_event().await?;
        Some((Ok::<_, Infallible>(bytes), events))
    });
    let response = head.streaming(events);
    let (response, connection) = ConnectionHandle::for_response(request, response);
    if is_subscription {
        rt::spawn(close_on_shutdown(
            connection,
            worker.shared.socket_limiter.shutdown_signal(),
        ));
    }
    response
}

/// Closes the connection when the server stops, because a client that reads nothing would block the shutdown.
async fn close_on_shutdown(
    connection: ConnectionHandle,
    mut shutdown_signal: watch::Receiver<bool>,
) {
    tokio::select! {
        () = wait_for_shutdown(&mut shutdown_signal) => {}
        () = connection.response_sent() => return,
    }
    sleep(SHUTDOWN_TIMEOUT).await;
    connection.shut_down();
}

/// Responds with an error to a client that accepts only event streams. An error of the document is sent as an event.
/// For a malformed request the response is JSON with an error status.
pub fn error_response(error: HttpError) -> HttpResponse {
    if error.is_document_error() {
        let mut body = error_event(&error);
        body.extend_from_slice(COMPLETE_EVENT);
        response_head().body(body)
    } else {
        error.into_response(MediaType::Json)
    }
}

fn response_head() -> HttpResponseBuilder {
    let mut head = HttpResponse::build(StatusCode::OK);
    head.insert_header((CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_ACCEL_BUFFERING, "no"));
    head
}

/// The events of an operation.
struct EventStream {
    outcomes: Pin<Box<dyn Stream<Item = ExecutionEvent>>>,
    /// The shutdown signal of a subscription, which would not end by itself. `None` for other operations, which run to
    /// their end.
    shutdown_signal: Option<watch::Receiver<bool>>,
    token_expires_at: Option<Instant>,
    /// The request and the worker, with which the credentials are revalidated. `None` without credentials.
    credentials: Option<(HttpRequest, web::Data<WorkerState>)>,
    revalidate_at: Instant,
    is_finished: bool,
    _permit: Option<ConnectionPermit>,
}

impl EventStream {
    async fn next_event(&mut self) -> Option<Bytes> {
        if self.is_finished {
            return None;
        }
        let token_expires_at = self.token_expires_at;
        let expiry = async {
            match token_expires_at {
                Some(instant) => sleep_until(instant).await,
                None => std::future::pending().await,
            }
        };
        let shutdown = async {
            match &mut self.shutdown_signal {
                Some(shutdown_signal) => wait_for_shutdown(shutdown_signal).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = shutdown => None,
            () = expiry => Some(self.final_event(&HttpError::unauthenticated("the token has expired"))),
            () = sleep_until(self.revalidate_at), if self.credentials.is_some() => Some(self.revalidate_credentials().await),
            outcome = self.outcomes.next() => Some(self.format_event(outcome)),
            () = sleep(KEEP_ALIVE_INTERVAL) => Some(KEEP_ALIVE_COMMENT),
        }
    }

    /// Revalidates the credentials, because a token may be revoked or its critic deleted. An internal error does not
    /// end the stream.
    async fn revalidate_credentials(&mut self) -> Bytes {
        self.revalidate_at = Instant::now() + KEEP_ALIVE_INTERVAL;
        let viewer = match &self.credentials {
            Some((request, worker)) => {
                let session = worker.session();
                timeout(
                    REVALIDATION_TIMEOUT,
                    authenticate(Credentials::of_headers(request.headers()), worker, &session),
                )
                .await
            }
            None => return KEEP_ALIVE_COMMENT,
        };
        match viewer {
            Ok(Err(error)) if error.is_authentication_error() => self.final_event(&error),
            Ok(Ok(_) | Err(_)) | Err(_) => KEEP_ALIVE_COMMENT,
        }
    }

    fn format_event(&mut self, outcome: Option<ExecutionEvent>) -> Bytes {
        match outcome {
            Some(ExecutionEvent::Next(result)) => next(&result).into(),
            Some(ExecutionEvent::Failed(error)) => self.final_event(&error),
            Some(ExecutionEvent::Lost(Loss::TooSlow)) => {
                self.final_event(&HttpError::client_too_slow())
            }
            Some(ExecutionEvent::Lost(Loss::EventsMissed)) => {
                self.final_event(&HttpError::events_lost())
            }
            None => {
                self.is_finished = true;
                Bytes::from_static(COMPLETE_EVENT)
            }
        }
    }

    fn final_event(&mut self, error: &HttpError) -> Bytes {
        self.is_finished = true;
        let mut event = error_event(error);
        event.extend_from_slice(COMPLETE_EVENT);
        event.into()
    }
}

fn error_event(error: &HttpError) -> Vec<u8> {
    next(format!(r#"{{"errors":{}}}"#, error.errors_json()).as_bytes())
}

/// Formats a `next` event. The JSON has no line breaks, so it fits into a single `data` field.
fn next(result: &[u8]) -> Vec<u8> {
    [b"event: next\ndata: ".as_slice(), result, b"\n\n"].concat()
}
