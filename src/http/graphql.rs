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
    Worker,
    accept::{self, MediaType},
    answer::{self, Refusal},
    body,
    deadline::{is_unavailable, tell_ended, within},
    events,
    meter::{self, Meter},
    observe::Observation,
    prepare::{Admitted, prepare},
    request::{Parameters, Sent, request_key},
    stored::Stored,
};
use crate::{
    access::{Viewer, gatekeeper::Gatekeeper},
    cache::answers::{Asked as Kept, Question},
    database::session::Session,
    documents::Resolved,
    graphql::budget::TextBudget,
};

/// A query by GET.
pub async fn get(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let sent = Sent::from_query_string(&request);
    let mut answer = respond(&request, sent, &worker).await;
    let headers = answer.headers_mut();
    match headers.get(CACHE_CONTROL) {
        // What is kept for others tells them nothing of who asked first.
        Some(control) if control.as_bytes().starts_with(b"public, max-age") => {
            headers.remove(meter::RATE_LIMIT);
            headers.remove(meter::RATE_LIMIT_POLICY);
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
        media_type,
        streamed,
        since: Instant::now(),
    };
    let answer = match asked.begin(sent, &mut meter) {
        Begun::Answered(answer) => answer,
        Begun::Refused(refusal) => asked.refuse(refusal),
        Begun::Open(rest) => {
            // Apart: it takes kilobytes, and actix hands whatever answers a request on from one part to the next.
            let rest = Box::pin(asked.go_on(rest, &mut meter));
            observation.within(rest).await
        }
    };
    meter.mark(answer)
}

/// A request with what goes along with it.
struct Asked<'a> {
    request: &'a HttpRequest,
    worker: &'a web::Data<Worker>,
    observation: &'a Observation,
    /// In which type its client reads a single answer, if it does.
    media_type: Option<MediaType>,
    /// Whether its client reads a stream of events.
    streamed: bool,
    /// When it was there, from which on its answer has a deadline.
    since: Instant,
}

/// A request that may be asked, with what it asks.
struct Entered {
    viewer: Viewer,
    parameters: Parameters,
    resolved: Resolved,
    /// By which its mutations are known again, if its sender gave a key for all of it.
    key: Option<String>,
    /// By which its answer may be kept.
    question: Option<Question>,
}

/// What came of a request without asking anybody.
enum Begun {
    /// The answer is there.
    Answered(HttpResponse),
    /// It won't do.
    Refused(Refusal),
    /// More has to be done.
    Open(Rest),
}

/// How far a request has come.
enum Rest {
    /// Nobody knows yet who asks.
    Sent(Box<Result<Sent, Refusal>>),
    /// It is known what is asked, and nothing is kept of it.
    Entered(Box<Entered>),
}

/// What becomes of a request that may be asked.
enum Admission {
    /// The answer is there.
    Answered(HttpResponse),
    /// It is to be executed.
    Run(Box<Admitted>),
}

