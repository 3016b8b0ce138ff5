//! HTTP/1.1, by actix-web.

use std::{any::Any, future::ready, net::SocketAddr, pin::Pin, rc::Rc, time::Duration};

use actix_http::{HttpService, Protocol, Request, error::DispatchError};
use actix_service::{Service, ServiceFactory, fn_factory};
use actix_web::{Error, body::MessageBody, dev::ServiceResponse};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{NextConnection, Transport};
use crate::http::{connection_handle, connection_limiter::wait_for_shutdown};

/// The time that a client has to close its side of a connection.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves a connection over a stream until it ends.
pub type Http1<T> = Box<dyn Fn(T, Option<SocketAddr>) -> Http1Future>;

/// The future of a connection.
pub type Http1Future = Pin<Box<dyn Future<Output = Result<(), DispatchError>>>>;

/// Creates the service of an application over streams of one type.
pub async fn service<T, S, B>(
    app: &Rc<S>,
    transport: &Transport,
    next_connection: &NextConnection,
) -> Result<Http1<T>, ()>
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    let (app, next_connection) = (Rc::clone(app), Rc::clone(next_connection));
    let shutdown_signal = transport.shutdown_signal.clone();
    let service = HttpService::<T, _, B>::build()
        // A request whose client has disconnected is dropped and cancelled.
        .h1_allow_half_closed(false)
        .keep_alive(transport.timeouts.idle)
        .client_request_timeout(transport.timeouts.head)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .graceful_shutdown_signal(move || {
            let mut shutdown_signal = shutdown_signal.clone();
            async move { wait_for_shutdown(&mut shutdown_signal).await }
        })
        .on_connect_ext(move |stream: &T, extensions| {
            connection_handle::record_fd(stream as &dyn Any, extensions);
            if let Some(connection) = next_connection.take() {
                extensions.insert(connection);
            }
        })
        .finish(fn_factory(move || ready(Ok::<_, ()>(Rc::clone(&app)))))
        .new_service(())
        .await?;
    Ok(Box::new(move |stream, client| {
        Box::pin(service.call((stream, Protocol::Http1, client)))
    }))
}
