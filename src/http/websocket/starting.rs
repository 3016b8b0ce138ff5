//! The start of an operation over a WebSocket: authentication, preparation and execution.

use std::{cell::RefCell, collections::HashSet, net::IpAddr, rc::Rc, sync::Arc};

use actix_web::{http::Method, web};
use async_graphql::parser::types::OperationType;
use futures_util::{Stream, StreamExt, stream};

use super::{
    super::{
        Worker,
        answer::Refusal,
        deadline::within,
        execution::{self, Outcome},
        graphql::admit_to_reading,
        meter::{Meter, tolled},
        observe::Observation,
        prepare::prepare,
        request::Sent,
    },
    protocol::OperationKey,
};
use crate::{access::Viewer, database::session::Session, http::observe::instruments::Transport};

/// The running subscriptions of a socket, which end only when they are stopped.
pub type Subscriptions = Rc<RefCell<HashSet<OperationKey>>>;

/// The credentials and the address of the client.
pub struct Asking {
    pub authorization: Option<String>,
    pub address: IpAddr,
    pub worker: web::Data<Worker>,
}

impl Asking {
    /// Authenticates the caller and charges the rate limit for it.
    pub async fn identify(&self, session: &Session) -> Result<(Viewer, Meter), Refusal> {
        let shared = &self.worker.shared;
        let mut meter = Meter::new(Arc::clone(&shared.rates), self.address);
        let credentials = self.authorization.as_deref();
        meter.before_lookup(credentials.map(str::as_bytes))?;
        let loader = self.worker.lookup(session.clone());
        let lookup = shared.gatekeeper.authenticate(credentials, &loader);
        let viewer = within(shared.deadline, OperationType::Query, lookup).await?;
        let viewer = viewer.map_err(|error| Refusal::access(&error));
        let viewer = meter.identified(credentials.map(str::as_bytes), viewer)?;
        Ok((viewer, meter))
    }
}

/// An operation that the client has requested.
pub struct Starting {
    pub sent: Sent,
    pub asking: Asking,
    pub operation: OperationKey,
    pub subscriptions: Subscriptions,
    pub observation: Observation,
}

impl Starting {
    /// Executes the operation, if it is valid and the caller is authorized. The stream begins with the error otherwise.
    pub fn outcomes(self) -> impl Stream<Item = Outcome> {
        let observation = self.observation.clone();
        let limits = self.asking.worker.shared.answers;
        let begun = stream::once(self.begin()).flat_map(move |begun| match begun {
            Ok(outcomes) => outcomes.left_stream(),
            Err(refusal) => {
                let refusal = refusal.within(limits);
                stream::once(async { Outcome::Failed(refusal) }).right_stream()
            }
        });
        observation.stream(begun)
    }

    /// Prepares the operation and starts its execution. The caller is authenticated for each operation, because a token
    /// may be revoked while the socket is open.
    async fn begin(self) -> Result<impl Stream<Item = Outcome> + use<>, Refusal> {
        let worker = &self.asking.worker;
        let (session, observation) = (worker.session(), self.observation);
        observation.charge(&session);
        let (viewer, mut meter) = self.asking.identify(&session).await?;
        admit_to_reading(&viewer, &worker.shared.gatekeeper)?;
        let (parameters, resolved) = self.sent.resolve(&worker.shared.documents)?;
        let prepared = prepare(&parameters, &Method::POST, &worker.shared.pipeline).await;
        let prepared = meter.examined(prepared)?;
        observation.prepared(prepared.facts());
        observation.goes_on(Transport::WebSocket);
        worker.shared.documents.remember(&resolved);
        if prepared.facts().kind == OperationType::Subscription {
            self.subscriptions.borrow_mut().insert(self.operation);
        }
        let cost = prepared.facts().cost;
        let rights = worker.shared.gatekeeper.rights();
        let mut admitted = prepared.admit(viewer, session, rights)?;
        if let Some(charged) = meter.charge(cost)? {
            admitted.request = admitted.request.data(charged);
        }
        let toll = meter.toll(admitted.facts.kind);
        Ok(tolled(execution::run(admitted, worker, observation), toll))
    }
}
