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
    Worker,
    accept::{self, MediaType},
    answer::{self, Refusal},
    body,
    deadline::{is_unavailable, tell_ended, within},
    events,
    meter::Meter,
    observe::Observation,
    prepare::{Admitted, prepare},
    request::{Sent, request_key},
};
use crate::{
    access::{Viewer, gatekeeper::Gatekeeper},
    database::{batch::Reader, session::Session},
    graphql::budget::TextBudget,
};

/// A query by GET.
pub async fn get(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let sent = Sent::from_query_string(&request);
    respond(&request, sent, &worker).await
}

/// Any operation by POST.
pub async fn post(
    request: HttpRequest,
    mut payload: web::Payload,
    worker: web::Data<Worker>,
) -> HttpResponse {
    let body = worker.shared.body.read(request.headers(), &mut payload);
    let sent = body
        .await
        .and_then(|body| Sent::from_body(request.headers(), &body));
    let answer = respond(&request, sent, &worker).await;
    body::keep(answer, payload)
}

/// Neither GET nor POST.
pub async fn other_method(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let observation = Observation::of_operation(&request, &worker.shared.observer);
    let media_type = MediaType::negotiate(&request).unwrap_or(MediaType::Json);
    let refusal = Refusal::method_not_allowed("use GET or POST");
    observation.refused(refusal).answer(media_type)
}

async fn respond(
    request: &HttpRequest,
    sent: Result<Sent, Refusal>,
    worker: &web::Data<Worker>,
) -> HttpResponse {
    let observation = &Observation::of_operation(request, &worker.shared.observer);
    let media_type = MediaType::negotiate(request);
    let streamed = accept::event_stream(request);
    if media_type.is_none() && !streamed {
        let refusal = Refusal::not_acceptable();
        return observation.refused(refusal).answer(MediaType::Json);
    }
    let mut meter = worker.meter(request);
    let asked = Asked {
        request,
        worker,
        observation,
    };
    let answer = match (asked.admit(sent, &mut meter).await, media_type) {
        (Ok(admitted), _) if admitted.kind == OperationType::Subscription => {
            if streamed {
                let toll = meter.toll(admitted.kind);
                events::open(request, admitted, worker, observation, toll)
            } else {
                let refusal = Refusal::not_streamed();
                observation.refused(refusal).answer(MediaType::Json)
            }
        }
        (Ok(admitted), Some(media_type)) => {
            execute(admitted, media_type, worker, observation).await
        }
        (Ok(admitted), None) => events::open(request, admitted, worker, observation, None),
        (Err(refusal), Some(media_type)) => refusal.answer(media_type),
        (Err(refusal), None) => events::refuse(refusal),
    };
    meter.mark(answer)
}

/// A request with what goes along with it.
struct Asked<'a> {
    request: &'a HttpRequest,
    worker: &'a Worker,
    observation: &'a Observation,
}

impl Asked<'_> {
    /// Prepares the request, if who asks may ask it and can pay for it. Bad credentials are told before anything else.
    async fn admit(
        &self,
        sent: Result<Sent, Refusal>,
        meter: &mut Meter,
    ) -> Result<Admitted, Refusal> {
        let admitted = self.try_admit(sent, meter).await;
        admitted.map_err(|refusal| {
            let refusal = refusal.within(self.worker.shared.answers);
            self.observation.refused(refusal)
        })
    }

    async fn try_admit(
        &self,
        sent: Result<Sent, Refusal>,
        meter: &mut Meter,
    ) -> Result<Admitted, Refusal> {
        let (request, worker, shared) = (self.request, self.worker, &self.worker.shared);
        let session = worker.session();
        self.observation.charge(&session);
        let viewer = identify(request, worker, &session, meter).await?;
        admit_to_reading(&viewer, &shared.gatekeeper)?;
        let (parameters, resolved) = meter.examined(sent)?.resolve(&shared.documents)?;
        let prepared = prepare(parameters, request.method(), &shared.pipeline).await;
        let prepared = meter.examined(prepared)?;
        self.observation.prepared(&prepared);
        shared.documents.remember(resolved);
        let key = request_key(request.headers())?.map(|key| prepared.request_key(&key));
        let cost = prepared.cost();
        let mut admitted = prepared.admit(viewer, session, shared.gatekeeper.rights())?;
        if let Some(charged) = meter.charge(cost)? {
            admitted.request = admitted.request.data(charged);
        }
        if let Some(key) = key {
            admitted.request = admitted.request.data(key);
        }
        Ok(admitted)
    }
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
    let lookup = authenticate(request, session, &worker.shared.gatekeeper);
    let viewer = within(worker.shared.deadline, OperationType::Query, lookup).await;
    meter.identified(credentials, viewer.flatten())
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
async fn execute(
    admitted: Admitted,
    media_type: MediaType,
    worker: &Worker,
    observation: &Observation,
) -> HttpResponse {
    let deadline = worker.shared.deadline;
    let session = admitted.session.until(deadline);
    let request = admitted
        .request
        .data(Reader::new(session.clone()))
        .data(TextBudget::new(worker.shared.answers.bytes));
    // A panic is a fault of ours like any other: it costs this answer, not the connection.
    let execution = AssertUnwindSafe(worker.schema.execute(request)).catch_unwind();
    let mut response = match within(deadline, admitted.kind, execution).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("the execution of a request panicked");
            let refusal = Refusal::internal();
            return observation.refused(refusal).answer(media_type);
        }
        Err(refusal) => return observation.refused(refusal).answer(media_type),
    };
    tell_ended(admitted.kind, &mut response);
    observation.executed(&response);
    if is_unavailable(admitted.kind, &response) {
        return Refusal::unavailable().answer(media_type);
    }
    admitted.mends.apply(&mut response);
    answer::write(
        response,
        (admitted.extensions, worker.shared.answers),
        media_type,
        worker.shared.server_timing.then(|| session.cost()),
    )
}
