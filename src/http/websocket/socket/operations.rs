//! The operations of a socket, and their results.

use std::rc::Rc;

use futures_util::{
    StreamExt,
    stream::{self},
};

use super::{Socket, SocketClosed};
use crate::{
    graphql::subscription::signals::Loss,
    http::{
        execution::ExecutionEvent,
        observe::Observation,
        request::RawRequest,
        websocket::{
            operation::PendingOperation,
            protocol::{Close, Event, OperationKey, Subscribe},
        },
    },
};

/// A result of an operation; `None` after the last one.
pub(super) type OperationEvent = (OperationKey, Option<ExecutionEvent>);

impl Socket {
    pub(super) async fn handle_operation_event(
        &mut self,
        (operation, outcome): OperationEvent,
    ) -> Result<(), SocketClosed> {
        match outcome {
            Some(ExecutionEvent::Next(body)) => {
                // JSON is UTF-8.
                let payload = String::from_utf8_lossy(&body).into_owned();
                self.handle(Event::Next { operation, payload }).await
            }
            Some(ExecutionEvent::Failed(error)) => {
                self.stop(operation);
                let errors = error.errors_json();
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

    /// Starts an operation. An error before its execution is the first item of its results.
    pub(super) fn start(&mut self, operation: OperationKey, request: Subscribe) {
        let pending = PendingOperation {
            request: RawRequest::new(
                request.query,
                request.operation_name,
                request.variables,
                request.extensions,
                request.document_id,
                request.doc_id,
                request.id_in_payload,
            ),
            caller: self.caller(),
            operation,
            subscriptions: Rc::clone(&self.subscriptions),
            observation: Observation::of_socket_operation(&self.worker.shared.observer),
        };
        let events = pending
            .into_events()
            .map(move |outcome| (operation, Some(outcome)));
        let end = stream::once(async move { (operation, None) });
        let (events, abort_handle) = stream::abortable(events.chain(end));
        self.abort_handles.insert(operation, abort_handle);
        self.operations.push(Box::pin(events));
    }

    /// Aborts an operation. It is dropped at the next poll of the operations, which follows immediately.
    pub(super) fn stop(&mut self, operation: OperationKey) {
        self.subscriptions.remove(operation);
        if let Some(abort_handle) = self.abort_handles.remove(&operation) {
            abort_handle.abort();
        }
    }
}
