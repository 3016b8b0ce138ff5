//! Server-sent events, as npm's `graphql-sse` has them in its distinct connections mode: an event `next` for each result, and
//! `complete` after the last.
//!
//! A stream that ends without `complete` was cut off, because the server stops; clients connect again.

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

/// How often something is sent while nothing happens. Proxies cut what is silent for longer than half a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// How long a client may take, once the server stops, for what is on its way to it.
const STOP_PATIENCE: Duration = Duration::from_millis(500);

/// Asks nginx not to hold events back until it has a bufferful.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How long looking up credentials again may take, while no event is sent.
const CHECK_PATIENCE: Duration = Duration::from_secs(2);

/// A comment, which clients pass over.
const SIGN_OF_LIFE: Bytes = Bytes::from_static(b":\n\n");

const COMPLETE: &[u8] = b"event: complete\ndata: \n\n";

/// Answers with the results of an operation as they come.
pub fn open(
    request: &HttpRequest,
    admitted: Admitted,
    worker: &web::Data<Worker>,
    observation: &Observation,
    toll: Option<Toll>,
) -> HttpResponse {
    let place = if admitted.facts.kind == OperationType::Subscription {
        let address = worker.shared.proxies.client_of(request);
        let place = worker.shared.sockets.take_place(address);
        if place.is_none() {
            let refusal = Refusal::too_many_sockets();
            return observation.refused(refusal).answer(MediaType::Json);
        }
        place
    } else {
        None
    };
    let ends_in = admitted
        .ends_at
        .map(|moment| (moment - Utc::now()).to_std().unwrap_or_default());
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
        _place: place,
    };
    let events = stream::unfold(events, |mut events| async {
        let bytes = events.next().await?;
        Some((Ok::<_, Infallible>(bytes), events))
    });
    let answer = head().streaming(events);
    let (answer, wire) = Wire::below(request, answer);
    if is_subscription {
        rt::spawn(cut_when_stopped(wire, worker.shared.sockets.stopping()));
    }
    answer
}

/// A client that takes nothing must not keep the server from stopping.
async fn cut_when_stopped(wire: Wire, mut stopping: watch::Receiver<bool>) {
    tokio::select! {
        () = stopped(&mut stopping) => {}
        () = wire.done() => return,
    }
    sleep(STOP_PATIENCE).await;
    wire.cut();
}

/// Answers a client that reads nothing but events. What is wrong with its document it learns by an event; a request that is none is
/// answered as any other.
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
    /// Tells a subscription, which has no end of its own, that the server stops. Any other operation is waited for.
    stopping: Option<watch::Receiver<bool>>,
    token_ends: Option<Instant>,
    /// What the credentials are looked up by again, if there are any.
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
                Some(moment) => sleep_until(moment).await,
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

    /// Looks up the credentials again: a token may be revoked, or its critic be gone. A fault of ours is no reason to end.
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

/// JSON is a single line as it is written here, and so a single `data` field.
fn next(result: &[u8]) -> Vec<u8> {
    [b"event: next\ndata: ".as_slice(), result, b"\n\n"].concat()
}
