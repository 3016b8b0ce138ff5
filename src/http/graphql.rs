//! `/graphql`, as the GraphQL over HTTP specification has it.

use std::{panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue},
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
    stored::Stored,
};
use crate::{
    access::{Viewer, gatekeeper::Gatekeeper},
    cache::answers::Asked as Kept,
    database::{batch::Reader, session::Session},
    documents::Resolved,
    graphql::budget::TextBudget,
};

/// A query by GET.
pub async fn get(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let sent = Sent::from_query_string(&request);
    let mut answer = respond(&request, sent, &worker).await;
    // An answer that may be kept says so.
    if !answer.headers().contains_key(CACHE_CONTROL) {
        let headers = answer.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
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
        // Events are of now.
        known_as: media_type.filter(|_| worker.shared.kept.are_kept()),
    };
    let answer = match (asked.admit(sent, &mut meter).await, media_type) {
        (Ok(Admission::Answered(answer)), _) => answer,
        (Ok(Admission::Run(admitted)), _) if admitted.facts.kind == OperationType::Subscription => {
            if streamed {
                let toll = meter.toll(admitted.facts.kind);
                events::open(request, *admitted, worker, observation, toll)
            } else {
                let refusal = Refusal::not_streamed();
                observation.refused(refusal).answer(MediaType::Json)
            }
        }
        (Ok(Admission::Run(admitted)), Some(media_type)) => {
            asked.execute(admitted, media_type).await
        }
        (Ok(Admission::Run(admitted)), None) => {
            events::open(request, *admitted, worker, observation, None)
        }
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
    /// As what an answer that is kept would do, if it would.
    known_as: Option<MediaType>,
}

/// What becomes of a request that may be asked.
enum Admission {
    /// The answer is there.
    Answered(HttpResponse),
    /// It is to be executed.
    Run(Box<Admitted>),
}

impl Asked<'_> {
    /// Prepares the request, if who asks may ask it and can pay for it. Bad credentials are told before anything else.
    async fn admit(
        &self,
        sent: Result<Sent, Refusal>,
        meter: &mut Meter,
    ) -> Result<Admission, Refusal> {
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
    ) -> Result<Admission, Refusal> {
        let (request, worker, shared) = (self.request, self.worker, &self.worker.shared);
        let session = worker.session();
        self.observation.charge(&session);
        let viewer = identify(request, worker, &session, meter).await?;
        admit_to_reading(&viewer, &shared.gatekeeper)?;
        let (parameters, resolved) = meter.examined(sent)?.resolve(&shared.documents)?;
        let key = request_key(request.headers())?;
        let known_as = self.known_as.filter(|_| key.is_none());
        let question = known_as.map(|media_type| {
            let role = viewer.known().map(|known| known.role);
            (parameters.question(role), media_type)
        });
        if let Some((question, media_type)) = &question
            && let Some(known) = shared.kept.find(question)
        {
            return self.know(&known, *media_type, (resolved, &session), meter);
        }
        let prepared = prepare(parameters, request.method(), &shared.pipeline).await;
        let prepared = meter.examined(prepared)?;
        let facts = Arc::clone(prepared.facts());
        let key = key.map(|key| prepared.request_key(&key));
        let mut admitted = prepared.admit(viewer, session, shared.gatekeeper.rights())?;
        if let Some((question, media_type)) =
            question.filter(|_| facts.kind == OperationType::Query)
        {
            let asked = shared.kept.ask(question);
            match within(shared.deadline, facts.kind, asked).await? {
                Kept::Known(known) => {
                    return self.know(&known, media_type, (resolved, &admitted.session), meter);
                }
                Kept::Open(flight) => admitted.flight = Some(flight),
            }
        }
        self.observation.prepared(&facts);
        shared.documents.remember(resolved);
        if let Some(charged) = meter.charge(facts.cost)? {
            admitted.request = admitted.request.data(charged);
        }
        if let Some(key) = key {
            admitted.request = admitted.request.data(key);
        }
        Ok(Admission::Run(Box::new(admitted)))
    }

    /// An answer that is there is paid for like one that isn't: what it costs to send is the same, and nobody is to learn from their rate what
    /// others ask.
    fn know(
        &self,
        known: &Stored,
        media_type: MediaType,
        (resolved, session): (Resolved, &Session),
        meter: &mut Meter,
    ) -> Result<Admission, Refusal> {
        self.observation.prepared(&known.facts);
        self.worker.shared.documents.remember(resolved);
        meter.charge(known.facts.cost)?;
        self.observation.known();
        let answer = self.answer(known, media_type, session);
        Ok(Admission::Answered(answer))
    }

    /// An answer without errors.
    fn answer(&self, stored: &Stored, media_type: MediaType, session: &Session) -> HttpResponse {
        let shared = &self.worker.shared;
        let mut answer = stored.answer(self.request, media_type, shared.max_age);
        self.tell_cost(&mut answer, session);
        answer
    }

    fn tell_cost(&self, answer: &mut HttpResponse, session: &Session) {
        if self.worker.shared.server_timing {
            answer::tell_cost(answer, session.cost());
        }
    }

    /// Runs a request over the worker's own connections.
    async fn execute(&self, admitted: Box<Admitted>, media_type: MediaType) -> HttpResponse {
        let (worker, observation) = (self.worker, self.observation);
        let (deadline, kind) = (worker.shared.deadline, admitted.facts.kind);
        let session = admitted.session.until(deadline);
        let reader = Arc::new(Reader::new(session, worker.loader.clone()));
        let request = admitted
            .request
            .data(Arc::clone(&reader))
            .data(TextBudget::new(worker.shared.answers.bytes));
        // A panic is a fault of ours like any other: it costs this answer, not the connection.
        let execution = AssertUnwindSafe(worker.schema.execute(request)).catch_unwind();
        let mut response = match within(deadline, kind, execution).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!("the execution of a request panicked");
                let refusal = Refusal::internal();
                return observation.refused(refusal).answer(media_type);
            }
            Err(refusal) => return observation.refused(refusal).answer(media_type),
        };
        tell_ended(kind, &mut response);
        observation.executed(&response);
        if is_unavailable(kind, &response) {
            return Refusal::unavailable().answer(media_type);
        }
        admitted.mends.apply(&mut response);
        let is_public = response.cache_control.public;
        let written = answer::body(response, admitted.extensions, worker.shared.answers);
        let written = match written {
            Ok(written) => written,
            Err(refusal) => return refusal.answer(media_type),
        };
        if kind == OperationType::Query && written.is_whole {
            let tags = reader.tags();
            let stored = Stored::new(admitted.facts, written.bytes, &tags, is_public);
            let stored = Arc::new(stored);
            if let Some(flight) = admitted.flight.filter(|_| is_public) {
                flight.land(&stored, tags);
            }
            return self.answer(&stored, media_type, reader.session());
        }
        let mut answer = HttpResponse::Ok();
        answer.insert_header(media_type.header());
        let mut answer = answer.body(written.bytes);
        self.tell_cost(&mut answer, reader.session());
        answer
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
