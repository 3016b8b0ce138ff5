//! The HTTP server: its routes, its workers and its shutdown.

mod accept;
mod cached_response;
pub mod client;
mod connection_handle;
mod connection_limiter;
mod connections;
mod deadline;
mod edge;
mod event_stream;
mod execution;
mod graphql;
mod guarded_body;
mod headers;
mod health;
mod http_response;
mod limits;
mod observe;
mod playground;
mod prepare;
mod rate_limiting;
mod request;
mod request_body;
mod response_body;
mod slow_client;
mod tls;
mod websocket;

#[cfg(any(test, feature = "properties"))]
pub use self::websocket::properties as websocket_properties;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_cors::Cors;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Route,
    dev::{Server as ActixServer, ServerHandle},
    guard,
    http::header::{
        ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE,
    },
    middleware::{Condition, from_fn},
    web,
};
use async_graphql::{Request, parser::types::OperationType};
use sea_orm::sqlx::postgres::PgConnectOptions;
use tokio::sync::{Semaphore, watch};

use self::{
    accept::MediaType,
    cached_response::CachedResponse,
    client::TrustedProxies,
    connection_limiter::ConnectionLimiter,
    edge::{Edge, listen_error},
    http_response::HttpError,
    limits::ResponseLimits,
    observe::{MetricsServer, Observer},
    rate_limiting::RequestMeter,
    request_body::BodyLimits,
};
use crate::{
    access::authenticator::Authenticator,
    cache::{
        invalidation_clock::InvalidationClock, invalidation_listener::InvalidationListener,
        response_cache::ResponseCache,
    },
    config::{ServeArgs, origin::AllowedOrigin},
    database::{pool::Pool, pool_metrics::PoolMetrics, session::Session},
    document::Pipeline,
    graphql::schema::{self, Schema},
    loader::{batcher::Batcher, data_loader::DataLoader, row_cache::RowCache},
    mutation::store::group::GroupCommit,
    persisted_documents::{DocumentValidator, PersistedDocuments},
    rate_limit::RateLimits,
    subscriptions::{broker::Broker, dispatcher::Dispatcher, listener},
};

/// The timeout for requests in progress once a graceful shutdown begins, in seconds.
const SHUTDOWN_TIMEOUT_SECS: u64 = 30;

/// The time for which a browser may cache a CORS preflight response, in seconds. No browser caches it for more than two
/// hours.
const PREFLIGHT_MAX_AGE_SECS: usize = 7_200;

/// The state of one worker.
struct WorkerState {
    pool: Pool,
    batcher: Batcher,
    pool_metrics: PoolMetrics,
    /// The write permits, for half of the connections. A writer may wait for other writers or for an import, and must
    /// not occupy all connections meanwhile.
    write_permits: Arc<Semaphore>,
    schema: Schema,
    shared: Arc<SharedState>,
}

impl WorkerState {
    /// Creates the database session of a request.
    fn session(&self) -> Session {
        Session::new(self.pool.clone())
            .with_write_permits(Arc::clone(&self.write_permits))
            .with_metrics(self.pool_metrics.clone())
            .with_invalidation_listener(Arc::clone(&self.shared.invalidation_listener))
    }

    /// Creates the loader that reads credentials.
    fn credentials_loader(&self, session: Session) -> DataLoader {
        DataLoader::new(session, self.batcher.clone())
    }

    /// Creates the loader for an operation of the given kind. A mutation reads without the row cache.
    fn loader(&self, session: Session, kind: OperationType) -> DataLoader {
        let loader = self.credentials_loader(session);
        match kind {
            OperationType::Mutation => loader.without_cache(),
            OperationType::Query | OperationType::Subscription => loader,
        }
    }

    /// Adds the loader to the request's data, and the group-commit queues if it is a mutation.
    fn add_request_data(
        &self,
        request: Request,
        loader: Arc<DataLoader>,
        kind: OperationType,
    ) -> Request {
        let request = request.data(loader);
        match kind {
            OperationType::Mutation => request.data(Arc::clone(&self.shared.group_commit)),
            OperationType::Query | OperationType::Subscription => request,
        }
    }

    /// Creates the rate-limit meter of a request.
    fn meter(&self, request: &HttpRequest) -> RequestMeter {
        let address = self.shared.proxies.client_of(request);
        RequestMeter::new(Arc::clone(&self.shared.rate_limits), address)
    }
}

/// The state that all workers share.
struct SharedState {
    authenticator: Authenticator,
    pipeline: Arc<Pipeline>,
    proxies: TrustedProxies,
    rate_limits: Arc<RateLimits>,
    documents: PersistedDocuments,
    invalidation_listener: Arc<InvalidationListener>,
    group_commit: Arc<GroupCommit>,
    row_cache: Arc<RowCache>,
    response_cache: Arc<ResponseCache<CachedResponse>>,
    /// The `max-age` of cacheable GET responses, in seconds.
    max_age: u32,
    broker: Arc<Broker>,
    socket_limiter: Arc<ConnectionLimiter>,
    allowed_origins: Vec<AllowedOrigin>,
    max_operations_per_socket: usize,
    body_limits: BodyLimits,
    response_limits: ResponseLimits,
    /// The time limit for a response.
    deadline: Duration,
    server_timing: bool,
    observer: Arc<Observer>,
}

