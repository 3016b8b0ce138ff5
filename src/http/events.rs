//! Server-sent events in the distinct connections mode of npm's `graphql-sse`: an event `next` for each result, and
//! `complete` after the last.
//!
//! A stream that ends without `complete` was closed by a server shutdown; the client reconnects.

use std::{convert::Infallible, pin::Pin, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName},
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
    Worker,
    accept::MediaType,
    answer::Refusal,
    execution::{self, Outcome},
    graphql::authenticate,
    meter::{Toll, tolled},
    observe::Observation,
    prepare::Admitted,
    sockets::{Place, stopped},
    wire::Wire,
};
use crate::{graphql::subscription::Loss, http::observe::instruments::Transport};

/// The interval at which an idle stream sends a comment. Proxies close connections that are idle for more than 30
/// seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// The time that a client has to read the buffered events during shutdown, before its connection is closed.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// The header that turns off response buffering in nginx.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The timeout for revalidating the credentials. No event is sent meanwhile.
const CHECK_PATIENCE: Duration = Duration::from_secs(2);

/// An SSE comment, which clients ignore.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");

const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";

/// Responds with the results of an operation as an event stream.
pub fn open(
    request: &HttpRequest,
    admitted: Admitted,
    worker: &web::Data<Worker>,
    observation: &Observation,
    toll: Option<Toll>,
) -> HttpResponse {
    let permit = if admitted.facts.kind == OperationType::Subscription {
        let address = worker.shared.proxies.client_of(request);
        let permit = worker.shared.sockets.take_place(address);
        if permit.is_none() {
            let refusal = Refusal::too_many_sockets();
            return observation.refused(refusal).answer(MediaType::Json);
        }
        permit
    } else {
        None
    };
    let ends_in = admitted
        .ends_at
        .map(|expiry| (expiry - Utc::now()).to_std().unwrap_or_default());
    let is_subscription = admitted.facts.kind == OperationType::Subscription;
    observation.goes_on(Transport::EventStream);
    let outcomes = execution::run(admitted, worker, observation.clone());
    let events = Events {
        outcomes: Box::pin(tolled(observation.stream(outcomes), toll)),
        stopping: is_subscription.then(|| worker.shared.sockets.stopping()),
        token_ends: ends_in.map(|time| Instant::now() + time),
        credentials: request
            .headers()
            .contains_key(AUTHORIZATION)
            .then(|| (request.clone(), worker.clone())),
        check_at: Instant::now() + KEEP_ALIVE,
        over: false,
        _place: permit,
    };
    let events = stream::unfold(events, |mut events| async {
        let bytes = events.next().await?;
        Some((Ok::<_, Infallible>(bytes), events))
    });
    let response = head().streaming(events);
    let (response, wire) = Wire::below(request, response);
    if is_subscription {
        rt::spawn(cut_when_stopped(wire, worker.shared.sockets.stopping()));
    }
    response
}

/// Closes the connection when the server stops, because a client that reads nothing would block the shutdown.
async fn cut_when_stopped(wire: Wire, mut stopping: watch::Receiver<bool>) {
    tokio::select! {
        () = stopped(&mut stopping) => {}
        () = wire.done() => return,
    }
    sleep(STOP_PATIENCE).await;
    wire.cut();
}

/// Responds with an error to a client that accepts only event streams. An error of the document is sent as an event.
/// For a malformed request the response is JSON with an error status.
pub fn refuse(refusal: Refusal) -> HttpResponse {
    if refusal.is_of_document() {
        let mut body = failure(&refusal);
        body.extend_from_slice(COMPLETE);
        head().body(body)
    } else {
        refusal.answer(MediaType::Json)
    }
}

fn head() -> HttpResponseBuilder {
    let mut head = HttpResponse::build(StatusCode::OK);
    head.insert_header((CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_ACCEL_BUFFERING, "no"));
    head
}

/// The events of an operation.
struct Events {
    outcomes: Pin<Box<dyn Stream<Item = Outcome>>>,
    /// The shutdown signal of a subscription, which would not end by itself. `None` for other operations, which run to
    /// their end.
    stopping: Option<watch::Receiver<bool>>,
    token_ends: Option<Instant>,
    /// The request and the worker, with which the credentials are revalidated. `None` without credentials.
    credentials: Option<(HttpRequest, web::Data<Worker>)>,
    check_at: Instant,
    over: bool,
    _place: Option<Place>,
}

impl Events {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let token_ends = self.token_ends;
        let expiry = async {
            match token_ends {
                Some(instant) => sleep_until(instant).await,
                None => std::future::pending().await,
            }
        };
        let server_stops = async {
            match &mut self.stopping {
                Some(stopping) => stopped(stopping).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = server_stops => None,
            () = expiry => Some(self.last(&Refusal::unauthenticated("the token has expired"))),
            () = sleep_until(self.check_at), if self.credentials.is_some() => Some(self.check().await),
            outcome = self.outcomes.next() => Some(self.event(outcome)),
            () = sleep(KEEP_ALIVE) => Some(SIGN_OF_LIFE),
        }
    }

    /// Revalidates the credentials, because a token may be revoked or its critic deleted. An internal error does not
    /// end the stream.
    async fn check(&mut self) -> Bytes {
        self.check_at = Instant::now() + KEEP_ALIVE;
        let viewer = match &self.credentials {
            Some((request, worker)) => {
                let session = worker.session();
                timeout(CHECK_PATIENCE, authenticate(request, worker, &session)).await
            }
            None => return SIGN_OF_LIFE,
        };
        match viewer {
            Ok(Err(refusal)) if refusal.is_of_credentials() => self.last(&refusal),
            Ok(Ok(_) | Err(_)) | Err(_) => SIGN_OF_LIFE,
        }
    }

    fn event(&mut self, outcome: Option<Outcome>) -> Bytes {
        match outcome {
            Some(Outcome::Next(result)) => next(&result).into(),
            Some(Outcome::Failed(refusal)) => self.last(&refusal),
            Some(Outcome::Lost(Loss::TooSlow)) => self.last(&Refusal::too_slow()),
            Some(Outcome::Lost(Loss::Missed)) => self.last(&Refusal::events_lost()),
            None => {
                self.over = true;
                Bytes::from_static(COMPLETE)
            }
        }
    }

    fn last(&mut self, refusal: &Refusal) -> Bytes {
        self.over = true;
        let mut event = failure(refusal);
        event.extend_from_slice(COMPLETE);
        event.into()
    }
}

fn failure(refusal: &Refusal) -> Vec<u8> {
    next(format!(r#"{{"errors":{}}}"#, refusal.errors()).as_bytes())
}

/// Formats a `next` event. The JSON has no line breaks, so it fits into a single `data` field.
fn next(result: &[u8]) -> Vec<u8> {
    [b"event: next\ndata: ".as_slice(), result, b"\n\n"].concat()
}
