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
        connection_handle::ConnectionHandle, connection_limiter::wait_for_shutdown,
        execution::ExecutionEvent, http_response::HttpError, observe::Observation,
        request::RawRequest, state::WorkerState,
    },
    message_reader::{Incoming, MessageReader},
    operation::{Caller, PendingOperation, Subscriptions},
    protocol::{
        Action, Close, Event, INIT_TIMEOUT, Machine, OperationKey, PING_INTERVAL, Settings,
        Subscribe,
    },
};
use crate::{
    access::{Viewer, authenticator::AccessError},
    graphql::subscription::Loss,
};

/// The timeout for sending a message. After it the connection is closed.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// The timeout for sending a Close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// The timeout for queries and mutations once the server stops. It is one second less than the timeout for HTTP
/// requests, so that the Close frame is still sent.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(29);

/// The data of the handshake.
pub struct Handshake {
    /// Whether the client supports the sub-protocol.
    pub is_protocol_agreed: bool,
    /// The `Authorization` header, for a client that sends no credentials in `connection_init`.
    pub authorization: Option<HeaderValue>,
    /// The client's address.
    pub address: IpAddr,
}

/// The error of a connection that is closed.
struct SocketClosed;

/// A result of an operation; `None` after the last one.
type OperationEvent = (OperationKey, Option<ExecutionEvent>);

/// A pending authentication of the client.
type AuthenticationFuture<E> = Pin<Box<dyn Future<Output = Result<Viewer, E>>>>;

struct Socket {
    worker: web::Data<WorkerState>,
    machine: Machine,
    opened_at: Instant,
    stopping: watch::Receiver<bool>,
    session: Session,
    wire: ConnectionHandle,
    authorization: Option<String>,
    address: IpAddr,
    authentication: Option<AuthenticationFuture<HttpError>>,
    /// The pending revalidation of the credentials.
    revalidation: Option<AuthenticationFuture<AccessError>>,
    operations: SelectAll<Pin<Box<dyn Stream<Item = OperationEvent>>>>,
    abort_handles: HashMap<OperationKey, AbortHandle>,
    /// The running subscriptions, which end only when they are stopped.
    subscriptions: Subscriptions,
    /// Whether the server stops. Running operations complete, and no new ones start.
    is_draining: bool,
}

/// Serves a socket until the client or the server closes it.
pub async fn run(
    handshake: Handshake,
    session: Session,
    frames: MessageStream,
    wire: ConnectionHandle,
    worker: web::Data<WorkerState>,
) {
    let settings = Settings {
        init_timeout: INIT_TIMEOUT,
        ping_interval: PING_INTERVAL,
        max_operations: worker.shared.max_operations_per_socket,
    };
    let machine = match Machine::new(handshake.is_protocol_agreed, settings) {
        Ok(machine) => machine,
        Err(close) => return send_close(session, Some(close_reason(close)), &wire).await,
    };
    let messages = MessageReader::new(frames, worker.shared.body_limits.max_bytes);
    let socket = Socket {
        machine,
        opened_at: Instant::now(),
        stopping: worker.shared.socket_limiter.shutdown_signal(),
        session,
        wire,
        authorization: handshake.authorization.map(|header| {
            // A header that is not visible ASCII becomes an invalid credential.
            header.to_str().unwrap_or_default().to_owned()
        }),
        address: handshake.address,
        authentication: None,
        revalidation: None,
        operations: SelectAll::new(),
        abort_handles: HashMap::new(),
        subscriptions: Rc::default(),
        is_draining: false,
        worker,
    };
    socket.serve(messages).await;
}

impl Socket {
    async fn serve(mut self, mut messages: MessageReader) {
        loop {
            let due = self.opened_at + self.machine.deadline();
            let served = tokio::select! {
                biased;
                () = wait_for_shutdown(&mut self.stopping) => return self.drain(messages).await,
                message = messages.next() => self.handle_message(message).await,
                viewer = wait_for_authentication(&mut self.authentication) => self.handle_authentication(viewer).await,
                viewer = wait_for_authentication(&mut self.revalidation) => self.handle_revalidation(viewer).await,
                Some(given) = self.operations.next() => self.handle_operation_event(given).await,
                () = sleep_until(due) => self.handle(Event::DeadlinePassed).await,
            };
            if served.is_err() {
                return;
            }
        }
    }

