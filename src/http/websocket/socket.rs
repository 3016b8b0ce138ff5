//! A WebSocket: performs the actions of the protocol state machine.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use actix_web::{http::header::HeaderValue, web};
use actix_ws::{CloseCode, CloseReason, MessageStream, Session};
use chrono::Utc;
use futures_util::{
    Stream, StreamExt,
    stream::{self, AbortHandle, SelectAll},
};
use serde_json::{Map, Value};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    super::{
        Worker, answer::Refusal, execution::Outcome, observe::Observation, request::Sent,
        sockets::stopped, wire::Wire,
    },
    frames::{Incoming, Messages},
    protocol::{
        Action, Close, Event, INIT_TIMEOUT, KEEP_ALIVE, Machine, OperationKey, Settings, Subscribe,
    },
    starting::{Asking, Starting, Subscriptions},
};
use crate::{
    access::{Viewer, gatekeeper::AccessError},
    graphql::subscription::Loss,
};

/// The timeout for sending a message. After it the connection is closed.
const SEND_PATIENCE: Duration = Duration::from_secs(10);

/// The timeout for sending a Close frame.
const CLOSE_PATIENCE: Duration = Duration::from_millis(500);

/// The timeout for queries and mutations once the server stops. It is one second less than the timeout for HTTP
/// requests, so that the Close frame is still sent.
const FINISH_PATIENCE: Duration = Duration::from_secs(29);

/// The data of the handshake.
pub struct Handshake {
    /// Whether the client supports the sub-protocol.
    pub protocol_agreed: bool,
    /// The `Authorization` header, for a client that sends no credentials in `connection_init`.
    pub authorization: Option<HeaderValue>,
    /// The client's address.
    pub address: IpAddr,
}

/// The error of a connection that is closed.
struct Over;

/// A result of an operation; `None` after the last one.
type Given = (OperationKey, Option<Outcome>);

/// A pending authentication of the client.
type Authentication<E> = Pin<Box<dyn Future<Output = Result<Viewer, E>>>>;

struct Socket {
    worker: web::Data<Worker>,
    machine: Machine,
    opened: Instant,
    stopping: watch::Receiver<bool>,
    session: Session,
    wire: Wire,
    authorization: Option<String>,
    address: IpAddr,
    authentication: Option<Authentication<Refusal>>,
    /// The pending revalidation of the credentials.
    recheck: Option<Authentication<AccessError>>,
    operations: SelectAll<Pin<Box<dyn Stream<Item = Given>>>>,
    stops: HashMap<OperationKey, AbortHandle>,
    /// The running subscriptions, which end only when they are stopped.
    subscriptions: Subscriptions,
    /// Whether the server stops. Running operations complete, and no new ones start.
    finishing: bool,
}

/// Serves a socket until the client or the server closes it.
pub async fn run(
    handshake: Handshake,
    session: Session,
    frames: MessageStream,
    wire: Wire,
    worker: web::Data<Worker>,
) {
    let settings = Settings {
        init_timeout: INIT_TIMEOUT,
        keep_alive: KEEP_ALIVE,
        operations: worker.shared.operations_per_socket,
    };
    let machine = match Machine::open(handshake.protocol_agreed, settings) {
        Ok(machine) => machine,
        Err(close) => return send_close(session, Some(reason(close)), &wire).await,
    };
    let messages = Messages::new(frames, worker.shared.body.bytes);
    let socket = Socket {
        machine,
        opened: Instant::now(),
        stopping: worker.shared.sockets.stopping(),
        session,
        wire,
        authorization: handshake.authorization.map(|header| {
            // A header that is not visible ASCII becomes an invalid credential.
            header.to_str().unwrap_or_default().to_owned()
        }),
        address: handshake.address,
        authentication: None,
        recheck: None,
        operations: SelectAll::new(),
        stops: HashMap::new(),
        subscriptions: Rc::default(),
        finishing: false,
        worker,
    };
    socket.serve(messages).await;
}

impl Socket {
    async fn serve(mut self, mut messages: Messages) {
        loop {
            let due = self.opened + self.machine.deadline();
            let served = tokio::select! {
                biased;
                () = stopped(&mut self.stopping) => return self.finish(messages).await,
                message = messages.next() => self.message(message).await,
                viewer = authenticated(&mut self.authentication) => self.authenticated(viewer).await,
                viewer = authenticated(&mut self.recheck) => self.rechecked(viewer).await,
                Some(given) = self.operations.next() => self.given(given).await,
                () = sleep_until(due) => self.handle(Event::Time).await,
            };
            if served.is_err() {
                return;
            }
        }
    }

