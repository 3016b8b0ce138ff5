//! The start of an operation over a WebSocket: the same steps as for an HTTP request.

use std::{cell::RefCell, collections::HashSet, net::IpAddr, rc::Rc, sync::Arc};

use actix_web::{http::Method, web};
use async_graphql::parser::types::OperationType;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::Notify;

use super::{
    super::{
        authentication::{Credentials, authenticate_and_charge, require_read_access},
        execution::{self, ExecutionEvent},
        observe::Observation,
        prepare::{ResolvedRequest, prepare},
        rate_limiting::{RequestMeter, charge_events},
        request::RawRequest,
        state::WorkerState,
    },
    protocol::OperationKey,
};
use crate::http::http_error::HttpError;
use crate::http::observe::instruments::labels::Transport;
use crate::{
    access::Viewer, database::session::Session, graphql::subscription::signals::ResumingClient,
};

/// The running subscriptions of a socket, which end only when they are stopped.
#[derive(Default)]
pub struct Subscriptions {
    keys: RefCell<HashSet<OperationKey>>,
    added: Notify,
}

impl Subscriptions {
    /// Adds a subscription that starts.
    pub fn add(&self, operation: OperationKey) {
        self.keys.borrow_mut().insert(operation);
        self.added.notify_one();
    }

    /// Removes an operation that ends, if it is a subscription.
    pub fn remove(&self, operation: OperationKey) {
        self.keys.borrow_mut().remove(&operation);
    }

    /// Removes and returns all subscriptions.
    pub fn take(&self) -> HashSet<OperationKey> {
        self.keys.take()
    }

    /// Waits until a subscription was added since the last call.
    pub async fn wait_for_added(&self) {
        self.added.notified().await;
    }
}

/// The credentials and the address of the client.
pub struct Caller {
    pub authorization: Option<String>,
    pub address: IpAddr,
    /// The `Accept-Language` header of the handshake.
    pub accept_language: Option<Rc<str>>,
    /// Whether the client says that it was connected before.
    pub is_resuming: bool,
    pub worker: web::Data<WorkerState>,
}

impl Caller {
    /// Authenticates the caller and charges the rate limit for it.
    pub async fn authenticate(
        &self,
        session: &Session,
    ) -> Result<(Viewer, RequestMeter), HttpError> {
        let limits = Arc::clone(&self.worker.shared.rate_limits);
        let mut meter = RequestMeter::new(limits, self.address);
        let credentials = Credentials::of_value(self.authorization.as_deref());
        let viewer =
            authenticate_and_charge(credentials, &self.worker, session, &mut meter).await?;
        Ok((viewer, meter))
    }
}

/// An operation that the client has requested.
pub struct PendingOperation {
    pub request: RawRequest,
    pub caller: Caller,
    pub operation: OperationKey,
    pub subscriptions: Rc<Subscriptions>,
    pub observation: Observation,
}

impl PendingOperation {
    /// Executes the operation, if it is valid and the caller is authorized. The stream begins with the error otherwise.
    pub fn into_events(self) -> impl Stream<Item = ExecutionEvent> {
        let observation = self.observation.clone();
        let limits = self.caller.worker.shared.response_limits;
        let delayed = observation.clone();
        let started = async move {
            let started = self.start().await;
            if let Err(error) = &started {
                error.delay(Some(&delayed)).await;
            }
            started
        };
        let started = stream::once(started).flat_map(move |started| match started {
            Ok(outcomes) => outcomes.left_stream(),
            Err(error) => {
                let error = error.with_error_limit(limits);
                stream::once(async { ExecutionEvent::Failed(error) }).right_stream()
            }
        });
        observation.stream(started)
    }

    /// Prepares the operation and starts its execution. The caller is authenticated for each operation, because a token
    /// may be revoked while the socket is open.
    async fn start(self) -> Result<impl Stream<Item = ExecutionEvent> + use<>, HttpError> {
        let worker = &self.caller.worker;
        let (session, observation) = (worker.session(), self.observation);
        observation.set_session(&session);
        let (viewer, mut meter) = self.caller.authenticate(&session).await?;
        require_read_access(&viewer, &worker.shared.authenticator)?;
        let (parameters, document) = self.request.resolve(&worker.shared.documents)?;
        let request = ResolvedRequest {
            language: worker.language(self.caller.accept_language.as_deref()),
            viewer,
            parameters,
            document,
            idempotency_key: None,
            cache_key: None,
        };
        let mut prepared = prepare(
            &request,
            &Method::POST,
            worker,
            session,
            &mut meter,
            &observation,
        )
        .await?;
        if self.caller.is_resuming {
            prepared.request = prepared.request.data(ResumingClient);
        }
        observation.record_stream(Transport::WebSocket);
        let kind = prepared.operation.kind;
        if kind == OperationType::Subscription {
            self.subscriptions.add(self.operation);
        }
        let usage = meter.event_usage(kind);
        let events = execution::execute_stream(prepared, worker, observation);
        Ok(charge_events(events, usage))
    }
}
