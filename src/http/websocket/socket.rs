//! A WebSocket: performs the actions of the protocol state machine.

mod authentication;
mod frames;
mod operations;

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use actix_web::web;
use actix_ws::{CloseReason, MessageStream, Session};
use futures_util::{
    Stream, StreamExt,
    stream::{AbortHandle, SelectAll},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use self::{
    authentication::{AuthenticationFuture, wait_for_authentication},
    frames::{close_reason, send_close},
    operations::OperationEvent,
};
use super::{
    super::{
        connection_handle::ConnectionHandle, connection_limiter::wait_for_shutdown,
        state::WorkerState,
    },
    init_credentials::AmbiguousCredentials,
    message_reader::{Incoming, MessageReader},
    operation::Subscriptions,
    protocol::{
        Action, Close, Event, INIT_TIMEOUT, OperationKey, PING_INTERVAL, Settings, machine::Machine,
    },
};
use crate::access::authenticator::error::AccessError;
use crate::http::http_error::HttpError;

/// The timeout for queries and mutations once the server stops. It is one second less than the timeout for HTTP
/// requests, so that the Close frame is still sent.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(29);

/// The timeout for the response to the Close frame of a server that stops.
const CLOSE_RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The data of the handshake.
pub struct Handshake {
    /// Whether the client supports the sub-protocol.
    pub is_protocol_agreed: bool,
    /// The `Authorization` header, for a client that sends no credentials in `connection_init`.
    pub authorization: Option<String>,
    /// The error of a token in the URL, which applies if the client sends no other.
    pub token_in_url: Option<AmbiguousCredentials>,
    /// The client's address.
    pub address: IpAddr,
    /// The `Accept-Language` header.
    pub accept_language: Option<String>,
}

/// The error of a connection that is closed.
struct SocketClosed;

struct Socket {
    worker: web::Data<WorkerState>,
    machine: Machine,
    opened_at: Instant,
    stopping: watch::Receiver<bool>,
    session: Session,
    connection: ConnectionHandle,
    authorization: Option<String>,
    token_in_url: Option<AmbiguousCredentials>,
    /// Whether the client says in `connection_init` that it was connected before.
    is_resuming: bool,
    address: IpAddr,
    accept_language: Option<Rc<str>>,
    authentication: Option<AuthenticationFuture<HttpError>>,
    /// The pending revalidation of the credentials.
    revalidation: Option<AuthenticationFuture<AccessError>>,
    operations: SelectAll<Pin<Box<dyn Stream<Item = OperationEvent>>>>,
    abort_handles: HashMap<OperationKey, AbortHandle>,
    /// The running subscriptions, which end only when they are stopped.
    subscriptions: Rc<Subscriptions>,
    /// Whether the server stops. Running operations complete, and no new ones start.
    is_draining: bool,
}

/// Serves a socket until the client or the server closes it.
pub async fn run(
    handshake: Handshake,
    session: Session,
    frames: MessageStream,
    connection: ConnectionHandle,
    worker: web::Data<WorkerState>,
) {
    let settings = Settings {
        init_timeout: INIT_TIMEOUT,
        ping_interval: PING_INTERVAL,
        max_operations: worker.shared.max_operations_per_socket,
    };
    let machine = match Machine::new(handshake.is_protocol_agreed, settings) {
        Ok(machine) => machine,
        Err(close) => return send_close(session, Some(close_reason(close)), &connection).await,
    };
    let messages = MessageReader::new(frames, worker.shared.body_limits.max_bytes);
    let socket = Socket {
        machine,
        opened_at: Instant::now(),
        stopping: worker.shared.socket_limiter.shutdown_signal(),
        session,
        connection,
        authorization: handshake.authorization,
        token_in_url: handshake.token_in_url,
        is_resuming: false,
        address: handshake.address,
        accept_language: handshake.accept_language.map(Rc::from),
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
            let result = tokio::select! {
                biased;
                () = wait_for_shutdown(&mut self.stopping) => return self.drain(messages).await,
                message = messages.next() => self.handle_message(message).await,
                viewer = wait_for_authentication(&mut self.authentication) => self.handle_authentication(viewer).await,
                viewer = wait_for_authentication(&mut self.revalidation) => self.handle_revalidation(viewer).await,
                Some(event) = self.operations.next() => self.handle_operation_event(event).await,
                () = sleep_until(due) => self.handle(Event::DeadlinePassed).await,
            };
            if result.is_err() {
                return;
            }
        }
    }

    /// Stops the subscriptions, waits for the other running operations, and then closes the socket. Starts no new ones.
    async fn drain(mut self, mut messages: MessageReader) {
        self.is_draining = true;
        let subscriptions = Rc::clone(&self.subscriptions);
        let until = Instant::now() + DRAIN_TIMEOUT;
        loop {
            for subscription in subscriptions.take() {
                self.stop(subscription);
            }
            if self.abort_handles.is_empty() {
                break;
            }
            let result = tokio::select! {
                // An operation that was being prepared is a subscription.
                () = subscriptions.wait_for_added() => Ok(()),
                message = messages.next() => match message {
                    Some(Ok(Incoming::Text(_) | Incoming::Binary | Incoming::Pong)) => Ok(()),
                    other => self.handle_message(other).await,
                },
                Some(event) = self.operations.next() => self.handle_operation_event(event).await,
                () = sleep_until(until) => break,
            };
            if result.is_err() {
                return;
            }
        }
        // The socket ends here, so an error of the Close frame does not matter.
        let _ = self.close(Close::going_away()).await;
        wait_for_close(messages, &self.connection).await;
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
                send_close(self.session.clone(), reply, &self.connection).await;
                Err(SocketClosed)
            }
            Err(close) => self.close(close).await,
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
                Action::Authenticate(payload) => {
                    actions.extend(self.authenticate(payload.as_ref()));
                }
                Action::Start { operation, request } => self.start(operation, request),
                Action::Stop { operation } => self.stop(operation),
                Action::Close(close) => {
                    self.operations.clear();
                    send_close(session.clone(), Some(close_reason(close)), &self.connection).await;
                    return Err(SocketClosed);
                }
            }
        }
        Ok(())
    }
}

/// Waits for the client's response to a Close frame. Without one the client may not even have read the frame: its connection
/// is shut down, so that the shutdown of the server does not wait for it.
async fn wait_for_close(mut messages: MessageReader, connection: &ConnectionHandle) {
    let closed = async {
        while let Some(Ok(message)) = messages.next().await {
            if matches!(message, Incoming::Close(_)) {
                break;
            }
        }
    };
    if timeout(CLOSE_RESPONSE_TIMEOUT, closed).await.is_err() {
        connection.shut_down();
    }
}