    /// Stops the subscriptions, waits for the other running operations, and then closes the socket. Starts no new ones.
    async fn finish(mut self, mut messages: Messages) {
        self.finishing = true;
        let subscriptions = self.subscriptions.take();
        for subscription in subscriptions {
            self.stop(subscription);
        }
        let until = Instant::now() + FINISH_PATIENCE;
        while !self.stops.is_empty() {
            let served = tokio::select! {
                message = messages.next() => match message {
                    Some(Ok(Incoming::Text(_) | Incoming::Binary | Incoming::Pong)) => Ok(()),
                    other => self.message(other).await,
                },
                Some(given) = self.operations.next() => self.given(given).await,
                () = sleep_until(until) => break,
            };
            if served.is_err() {
                return;
            }
        }
        // The socket ends here, so an error of the Close frame does not matter.
        let _ = self.close(Close::going_away()).await;
    }

    async fn message(&mut self, message: Option<Result<Incoming, Close>>) -> Result<(), Over> {
        match message.ok_or(Over)? {
            Ok(Incoming::Text(text)) => self.handle(Event::Text(&text)).await,
            Ok(Incoming::Binary) => self.handle(Event::Binary).await,
            Ok(Incoming::Pong) => self.handle(Event::Pong).await,
            Ok(Incoming::Ping(payload)) => {
                let session = &mut self.session.clone();
                self.send(session.pong(&payload)).await
            }
            Ok(Incoming::Close(reason)) => {
                // The response to a Close frame has the same code.
                let reply = reason.map(|reason| CloseReason::from(reason.code));
                send_close(self.session.clone(), reply, &self.wire).await;
                Err(Over)
            }
            Err(close) => self.close(close).await,
        }
    }

    async fn authenticated(&mut self, viewer: Result<Viewer, Refusal>) -> Result<(), Over> {
        self.authentication = None;
        match viewer {
            Ok(viewer) => {
                let ends_in = viewer
                    .expires_at()
                    .map(|end| (end - Utc::now()).to_std().unwrap_or_default());
                self.handle(Event::Accepted { ends_in }).await
            }
            Err(refusal) if refusal.is_of_credentials() => self.handle(Event::Refused).await,
            // An internal error or an exhausted rate limit. The client may try again later.
            Err(_) => self.handle(Event::NotTold).await,
        }
    }

    /// Handles the result of a revalidation. A token may be revoked or its critic deleted while its subscriptions run.
    /// An internal error does not end them.
    async fn rechecked(&mut self, viewer: Result<Viewer, AccessError>) -> Result<(), Over> {
        self.recheck = None;
        match viewer {
            Ok(_) => Ok(()),
            Err(AccessError::Unauthenticated(_)) => self.handle(Event::Refused).await,
            Err(error @ (AccessError::Database(_) | AccessError::NoKeys)) => {
                tracing::warn!(error.cause = %error, "the credentials of an open socket could not be revalidated");
                Ok(())
            }
        }
    }

    async fn given(&mut self, (operation, outcome): Given) -> Result<(), Over> {
        match outcome {
            Some(Outcome::Next(body)) => {
                // JSON is UTF-8.
                let payload = String::from_utf8_lossy(&body).into_owned();
                self.handle(Event::Next { operation, payload }).await
            }
            Some(Outcome::Failed(refusal)) => {
                self.stop(operation);
                let errors = refusal.errors();
                self.handle(Event::Failed { operation, errors }).await
            }
            Some(Outcome::Lost(Loss::TooSlow)) => self.handle(Event::Lost).await,
            Some(Outcome::Lost(Loss::Missed)) => self.close(Close::events_lost()).await,
            None => {
                self.stop(operation);
                self.handle(Event::Ended { operation }).await
            }
        }
    }

    async fn close(&mut self, close: Close) -> Result<(), Over> {
        let actions = self.machine.close(close);
        self.carry_out(actions).await
    }

    async fn handle(&mut self, event: Event<'_>) -> Result<(), Over> {
        let actions = self.machine.handle(event, self.opened.elapsed());
        self.carry_out(actions).await
    }

