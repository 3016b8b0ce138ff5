//! `/graphql`, as the GraphQL over HTTP specification has it.

use std::panic::AssertUnwindSafe;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{AUTHORIZATION, HeaderValue},
    web,
};
use async_graphql::parser::types::OperationType;
use futures_util::FutureExt;

use super::{
    BODY_LIMIT, Worker,
    accept::{self, MediaType},
    answer::{self, Refusal},
    deadline::{is_unavailable, within},
    events,
    meter::Meter,
    prepare::{Admitted, prepare},
    request::{Sent, request_key},
};
use crate::{
    access::{Viewer, gatekeeper::Gatekeeper},
    database::{batch::Reader, session::Session},
};

/// A query by GET.
pub async fn get(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let sent = Sent::from_query_string(&request);
    respond(&request, sent, &worker).await
}

/// Any operation by POST.
pub async fn post(
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
    worker: web::Data<Worker>,
) -> HttpResponse {
    let sent = match body {
        Ok(body) => Sent::from_body(request.headers(), &body),
        Err(error) if error.as_response_error().status_code().as_u16() == 413 => {
            Err(Refusal::body_too_large(BODY_LIMIT))
        }
        Err(error) => Err(Refusal::bad_request(format!(
            "the body could not be read: {error}"
        ))),
    };
    respond(&request, sent, &worker).await
}

/// Neither GET nor POST.
pub async fn other_method(request: HttpRequest) -> HttpResponse {
    let media_type = MediaType::negotiate(&request).unwrap_or(MediaType::Json);
    Refusal::method_not_allowed("use GET or POST").answer(media_type)
}

async fn respond(
    request: &HttpRequest,
    sent: Result<Sent, Refusal>,
    worker: &web::Data<Worker>,
) -> HttpResponse {
    let media_type = MediaType::negotiate(request);
    let streamed = accept::event_stream(request);
    if media_type.is_none() && !streamed {
        return Refusal::not_acceptable().answer(MediaType::Json);
    }
    let mut meter = worker.meter(request);
    let answer = match (admit(request, sent, worker, &mut meter).await, media_type) {
        (Ok(admitted), _) if admitted.kind == OperationType::Subscription => {
            if streamed {
                let toll = meter.toll(admitted.kind);
                events::open(request, admitted, worker, toll)
            } else {
                Refusal::not_streamed().answer(MediaType::Json)
            }
        }
        (Ok(admitted), Some(media_type)) => execute(admitted, media_type, worker).await,
        (Ok(admitted), None) => events::open(request, admitted, worker, None),
        (Err(refusal), Some(media_type)) => refusal.answer(media_type),
        (Err(refusal), None) => events::refuse(refusal),
    };
    meter.mark(answer)
}

/// Prepares a request, if who asks may ask it and can pay for it. Bad credentials are told before anything else.
async fn admit(
    request: &HttpRequest,
    sent: Result<Sent, Refusal>,
    worker: &Worker,
    meter: &mut Meter,
) -> Result<Admitted, Refusal> {
    let session = worker.session();
    let viewer = identify(request, worker, &session, meter).await?;
    admit_to_reading(&viewer, &worker.shared.gatekeeper)?;
    let (parameters, resolved) = meter.examined(sent)?.resolve(&worker.shared.documents)?;
    let prepared = prepare(parameters, request.method(), &worker.shared.pipeline).await;
    let prepared = meter.examined(prepared)?;
    worker.shared.documents.remember(resolved);
    let key = request_key(request.headers())?.map(|key| prepared.request_key(&key));
    let cost = prepared.cost();
    let rights = worker.shared.gatekeeper.rights();
    let mut admitted = prepared.admit(viewer, session, rights)?;
    if let Some(charged) = meter.charge(cost)? {
        admitted.request = admitted.request.data(charged);
    }
    if let Some(key) = key {
        admitted.request = admitted.request.data(key);
    }
    Ok(admitted)
}

/// Who may not ask anything learns nothing of its document either.
pub(super) fn admit_to_reading(viewer: &Viewer, gatekeeper: &Gatekeeper) -> Result<(), Refusal> {
    let admitted = gatekeeper.rights().admit(false, viewer);
    admitted.map_err(|needed| Refusal::credentials_needed(needed.0))
}

/// Tells who asks, if they or their address can pay for that.
pub(super) async fn identify(
    request: &HttpRequest,
    worker: &Worker,
    session: &Session,
    meter: &mut Meter,
) -> Result<Viewer, Refusal> {
    let credentials = request.headers().get(AUTHORIZATION);
    let credentials = credentials.map(HeaderValue::as_bytes);
    meter.before_lookup(credentials)?;
    let viewer = authenticate(request, session, &worker.shared.gatekeeper).await;
    meter.identified(credentials, viewer)
}

/// Tells who asks.
pub(super) async fn authenticate(
    request: &HttpRequest,
    session: &Session,
    gatekeeper: &Gatekeeper,
) -> Result<Viewer, Refusal> {
    let mut values = request.headers().get_all(AUTHORIZATION);
    let authorization = match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => None,
        (Some(Ok(value)), None) => Some(value),
        (Some(_), Some(_)) => {
            return Err(Refusal::unauthenticated("there are credentials twice"));
        }
        (Some(Err(_)), None) => {
            return Err(Refusal::unauthenticated("the credentials are no text"));
        }
    };
    let viewer = gatekeeper.authenticate(authorization, session).await;
    viewer.map_err(|error| Refusal::access(&error))
}

/// Runs a request over the worker's own connections.
async fn execute(admitted: Admitted, media_type: MediaType, worker: &Worker) -> HttpResponse {
    let session = admitted.session;
    let request = admitted.request.data(Reader::new(session.clone()));
    // A panic is a fault of ours like any other: it costs this answer, not the connection.
    let execution = AssertUnwindSafe(worker.schema.execute(request)).catch_unwind();
    let mut response = match within(worker.shared.deadline, admitted.kind, execution).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("the execution of a request panicked");
            return Refusal::internal().answer(media_type);
        }
        Err(refusal) => return refusal.answer(media_type),
    };
    if is_unavailable(admitted.kind, &response) {
        return Refusal::unavailable().answer(media_type);
    }
    admitted.mends.apply(&mut response);
    answer::write(
        response,
        admitted.extensions,
        media_type,
        worker.shared.server_timing.then(|| session.cost()),
    )
}
