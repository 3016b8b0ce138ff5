//! The authentication of the client of a socket, and its revalidation.

use std::pin::Pin;

use chrono::Utc;
use serde_json::{Map, Value};

use super::{Socket, SocketClosed};
use crate::{
    access::{Viewer, authenticator::error::AccessError},
    database::error_message::describe,
    http::{
        http_error::HttpError,
        websocket::{
            init_credentials,
            operation::Caller,
            protocol::{Action, Close, Event},
        },
    },
};

/// The member of the payload of `connection_init` by which a client says that it was connected before.
const RESUMED: &str = "resumed";

/// A pending authentication of the client.
pub(super) type AuthenticationFuture<E> = Pin<Box<dyn Future<Output = Result<Viewer, E>>>>;

impl Socket {
    pub(super) async fn handle_authentication(
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
            Err(error) if error.is_authentication_error() => {
                self.handle(Event::AuthenticationFailed).await
            }
            // An internal error or an exhausted rate limit. The client may try again later.
            Err(_) => self.handle(Event::AuthenticationUnavailable).await,
        }
    }

    /// Handles the result of a revalidation. A token may be revoked or its critic deleted while its subscriptions run.
    /// An internal error does not end them.
    pub(super) async fn handle_revalidation(
        &mut self,
        viewer: Result<Viewer, AccessError>,
    ) -> Result<(), SocketClosed> {
        self.revalidation = None;
        match viewer {
            Ok(_) => Ok(()),
            Err(AccessError::Unauthenticated(_)) => self.handle(Event::AuthenticationFailed).await,
            Err(error @ (AccessError::Database(_) | AccessError::NoKeys)) => {
                tracing::warn!(error.cause = %describe(&error), "the credentials of an open socket could not be revalidated");
                Ok(())
            }
        }
    }

    /// Starts the authentication of the client, with the credentials of `connection_init` or else of the handshake.
    /// Returns the actions that close the socket if it is unclear which credentials to use.
    pub(super) fn authenticate(&mut self, payload: Option<&Map<String, Value>>) -> Vec<Action> {
        let sent = payload.map_or(Ok(None), init_credentials::find);
        match (sent, self.token_in_url) {
            (Ok(Some(sent)), _) => self.authorization = Some(sent),
            (Ok(None), None) => {}
            (Ok(None), Some(_)) if self.authorization.is_some() => {}
            (Err(error), _) | (Ok(None), Some(error)) => {
                let close = Close::ambiguous_credentials(error.to_string());
                return self.machine.close(close);
            }
        }
        self.is_resuming =
            payload.is_some_and(|payload| payload.get(RESUMED) == Some(&true.into()));
        let caller = self.caller();
        self.authentication = Some(Box::pin(async move {
            let session = caller.worker.session();
            let authenticated = caller.authenticate(&session).await;
            if let Err(error) = &authenticated {
                error.delay(None).await;
            }
            authenticated.map(|(viewer, _)| viewer)
        }));
        Vec::new()
    }

    /// Returns the credentials and the address of the client.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            authorization: self.authorization.clone(),
            address: self.address,
            accept_language: self.accept_language.clone(),
            is_resuming: self.is_resuming,
            worker: self.worker.clone(),
        }
    }

    /// Starts a revalidation of the credentials, if there are any and no authentication is pending.
    pub(super) fn start_revalidation(&mut self) {
        let is_idle = self.authentication.is_none() && self.revalidation.is_none();
        if is_idle && self.authorization.is_some() {
            self.revalidation = Some(self.revalidate_credentials());
        }
    }

    fn revalidate_credentials(&self) -> AuthenticationFuture<AccessError> {
        let authorization = self.authorization.clone();
        let worker = self.worker.clone();
        Box::pin(async move {
            let loader = worker.credentials_loader(worker.session());
            let authenticator = &worker.shared.authenticator;
            authenticator
                .authenticate(authorization.as_deref(), &loader)
                .await
        })
    }
}

/// Waits for the pending authentication, or forever if there is none.
pub(super) async fn wait_for_authentication<E>(
    authentication: &mut Option<AuthenticationFuture<E>>,
) -> Result<Viewer, E> {
    match authentication {
        Some(authentication) => authentication.await,
        None => std::future::pending().await,
    }
}
