//! The connections of the server, from the socket to the application: TLS, and the protocol that each client speaks.
//!
//! With TLS the client chooses HTTP/2 or HTTP/1.1 by ALPN. Without TLS it chooses HTTP/2 by its first bytes ("prior
//! knowledge"), as proxies do. actix-web's own server has no bounds for HTTP/2, and reports no malformed bytes.

mod failure;
mod http1;
mod http2;
mod preface;

use std::{cell::Cell, pin::Pin, rc::Rc, sync::Arc, time::Duration};

use actix_http::Request;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, always_ready, fn_factory};
use actix_tls::accept::{
    TlsError,
    rustls_0_23::{Acceptor, AcceptorService, TlsStream},
};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{AppConfig, ServiceResponse},
    rt::net::TcpStream,
};
use rustls::ServerConfig;
use tokio::sync::watch;

pub use self::http2::StreamAbort;
use self::{
    failure::{FailureLog, Protocol},
    http1::Http1,
    http2::Http2,
    preface::FirstBytes,
};
use super::{
    connection_limiter::ConnectionLimiter,
    connections::{Connection, Connections},
    observe::Observer,
};

/// The names of the protocols in ALPN, in order of preference.
const ALPN_PROTOCOLS: [&[u8]; 3] = [b"h2", b"http/1.1", b"http/1.0"];

/// What all connections share.
#[derive(Clone, Debug)]
pub struct Transport {
    /// The configuration of TLS, if the server has a certificate.
    pub tls: Option<ServerConfig>,
    /// The open connections.
    pub connections: Arc<Connections>,
    /// The limiter of connections per address, if there is a limit. It limits the streams of HTTP/2 as well.
    pub address_limiter: Option<Arc<ConnectionLimiter>>,
    /// The maximum number of connections of a worker. It limits the streams of HTTP/2 as well.
    pub max_connections: usize,
    /// The timeouts of a client.
    pub timeouts: TransportTimeouts,
    /// The signal of the server's shutdown.
    pub shutdown_signal: watch::Receiver<bool>,
    /// The metrics.
    pub observer: Arc<Observer>,
}

/// The timeouts of a client.
#[derive(Clone, Copy, Debug)]
pub struct TransportTimeouts {
    /// The timeout for the first bytes or for a TLS handshake, and then again for the head of a request.
    pub head: Duration,
    /// The time that a connection may be idle.
    pub idle: Duration,
    /// The timeout for each part of a response.
    pub write: Duration,
}

impl Transport {
    /// Returns the factory of the services of a listener, one for each worker. `app` creates the application.
    pub fn factory<F, S, B>(
        self,
        app: impl Fn() -> F,
    ) -> impl ServiceFactory<TcpStream, Config = ()>
    where
        F: IntoServiceFactory<S, Request>,
        S: ServiceFactory<
                Request,
                Config = AppConfig,
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        S::Service: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let app = Rc::new(app().into_factory());
        let transport = Rc::new(self);
        fn_factory(move || {
            let (app, transport) = (Rc::clone(&app), Rc::clone(&transport));
            async move {
                let app = Rc::new(app.new_service(AppConfig::default()).await?);
                ConnectionService::new(app, &transport).await
            }
        })
    }
}

/// The connection whose first request is about to be read. The callback of actix-web for a new connection takes it.
type NextConnection = Rc<Cell<Option<Rc<Connection>>>>;

/// Serves the connections of a worker.
struct ConnectionService<S>(Rc<WorkerTransport<S>>);

/// What the connections of a worker share.
struct WorkerTransport<S> {
    plain: Http1<TcpStream>,
    encrypted: Http1<TlsStream<TcpStream>>,
    http2: Http2<S>,
    acceptor: Option<AcceptorService>,
    connections: Arc<Connections>,
    next_connection: NextConnection,
    head_timeout: Duration,
    failures: FailureLog,
}

impl<S, B> ConnectionService<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    async fn new(app: Rc<S>, transport: &Transport) -> Result<Self, ()> {
        let next_connection = NextConnection::default();
        let failures = FailureLog::new(Arc::clone(&transport.observer));
        let acceptor = match &transport.tls {
            Some(tls) => {
                let mut tls = tls.clone();
                tls.alpn_protocols = ALPN_PROTOCOLS.map(<[u8]>::to_vec).to_vec();
                let mut acceptor = Acceptor::new(tls);
                acceptor.set_handshake_timeout(transport.timeouts.head);
                Some(ServiceFactory::<TcpStream>::new_service(&acceptor, ()).await?)
            }
            None => None,
        };
        Ok(Self(Rc::new(WorkerTransport {
            plain: http1::service(&app, transport, &next_connection).await?,
            encrypted: http1::service(&app, transport, &next_connection).await?,
            http2: Http2::new(app, transport),
            acceptor,
            connections: Arc::clone(&transport.connections),
            next_connection,
            head_timeout: transport.timeouts.head,
            failures,
        })))
    }
}

impl<S, B> Service<TcpStream> for ConnectionService<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = ();
    type Future = Pin<Box<dyn Future<Output = Result<(), ()>>>>;

    always_ready!();

    fn call(&self, stream: TcpStream) -> Self::Future {
        let worker = Rc::clone(&self.0);
        Box::pin(async move {
            if worker.acceptor.is_some() {
                worker.serve_encrypted(stream).await;
            } else {
                worker.serve_plain(stream).await;
            }
            Ok(())
        })
    }
}

impl<S, B> WorkerTransport<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    /// Serves a connection without TLS.
    async fn serve_plain(&self, stream: TcpStream) {
        let client = stream.peer_addr().ok();
        // The address counts from now on, and the deadline for the first request has begun.
        let Some(connection) = self.connections.register(&stream) else {
            return;
        };
        match preface::first_bytes(&stream, self.head_timeout).await {
            FirstBytes::Http2 => {
                let served = self.http2.serve(stream, client, connection).await;
                self.failures.record_http2(client, served);
            }
            FirstBytes::Other => {
                self.next_connection.set(Some(connection));
                let served = (self.plain)(stream, client).await;
                self.failures.record_http1(client, served);
            }
            FirstBytes::None => {}
        }
    }

    /// Serves a connection with TLS.
    async fn serve_encrypted(&self, stream: TcpStream) {
        let client = stream.peer_addr().ok();
        let Some(acceptor) = &self.acceptor else {
            return;
        };
        // The address counts from now on, since a handshake occupies the server too.
        let Some(connection) = self.connections.register(&stream) else {
            return;
        };
        let stream = match acceptor.call(stream).await {
            Ok(stream) => stream,
            Err(TlsError::Tls(error)) => {
                return self.failures.record_io(client, Protocol::Tls, &error);
            }
            // A client that sends nothing is slow, or a probe of the port.
            Err(TlsError::Timeout | TlsError::Service(_)) => return,
        };
        // The handshake had a timeout of its own.
        connection.start_request_timeout();
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(ALPN_PROTOCOLS[0]);
        if is_http2 {
            let served = self.http2.serve(stream, client, connection).await;
            self.failures.record_http2(client, served);
        } else {
            self.next_connection.set(Some(connection));
            let served = (self.encrypted)(stream, client).await;
            self.failures.record_http1(client, served);
        }
    }
}