impl Asked<'_> {
    /// Looks for what is kept, if nobody has to be asked who it is that asks.
    fn begin(&self, sent: Result<Sent, Refusal>, meter: &mut Meter) -> Begun {
        if self.request.headers().contains_key(AUTHORIZATION) {
            return Begun::Open(Rest::Sent(Box::new(sent)));
        }
        let viewer = meter.identified(None, Ok(Viewer::Anonymous));
        let entered = viewer.and_then(|viewer| self.enter(viewer, sent, meter));
        match entered {
            Ok(entered) => match self.find(&entered) {
                Some(known) => self
                    .know(&known, &entered, None, meter)
                    .map_or_else(Begun::Refused, Begun::Answered),
                None => Begun::Open(Rest::Entered(Box::new(entered))),
            },
            Err(refusal) => Begun::Refused(refusal),
        }
    }

    /// How much time is left for the answer.
    fn time_left(&self) -> Duration {
        let deadline = self.worker.shared.deadline;
        deadline.saturating_sub(self.since.elapsed())
    }

    /// Does what is left to do.
    async fn go_on(&self, rest: Rest, meter: &mut Meter) -> HttpResponse {
        let (worker, observation) = (self.worker, self.observation);
        match (self.admit(rest, meter).await, self.media_type) {
            (Err(refusal), _) => self.refuse(refusal),
            (Ok(Admission::Answered(answer)), _) => answer,
            (Ok(Admission::Run(admitted)), _)
                if admitted.facts.kind == OperationType::Subscription =>
            {
                if self.streamed {
                    let toll = meter.toll(admitted.facts.kind);
                    events::open(self.request, *admitted, worker, observation, toll)
                } else {
                    self.refuse(Refusal::not_streamed())
                }
            }
            (Ok(Admission::Run(admitted)), Some(media_type)) => {
                self.execute(admitted, media_type).await
            }
            (Ok(Admission::Run(admitted)), None) => {
                events::open(self.request, *admitted, worker, observation, None)
            }
        }
    }

    fn refuse(&self, refusal: Refusal) -> HttpResponse {
        let refusal = refusal.within(self.worker.shared.answers);
        let refusal = self.observation.refused(refusal);
        match self.media_type {
            Some(media_type) => refusal.answer(media_type),
            None => events::refuse(refusal),
        }
    }

    /// Lets a request in, if who asks may ask anything. Who may not learns nothing of its document either.
    fn enter(
        &self,
        viewer: Viewer,
        sent: Result<Sent, Refusal>,
        meter: &mut Meter,
    ) -> Result<Entered, Refusal> {
        let shared = &self.worker.shared;
        admit_to_reading(&viewer, &shared.gatekeeper)?;
        let (parameters, resolved) = meter.examined(sent)?.resolve(&shared.documents)?;
        let key = request_key(self.request.headers())?;
        // Events are of now.
        let may_be_kept = self.media_type.is_some() && key.is_none() && shared.kept.are_kept();
        let role = viewer.known().map(|known| known.role);
        Ok(Entered {
            question: may_be_kept.then(|| parameters.question(role)),
            viewer,
            parameters,
            resolved,
            key,
        })
    }

    /// What is kept of what is asked.
    fn find(&self, entered: &Entered) -> Option<Arc<Stored>> {
        self.worker.shared.kept.find(entered.question.as_ref()?)
    }

    /// Prepares the request, if who asks may ask it and can pay for it. Bad credentials are told before anything else.
    async fn admit(&self, rest: Rest, meter: &mut Meter) -> Result<Admission, Refusal> {
        let shared = &self.worker.shared;
        let session = self.worker.session();
        self.observation.charge(&session);
        let entered = match rest {
            Rest::Entered(entered) => *entered,
            Rest::Sent(sent) => {
                let viewer = identify(self.request, self.worker, &session, meter).await?;
                let entered = self.enter(viewer, *sent, meter)?;
                if let Some(known) = self.find(&entered) {
                    let answer = self.know(&known, &entered, Some(&session), meter)?;
                    return Ok(Admission::Answered(answer));
                }
                entered
            }
        };
        let method = self.request.method();
        let prepared = prepare(&entered.parameters, method, &shared.pipeline).await;
        let prepared = meter.examined(prepared)?;
        let facts = Arc::clone(prepared.facts());
        let key = entered.key.as_ref();
        let key = key.map(|key| entered.parameters.request_key(key));
        let rights = shared.gatekeeper.rights();
        let mut admitted = prepared.admit(entered.viewer.clone(), session, rights)?;
        let question = entered.question.as_ref();
        if let Some(question) = question.filter(|_| facts.kind == OperationType::Query) {
            let asked = shared.kept.ask(question.clone());
            match within(self.time_left(), facts.kind, asked).await? {
                Kept::Known(known) => {
                    let session = Some(&admitted.session);
                    let answer = self.know(&known, &entered, session, meter)?;
                    return Ok(Admission::Answered(answer));
                }
                Kept::Open(flight) => admitted.flight = Some(flight),
            }
        }
        self.observation.prepared(&facts);
        shared.documents.remember(&entered.resolved);
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
        entered: &Entered,
        session: Option<&Session>,
        meter: &mut Meter,
    ) -> Result<HttpResponse, Refusal> {
        self.observation.prepared(&known.facts);
        self.worker.shared.documents.remember(&entered.resolved);
        meter.charge(known.facts.cost)?;
        self.observation.known();
        // Nothing is looked for that its client doesn't read.
        let media_type = self.media_type.unwrap_or(MediaType::Json);
        Ok(self.answer(known, media_type, session))
    }

    /// An answer without errors.
    fn answer(
        &self,
        stored: &Stored,
        media_type: MediaType,
        session: Option<&Session>,
    ) -> HttpResponse {
        let shared = &self.worker.shared;
        let mut answer = stored.answer(self.request, media_type, shared.max_age);
        self.tell_cost(&mut answer, session);
        answer
    }

    fn tell_cost(&self, answer: &mut HttpResponse, session: Option<&Session>) {
        if self.worker.shared.server_timing {
            answer::tell_cost(answer, session.map(Session::cost).unwrap_or_default());
        }
    }

    /// Runs a request over the worker's own connections.
    async fn execute(&self, admitted: Box<Admitted>, media_type: MediaType) -> HttpResponse {
        let admitted = *admitted;
        let (worker, observation) = (self.worker, self.observation);
        let (deadline, kind) = (self.time_left(), admitted.facts.kind);
        let session = admitted.session.until(deadline);
        let loader = Arc::new(worker.loader(session, kind));
        let request = worker
            .equip(admitted.request, Arc::clone(&loader), kind)
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
            let stored = Stored::new(admitted.facts, written.bytes, loader.tags(), is_public);
            let stored = Arc::new(stored);
            match admitted.flight {
                Some(flight) if is_public => flight.land(&stored),
                Some(flight) => flight.land_alone(),
                None => {}
            }
            return self.answer(&stored, media_type, Some(loader.session()));
        }
        if let Some(flight) = admitted.flight {
            flight.give_up();
        }
        let mut answer = HttpResponse::Ok();
        answer.insert_header(media_type.header());
        let mut answer = answer.body(written.bytes);
        self.tell_cost(&mut answer, Some(loader.session()));
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
    let lookup = authenticate(request, worker, session);
    let viewer = within(worker.shared.deadline, OperationType::Query, lookup).await;
    meter.identified(credentials, viewer.flatten())
}

/// Tells who asks.
pub(super) async fn authenticate(
    request: &HttpRequest,
    worker: &Worker,
    session: &Session,
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
    let loader = worker.lookup(session.clone());
    let gatekeeper = &worker.shared.gatekeeper;
    let viewer = gatekeeper.authenticate(authorization, &loader).await;
    viewer.map_err(|error| Refusal::access(&error))
}
