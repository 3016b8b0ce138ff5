//! The start of an operation over a WebSocket: authentication, preparation and execution.

use std::{cell::RefCell, collections::HashSet, net::IpAddr, rc::Rc, sync::Arc};

use actix_web::{http::Method, web};
use async_graphql::parser::types::OperationType;
use futures_util::{Stream, StreamExt, stream};

use super::{
    super::{
        WorkerState,
        deadline::with_deadline,
        execution::{self, ExecutionEvent},
        graphql::require_read_access,
        http_response::HttpError,
        observe::Observation,
        prepare::prepare,
        rate_limiting::{RequestMeter, charge_events},
        request::RawRequest,
    },
    protocol::OperationKey,
};
use crate::{access::Viewer, database::session::Session, http::observe::instruments::Transport};

/// The running subscriptions of a socket, which end only when they are stopped.
pub type Subscriptions = Rc<RefCell<HashSet<OperationKey>>>;

/// The credentials and the address of the client.
pub struct Caller {
    pub authorization: Option<String>,
    pub address: IpAddr,
    pub worker: web::Data<WorkerState>,
}

impl Caller {
    /// Authenticates the caller and charges the rate limit for it.
    pub async fn authenticate(
        &self,
        session: &Session,
    ) -> Result<(Viewer, RequestMeter), HttpError> {
        let shared = &self.worker.shared;
        let mut meter = RequestMeter::new(Arc::clone(&shared.rate_limits), self.address);
        let credentials = self.authorization.as_deref();
        meter.charge_lookup(credentials.map(str::as_bytes))?;
        let loader = self.worker.credentials_loader(session.clone());
        let lookup = shared.authenticator.authenticate(credentials, &loader);
        let viewer = with_deadline(shared.deadline, OperationType::Query, lookup).await?;
        let viewer = viewer.map_err(|error| HttpError::from_access_error(&error));
        let viewer = meter.charge_authentication(credentials.map(str::as_bytes), viewer)?;
        Ok((viewer, meter))
    }
}

/// An operation that the client has requested.
pub struct PendingOperation {
    pub request: RawRequest,
    pub caller: Caller,
    pub operation: OperationKey,
    pub subscriptions: Subscriptions,
    pub observation: Observation,
}

impl PendingOperation {
    /// Executes the operation, if it is valid and the caller is authorized. The stream begins with the error otherwise.
    pub fn into_events(self) -> impl Stream<Item = ExecutionEvent> {
        let observation = self.observation.clone();
        let limits = self.caller.worker.shared.response_limits;
        let begun = stream::once(self.start()).flat_map(move |begun| match begun {
            Ok(outcomes) => outcomes.left_stream(),
            Err(refusal) => {
                let refusal = refusal.with_error_limit(limits);
                stream::once(async { ExecutionEvent::Failed(refusal) }).right_stream()
            }
        });
        observation.stream(begun)
    }

    /// Prepares the operation and starts its execution. The caller is authenticated for each operation, because a token
    /// may be revoked while the socket is open.
    async fn start(self) -> Result<impl Stream<Item = ExecutionEvent> + use<>, HttpError> {
        let worker = &self.caller.worker;
        let (session, observation) = (worker.session(), self.observation);
        observation.set_session(&session);
        let (viewer, mut meter) = self.caller.authenticate(&session).await?;
        require_read_access(&viewer, &worker.shared.authenticator)?;
        let (parameters, resolved) = self.request.resolve(&worker.shared.documents)?;
        let prepared = prepare(&parameters, &Method::POST, &worker.shared.pipeline).await;
        let prepared = meter.charge_rejected_document(prepared)?;
        observation.record_operation(prepared.operation());
        observation.record_stream(Transport::WebSocket);
        worker.shared.documents.cache_if_valid(&resolved);
        if prepared.operation().kind == OperationType::Subscription {
            self.subscriptions.borrow_mut().insert(self.operation);
        }
        let cost = prepared.operation().cost;
        let rights = worker.shared.authenticator.rights();
        let mut admitted = prepared.authorize(viewer, session, rights)?;
        if let Some(charged) = meter.charge_operation(cost)? {
            admitted.request = admitted.request.data(charged);
        }
        let toll = meter.event_charge(admitted.operation.kind);
        Ok(charge_events(
            execution::execute(admitted, worker, observation),
            toll,
        ))
    }
}