impl SharedState {
    fn new(args: &ServeArgs, stopping: watch::Receiver<bool>) -> io::Result<Self> {
        let gatekeeper = args.access.authenticator().map_err(io::Error::other)?;
        let observer = Arc::new(Observer::new(&args.observe));
        let document_metrics = observer.metrics.documents().clone();
        let suggestions = gatekeeper.rights().introspection;
        let pipeline = args
            .limits
            .pipeline(&schema::sdl(), suggestions, document_metrics);
        let pipeline = Arc::new(pipeline.map_err(io::Error::other)?);
        let documents = args.documents.documents(document_check(&pipeline));
        let versions = Arc::new(InvalidationClock::default());
        Ok(Self {
            authenticator: gatekeeper,
            pipeline,
            proxies: TrustedProxies::from_args(&args.proxies),
            rate_limits: Arc::new(args.rates.rate_limits()),
            documents: documents.map_err(io::Error::other)?,
            invalidation_listener: Arc::new(InvalidationListener::new(
                Arc::clone(&versions),
                observer.metrics.notifications().clone(),
            )),
            group_commit: Arc::default(),
            response_cache: Arc::new(ResponseCache::new(
                Arc::clone(&versions),
                args.caches.response_cache_bytes(),
                observer.metrics.responses().clone(),
            )),
            row_cache: Arc::new(RowCache::new(versions, args.caches.row_cache_bytes())),
            max_age: args.caches.max_age,
            broker: Arc::default(),
            socket_limiter: Arc::new(ConnectionLimiter::new(args.sockets_per_address, stopping)),
            allowed_origins: args.allowed_origins.clone(),
            max_operations_per_socket: args.operations_per_socket.into(),
            body_limits: args.edge.body_limits(),
            response_limits: args.edge.response_limits(),
            deadline: args.time.request_deadline(),
            server_timing: args.server_timing,
            observer,
        })
    }
}

/// A server that is bound to its address. It serves requests once [`run`](Server::run) is called.
pub struct Server {
    http: ActixServer,
    metrics: Option<MetricsServer>,
    address: SocketAddr,
    database: PgConnectOptions,
    broker: Arc<Broker>,
    invalidation_listener: Arc<InvalidationListener>,
    edge: Edge,
    stopping: watch::Sender<bool>,
}

/// A handle that stops a server.
#[derive(Clone, Debug)]
pub struct Handle {
    server: ServerHandle,
    stopping: watch::Sender<bool>,
}

impl Handle {
    /// Stops the server: gracefully, after the requests in progress have completed, or immediately. Subscriptions end
    /// in both cases, and their sockets close once their other operations have ended. The returned future completes
    /// when the server has stopped. The server stops even if the future is not awaited.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + use<> {
        self.stopping.send_replace(true);
        self.server.stop(graceful)
    }
}

