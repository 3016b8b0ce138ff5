//! The server: its address, its workers and its shutdown.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{
    App,
    dev::{Server as ActixServer, ServerHandle, ServiceFactory},
    middleware::from_fn,
    rt::net::TcpStream,
    web,
};
use sea_orm::sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;

use super::{
    connections,
    edge::Edge,
    headers::{self, IsTls},
    listener,
    observe::{self, MetricsAccess, MetricsServer},
    routes::{cors, routes},
    state::{SharedState, WorkerState},
    statistics,
};
use crate::{
    config::serve::ServeArgs,
    database::{
        APPLICATION_NAME,
        pool::{Pool, PoolSettings},
    },
    graphql::{schema, types::revision::PublicRevisions},
    subscriptions::{dispatcher::Dispatcher, listener::Listener},
};

/// The timeout for requests in progress once a graceful shutdown begins, in seconds.
const SHUTDOWN_TIMEOUT_SECS: u64 = 30;

/// A server that is bound to its address. It serves requests once [`run`](Server::run) is called.
pub struct Server {
    http: ActixServer,
    metrics: Option<MetricsServer>,
    metrics_access: MetricsAccess,
    addresses: Vec<SocketAddr>,
    database: PgConnectOptions,
    has_notifications: bool,
    shared: Arc<SharedState>,
    edge: Edge,
    shutdown_signal: watch::Sender<bool>,
}

/// A handle that stops a server.
#[derive(Clone, Debug)]
pub struct Handle {
    server: ServerHandle,
    shutdown_signal: watch::Sender<bool>,
}

impl Handle {
    /// Stops the server: gracefully, after the requests in progress have completed, or immediately. Subscriptions end
    /// in both cases, and their sockets close once their other operations have ended. The returned future completes
    /// when the server has stopped. The server stops even if the future is not awaited.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + use<> {
        self.shutdown_signal.send_replace(true);
        self.server.stop(graceful)
    }
}

impl Server {
    /// Resolves and binds the address, and creates the workers. Each worker has its own database connections.
    ///
    /// # Errors
    ///
    /// When the address can't be bound, the certificate can't be used, the settings of the identity provider are
    /// invalid, or a trusted document is invalid.
    pub async fn bind(args: &ServeArgs, database: &PgConnectOptions) -> io::Result<Self> {
        let schema = schema::build_for(
            args.telemetry.collector_url().is_some(),
            PublicRevisions(args.access.public_revisions),
        );
        let shutdown_signal = watch::Sender::new(false);
        let edge = Edge::new(args, &shutdown_signal)?;
        let shared = Arc::new(SharedState::new(
            args,
            edge.workers,
            shutdown_signal.subscribe(),
        )?);
        let state = Arc::clone(&shared);
        let options = database.clone();
        let metrics = args.telemetry.metrics_listen.as_ref();
        let metrics = MetricsServer::bind(metrics, &shared.observer).await?;
        let metrics_access = MetricsAccess::at_api(&args.telemetry);
        let pool_settings = args.pool_settings();
        let transport =
            edge.transport(&args.edge, shutdown_signal.subscribe(), &shared.observer)?;
        let is_tls = IsTls(transport.tls.is_some());
        let listeners = listener::listen(&args.listen, "--listen").await?;
        let addresses = listener::addresses(&listeners)?;
        let app = move || {
            let worker = WorkerState::of_thread(&shared, &schema, &options, pool_settings);
            App::new()
                .app_data(web::Data::from(Arc::clone(&shared.observer)))
                .app_data(worker)
                .app_data(is_tls)
                .wrap(cors(&shared))
                .wrap(from_fn(headers::add_security_headers))
                .wrap(from_fn(connections::track_connection))
                .wrap(from_fn(observe::observe_request))
                .configure(routes)
                .configure(|config| observe::route(config, metrics_access))
        };
        let factory = move || transport.clone().factory(app.clone());
        Ok(Self {
            http: start(&edge, listeners, &factory)?,
            metrics,
            metrics_access,
            addresses,
            database: database.clone(),
            has_notifications: args.caches.notifications,
            shared: state,
            edge,
            shutdown_signal,
        })
    }

    /// Returns the bound addresses, with the assigned port if port 0 was requested. A name may have several addresses.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns the addresses of the metrics server. There are none unless the metrics have a separate address.
    #[must_use]
    pub fn metrics_addresses(&self) -> &[SocketAddr] {
        self.metrics.as_ref().map_or(&[], MetricsServer::addresses)
    }

    /// Returns whether clients of other machines reach the server, but not its metrics.
    #[must_use]
    pub fn has_local_metrics_only(&self) -> bool {
        let mut addresses = self.addresses.iter();
        self.metrics_access == MetricsAccess::Local
            && addresses.any(|address| !address.ip().to_canonical().is_loopback())
    }

    /// Returns the URL scheme: `https` with TLS, `http` without.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.edge.scheme()
    }

    /// Returns a handle that stops the server.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle {
            server: self.http.handle(),
            shutdown_signal: self.shutdown_signal.clone(),
        }
    }

    /// Serves requests until the server is stopped.
    ///
    /// # Errors
    ///
    /// When the server can no longer accept connections.
    pub async fn run(self) -> io::Result<()> {
        let Self {
            http,
            metrics,
            database,
            has_notifications,
            shared,
            edge,
            ..
        } = self;
        let snapshots = Arc::clone(&shared.snapshots);
        let name_metrics = shared.observer.metrics.names().clone();
        let statistics_settings = PoolSettings {
            is_stateless: !has_notifications,
            ..PoolSettings::auxiliary("marquee statistics")
        };
        let statistics_pool = Pool::new(&database, statistics_settings);
        let _metrics = metrics.map(MetricsServer::start);
        tokio::select! {
            result = http => result,
            // None of these tasks ends before the server does.
            () = receive_changes(&database, &shared), if has_notifications => Ok(()),
            () = statistics::refresh(statistics_pool, snapshots, name_metrics) => Ok(()),
            () = edge.run_background_tasks() => Ok(()),
        }
    }
}

/// Creates the server of HTTP. `factory` creates the services of a listener, one for each worker.
fn start<F, S>(edge: &Edge, listeners: Vec<TcpListener>, factory: &F) -> io::Result<ActixServer>
where
    F: Fn() -> S + Send + Clone + 'static,
    S: ServiceFactory<TcpStream, Config = ()> + 'static,
{
    let mut server = ActixServer::build()
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECS)
        .workers(edge.workers.get())
        .max_concurrent_connections(edge.max_connections_per_worker);
    for listener in listeners {
        server = server.listen("marquee", listener, factory.clone())?;
    }
    Ok(server.run())
}

/// Receives the notifications of changes, and delivers them to the subscribers and caches. Never ends.
async fn receive_changes(database: &PgConnectOptions, shared: &SharedState) {
    let SharedState {
        broker,
        invalidation_listener,
        ..
    } = shared;
    let pool = Pool::single(database, APPLICATION_NAME);
    let (dispatcher, notification_sender) = Dispatcher::new(Arc::clone(broker), pool);
    let listener = Listener {
        options: database.clone(),
        broker: Arc::clone(broker),
        notification_sender,
        invalidation_listener: Arc::clone(invalidation_listener),
    };
    tokio::select! {
        () = listener.run() => {}
        () = dispatcher.run() => {}
    }
}