    /// Stops the subscriptions, waits for the other running operations, and then closes the socket. Starts no new ones.
    async fn drain(mut self, mut messages: MessageReader) {
        self.is_draining = true;
        let subscriptions = self.subscriptions.take();
        for subscription in subscriptions {
            self.stop(subscription);
        }
        let until = Instant::now() + DRAIN_TIMEOUT;
        while !self.abort_handles.is_empty() {
            let served = tokio::select! {
                message = messages.next() => match message {
                    Some(Ok(Incoming::Text(_) | Incoming::Binary | Incoming::Pong)) => Ok(()),
                    other => self.handle_message(other).await,
                },
                Some(given) = self.operations.next() => self.handle_operation_event(given).await,
                () = sleep_until(until) => break,
            };
            if served.is_err() {
                return;
            }
        }
        // The socket ends here, so an error of the Close frame does not matter.
        let _ = self.close(Close::going_away()).await;
    }

    async fn handle_message(
        &mut self,
        message: Option<Result<Incoming, Close>>,
    ) -> Result<(), SocketClosed> {
        match message.ok_or(SocketClosed)? {
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
                Err(SocketClosed)
            }
            Err(close) => self.close(close).await,
        }
    }

    async fn handle_authentication(
        &mut self,
        viewer: Result<Viewer, HttpError>,
    ) -> Result<(), SocketClosed> {
        self.authentication = None;
        match viewer {
            Ok(viewer) => {
                let ends_in = viewer
                    .expires_at()
                    .map(|end| (end - Utc::now()).to_std().unwrap_or_default());
                self.handle(Event::Authenticated { ends_in }).await
            }
            Err(refusal) if refusal.is_authentication_error() => {
                self.handle(Event::AuthenticationFailed).await
            }
            // An internal error or an exhausted rate limit. The client may try again later.
            Err(_) => self.handle(Event::AuthenticationUnavailable).await,
        }
    }

    /// Handles the result of a revalidation. A token may be revoked or its critic deleted while its subscriptions run.
    /// An internal error does not end them.
    async fn handle_revalidation(
        &mut self,
        viewer: Result<Viewer, AccessError>,
    ) -> Result<(), SocketClosed> {
        self.revalidation = None;
        match viewer {
            Ok(_) => Ok(()),
            Err(AccessError::Unauthenticated(_)) => self.handle(Event::AuthenticationFailed).await,
            Err(error @ (AccessError::Database(_) | AccessError::NoKeys)) => {
                tracing::warn!(error.cause = %error, "the credentials of an open socket could not be revalidated");
                Ok(())
            }
        }
    }

    async fn handle_operation_event(
        &mut self,
        (operation, outcome): OperationEvent,
    ) -> Result<(), SocketClosed> {
        match outcome {
            Some(ExecutionEvent::Next(body)) => {
                // JSON is UTF-8.
                let payload = String::from_utf8_lossy(&body).into_owned();
                self.handle(Event::Next { operation, payload }).await
            }
            Some(ExecutionEvent::Failed(refusal)) => {
                self.stop(operation);
                let errors = refusal.errors_json();
                self.handle(Event::Failed { operation, errors }).await
            }
            Some(ExecutionEvent::Lost(Loss::TooSlow)) => self.handle(Event::ResultsLost).await,
            Some(ExecutionEvent::Lost(Loss::EventsMissed)) => {
                self.close(Close::events_lost()).await
            }
            None => {
                self.stop(operation);
                self.handle(Event::Completed { operation }).await
            }
        }
    }

    async fn close(&mut self, close: Close) -> Result<(), SocketClosed> {
        let actions = self.machine.close(close);
        self.perform(actions).await
    }

    async fn handle(&mut self, event: Event<'_>) -> Result<(), SocketClosed> {
        let actions = self.machine.handle(event, self.opened_at.elapsed());
        self.perform(actions).await
    }

    async fn perform(&mut self, actions: Vec<Action>) -> Result<(), SocketClosed> {
        let mut actions = VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            let session = &mut self.session.clone();
            match action {
                Action::Send(text) => self.send(session.text(text)).await?,
                Action::Ping => {
                    self.send(session.ping(b"")).await?;
                    self.start_revalidation();
                }
                Action::Authenticate(payload) => self.authenticate(payload.as_ref()),
                Action::Start { operation, request } => self.start(operation, request),
                Action::Stop { operation } => self.stop(operation),
                Action::Close(close) => {
                    self.operations.clear();
                    send_close(session.clone(), Some(close_reason(close)), &self.wire).await;
                    return Err(SocketClosed);
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
    ) -> Result<(), SocketClosed> {
        let sent = tokio::select! {
            sent = timeout(SEND_TIMEOUT, sent) => sent,
            // A client that reads nothing would not read a Close frame either.
            () = wait_for_shutdown(&mut self.stopping), if !self.is_draining => {
                self.wire.shut_down();
                return Err(SocketClosed);
            }
        };
        let Ok(sent) = sent else {
            tracing::debug!("a client does not read its messages; its socket is closed");
            self.wire.shut_down();
            return Err(SocketClosed);
        };
        sent.map_err(|_| SocketClosed)
    }

    /// Starts the authentication of the client, with the credentials of `connection_init` or else of the handshake.
    fn authenticate(&mut self, payload: Option<&Map<String, Value>>) {
        if let Some(sent) = payload.and_then(credentials) {
            self.authorization = Some(sent);
        }
        let asking = self.caller();
        self.authentication = Some(Box::pin(async move {
            let session = asking.worker.session();
            asking
                .authenticate(&session)
                .await
                .map(|(viewer, _)| viewer)
        }));
    }

    /// Returns the credentials and the address of the client.
    fn caller(&self) -> Caller {
        Caller {
            authorization: self.authorization.clone(),
            address: self.address,
            worker: self.worker.clone(),
        }
    }

    /// Starts a revalidation of the credentials, if there are any and no authentication is pending.
    fn start_revalidation(&mut self) {
        let may_begin = self.authentication.is_none() && self.revalidation.is_none();
        if may_begin && self.authorization.is_some() {
            self.revalidation = Some(self.revalidate_credentials());
        }
    }

    fn revalidate_credentials(&self) -> AuthenticationFuture<AccessError> {
        let authorization = self.authorization.clone();
        let worker = self.worker.clone();
        Box::pin(async move {
            let loader = worker.credentials_loader(worker.session());
            let gatekeeper = &worker.shared.authenticator;
            gatekeeper
                .authenticate(authorization.as_deref(), &loader)
                .await
        })
    }

    /// Starts an operation. An error before its execution is the first item of its results.
    fn start(&mut self, operation: OperationKey, request: Subscribe) {
        let starting = PendingOperation {
            request: RawRequest::new(
                request.query,
                request.operation_name,
                request.variables,
                request.extensions,
                request.document_id,
            ),
            caller: self.caller(),
            operation,
            subscriptions: Rc::clone(&self.subscriptions),
            observation: Observation::of_socket_operation(&self.worker.shared.observer),
        };
        let given = starting
            .into_events()
            .map(move |outcome| (operation, Some(outcome)));
        let end = stream::once(async move { (operation, None) });
        let (given, stop) = stream::abortable(given.chain(end));
        self.abort_handles.insert(operation, stop);
        self.operations.push(Box::pin(given));
    }

    /// Aborts an operation. It is dropped at the next poll of the operations, which follows immediately.
    fn stop(&mut self, operation: OperationKey) {
        self.subscriptions.borrow_mut().remove(&operation);
        if let Some(stop) = self.abort_handles.remove(&operation) {
            stop.abort();
        }
    }
}

/// Waits for the pending authentication, or forever if there is none.
async fn wait_for_authentication<E>(
    authentication: &mut Option<AuthenticationFuture<E>>,
) -> Result<Viewer, E> {
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
async fn send_close(session: Session, reason: Option<CloseReason>, wire: &ConnectionHandle) {
    match timeout(CLOSE_TIMEOUT, session.close(reason)).await {
        // An error means that the client has already closed the socket.
        Ok(Ok(()) | Err(_)) => {}
        Err(_) => wire.shut_down(),
    }
}

fn close_reason(close: Close) -> CloseReason {
    CloseReason {
        code: CloseCode::from(close.code),
        description: Some(close.reason),
    }
}