impl Server {
    /// Binds the address and creates the workers. Each worker has its own database connections.
    ///
    /// # Errors
    ///
    /// When the address can't be bound, the certificate can't be used, the settings of the identity provider are
    /// invalid, or a trusted document is invalid.
    pub fn bind(args: &ServeArgs, database: &PgConnectOptions) -> io::Result<Self> {
        let schema = schema::build_for(args.observe.collector_url().is_some());
        let stopping = watch::Sender::new(false);
        let edge = Edge::new(args, &stopping)?;
        let shared = Arc::new(SharedState::new(args, stopping.subscribe())?);
        let (hub, hearing) = (
            Arc::clone(&shared.broker),
            Arc::clone(&shared.invalidation_listener),
        );
        let options = database.clone();
        let metrics = MetricsServer::bind(args.observe.metrics_listen, &shared.observer)?;
        let metrics_here = metrics.is_none();
        let lending = args
            .time
            .pool_settings(args.worker_connections, args.observe.slow_threshold());
        let writers = usize::try_from(lending.max_connections / 2).map_or(1, |half| half.max(1));
        let server = HttpServer::new(move || {
            let (schema, options) = (schema.clone(), options.clone());
            let cors = cors(&shared.allowed_origins);
            let shared = Arc::clone(&shared);
            let observer = web::Data::from(Arc::clone(&shared.observer));
            App::new()
                .app_data(observer)
                .data_factory(move || {
                    let lanes = Pool::new(&options, lending);
                    let worker = WorkerState {
                        pool_metrics: shared.observer.metrics.pools().register(&lanes),
                        pool: lanes,
                        batcher: Batcher::new(Arc::clone(&shared.row_cache)),
                        write_permits: Arc::new(Semaphore::new(writers)),
                        schema: schema.clone(),
                        shared: Arc::clone(&shared),
                    };
                    async move { Ok::<_, io::Error>(worker) }
                })
                .wrap(cors)
                .wrap(from_fn(headers::add_security_headers))
                .wrap(from_fn(connections::track_connection))
                .wrap(from_fn(observe::observe_request))
                .configure(routes)
                .configure(|config| observe::route(config, metrics_here))
        })
        .disable_signals()
        .on_connect(edge.on_connect())
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECS)
        // A request whose client has disconnected is dropped and cancelled.
        .h1_allow_half_closed(false)
        .keep_alive(args.edge.idle_timeout())
        .client_request_timeout(args.edge.head_timeout())
        .tls_handshake_timeout(args.edge.head_timeout())
        .workers(edge.workers)
        .max_connections(edge.max_connections_per_worker)
        // Stalled TLS handshakes must not block new ones.
        .max_connection_rate(edge.max_connections_per_worker);
        let server = match edge.tls()? {
            Some(tls) => server.bind_rustls_0_23(args.listen, tls),
            None => server.bind(args.listen),
        }
        .map_err(|error| listen_error(args.listen, &error))?;
        let address = server.addrs().first().copied().unwrap_or(args.listen);
        Ok(Self {
            http: server.run(),
            metrics,
            address,
            database: database.clone(),
            broker: hub,
            invalidation_listener: hearing,
            edge,
            stopping,
        })
    }

    /// Returns the bound address, with the assigned port if port 0 was requested.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the metrics server, if the metrics have a separate address.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(MetricsServer::address)
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
            stopping: self.stopping.clone(),
        }
    }

    /// Serves requests until the server is stopped.
    ///
    /// # Errors
    ///
    /// When the server can no longer accept connections.
    pub async fn run(self) -> io::Result<()> {
        let lanes = Pool::single(&self.database);
        let (dispatcher, inbox) = Dispatcher::new(Arc::clone(&self.broker), lanes);
        let _metrics = self.metrics.map(MetricsServer::start);
        tokio::select! {
            ended = self.http => ended,
            // None of these tasks ends before the server does.
            () = listener::listen(self.database, self.broker, inbox, self.invalidation_listener) => Ok(()),
            () = dispatcher.run() => Ok(()),
            () = self.edge.run_background_tasks() => Ok(()),
        }
    }
}

/// Returns the check for trusted documents. They pass the same checks as documents in requests.
fn document_check(pipeline: &Arc<Pipeline>) -> DocumentValidator {
    let pipeline = Arc::clone(pipeline);
    Box::new(move |text| match pipeline.document(text) {
        Ok(document) => Ok(document.operation_names().map(str::to_owned).collect()),
        Err(rejection) => Err(rejection.to_string()),
    })
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource(observe::GRAPHQL_PATH)
                .route(
                    web::get()
                        .guard(guard::fn_guard(websocket::is_upgrade))
                        .to(websocket::open),
                )
                .route(web::get().to(graphql::get))
                .route(web::post().to(graphql::post))
                .default_service(web::to(graphql::other_method)),
        )
        .service(web::resource("/schema.graphql").route(get_or_head().to(schema_sdl)))
        .service(web::resource("/health/live").route(get_or_head().to(health::live)))
        .service(web::resource("/health/ready").route(get_or_head().to(health::ready)))
        .service(web::redirect("/", "/playground").see_other())
        .service(web::redirect("/playground/", "/playground").see_other())
        .service(playground::scope());
}

/// Creates the CORS middleware for the allowed origins. Credentials mode stays off, because the API uses no cookies.
fn cors(allowed: &[AllowedOrigin]) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST"])
        .allowed_headers([
            ACCEPT,
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("traceparent"),
            observe::X_REQUEST_ID,
        ])
        .expose_headers([
            http_response::SERVER_TIMING,
            rate_limiting::RATE_LIMIT,
            rate_limiting::RATE_LIMIT_POLICY,
            observe::X_REQUEST_ID,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
        ])
        .max_age(PREFLIGHT_MAX_AGE_SECS);
    let cors = allowed.iter().fold(cors, |cors, origin| match origin {
        AllowedOrigin::Any => cors.allow_any_origin().send_wildcard(),
        AllowedOrigin::Exact(origin) => cors.allowed_origin(&origin.to_string()),
    });
    Condition::new(!allowed.is_empty(), cors)
}

/// Returns a route for GET and HEAD.
fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn schema_sdl(request: HttpRequest, worker: web::Data<WorkerState>) -> HttpResponse {
    let mut meter = worker.meter(&request);
    let viewer =
        graphql::authenticate_and_charge(&request, &worker, &worker.session(), &mut meter).await;
    let admitted = viewer.and_then(|viewer| {
        let rights = worker.shared.authenticator.rights();
        let admitted = rights.authorize_introspection(&viewer);
        admitted.map_err(|needed| HttpError::credentials_required(needed.0))
    });
    meter.add_headers(match admitted {
        Err(refusal) => refusal.into_response(MediaType::Json),
        Ok(()) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(schema::sdl()),
    })
}