    async fn carry_out(&mut self, actions: Vec<Action>) -> Result<(), Over> {
        let mut actions = VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            let session = &mut self.session.clone();
            match action {
                Action::Send(text) => self.send(session.text(text)).await?,
                Action::Ping => {
                    self.send(session.ping(b"")).await?;
                    self.check_again();
                }
                Action::Authenticate(payload) => self.authenticate(payload.as_ref()),
                Action::Start { operation, request } => self.start(operation, request),
                Action::Stop { operation } => self.stop(operation),
                Action::Close(close) => {
                    self.operations.clear();
                    send_close(session.clone(), Some(reason(close)), &self.wire).await;
                    return Err(Over);
                }
            }
        }
        Ok(())
    }

    /// Sends a frame, with a timeout. While the client does not read it, the server reads no messages and polls no
    /// operations of this socket.
    async fn send(
        &mut self,
        sent: impl Future<Output = Result<(), actix_ws::Closed>>,
    ) -> Result<(), Over> {
        let sent = tokio::select! {
            sent = timeout(SEND_PATIENCE, sent) => sent,
            // A client that reads nothing would not read a Close frame either.
            () = stopped(&mut self.stopping), if !self.finishing => {
                self.wire.cut();
                return Err(Over);
            }
        };
        let Ok(sent) = sent else {
            tracing::debug!("a client does not read its messages; its socket is closed");
            self.wire.cut();
            return Err(Over);
        };
        sent.map_err(|_| Over)
    }

    /// Starts the authentication of the client, with the credentials of `connection_init` or else of the handshake.
    fn authenticate(&mut self, payload: Option<&Map<String, Value>>) {
        if let Some(sent) = payload.and_then(credentials) {
            self.authorization = Some(sent);
        }
        let asking = self.asking();
        self.authentication = Some(Box::pin(async move {
            let session = asking.worker.session();
            asking.identify(&session).await.map(|(viewer, _)| viewer)
        }));
    }

    /// Returns the credentials and the address of the client.
    fn asking(&self) -> Asking {
        Asking {
            authorization: self.authorization.clone(),
            address: self.address,
            worker: self.worker.clone(),
        }
    }

    /// Starts a revalidation of the credentials, if there are any and no authentication is pending.
    fn check_again(&mut self) {
        let may_begin = self.authentication.is_none() && self.recheck.is_none();
        if may_begin && self.authorization.is_some() {
            self.recheck = Some(self.look_up());
        }
    }

    fn look_up(&self) -> Authentication<AccessError> {
        let authorization = self.authorization.clone();
        let worker = self.worker.clone();
        Box::pin(async move {
            let loader = worker.lookup(worker.session());
            let gatekeeper = &worker.shared.gatekeeper;
            gatekeeper
                .authenticate(authorization.as_deref(), &loader)
                .await
        })
    }

    /// Starts an operation. An error before its execution is the first item of its results.
    fn start(&mut self, operation: OperationKey, request: Subscribe) {
        let starting = Starting {
            sent: Sent::new(
                request.query,
                request.operation_name,
                request.variables,
                request.extensions,
                request.document_id,
            ),
            asking: self.asking(),
            operation,
            subscriptions: Rc::clone(&self.subscriptions),
            observation: Observation::on_socket(&self.worker.shared.observer),
        };
        let given = starting
            .outcomes()
            .map(move |outcome| (operation, Some(outcome)));
        let end = stream::once(async move { (operation, None) });
        let (given, stop) = stream::abortable(given.chain(end));
        self.stops.insert(operation, stop);
        self.operations.push(Box::pin(given));
    }

    /// Aborts an operation. It is dropped at the next poll of the operations, which follows immediately.
    fn stop(&mut self, operation: OperationKey) {
        self.subscriptions.borrow_mut().remove(&operation);
        if let Some(stop) = self.stops.remove(&operation) {
            stop.abort();
        }
    }
}

/// Waits for the pending authentication, or forever if there is none.
async fn authenticated<E>(authentication: &mut Option<Authentication<E>>) -> Result<Viewer, E> {
    match authentication {
        Some(authentication) => authentication.await,
        None => std::future::pending().await,
    }
}

/// Returns the credentials in the payload of `connection_init`, in the format of an `Authorization` header. They are
/// the member `Authorization` in any case, or `token` without the prefix `Bearer`. A value that is not a string becomes
/// an invalid credential.
fn credentials(payload: &Map<String, Value>) -> Option<String> {
    let named = |name: &str| {
        let mut members = payload.iter();
        let (_, value) = members.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        (!value.is_null()).then(|| value.as_str().unwrap_or_default())
    };
    let whole = named("authorization").map(str::to_owned);
    whole.or_else(|| named("token").map(|token| format!("Bearer {token}")))
}

/// Sends a Close frame, after which the connection is closed. Shuts down the connection if the client does not read the
/// frame in time.
async fn send_close(session: Session, reason: Option<CloseReason>, wire: &Wire) {
    match timeout(CLOSE_PATIENCE, session.close(reason)).await {
        // An error means that the client has already closed the socket.
        Ok(Ok(()) | Err(_)) => {}
        Err(_) => wire.cut(),
    }
}

fn reason(close: Close) -> CloseReason {
    CloseReason {
        code: CloseCode::from(close.code),
        description: Some(close.reason),
    }
}
