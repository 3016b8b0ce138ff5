//! The HTTP server: its routes, its workers and its shutdown.

mod accept;
mod answer;
mod body;
pub mod client;
mod connections;
mod deadline;
mod edge;
mod events;
mod execution;
mod graphql;
mod headers;
mod health;
mod holding;
mod limits;
mod meter;
mod observe;
mod paced;
mod playground;
mod prepare;
mod request;
mod response;
mod sockets;
mod stored;
mod tls;
mod websocket;
mod wire;

#[cfg(any(test, feature = "laws"))]
pub use self::websocket::laws as websocket_laws;

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
    answer::Refusal,
    body::BodyLimits,
    client::Proxies,
    edge::{Edge, cannot_listen},
    limits::AnswerLimits,
    meter::Meter,
    observe::{MetricsServer, Observer},
    sockets::Sockets,
    stored::Stored,
};
use crate::{
    access::gatekeeper::Gatekeeper,
    cache::{answers::Answers, hearing::Hearing, versions::Versions},
    config::{ServeArgs, origin::AllowedOrigin},
    database::{lanes::Lanes, pools::PoolWatch, session::Session},
    document::Pipeline,
    documents::{Check, Documents},
    graphql::schema::{self, Schema},
    live::{dispatcher::Dispatcher, hub::Hub, listener},
    loader::{batcher::Batcher, data_loader::DataLoader, row_cache::RowCache},
    mutation::store::group::Groups,
    rate::Rates,
};

/// The timeout for requests in progress once a graceful shutdown begins, in seconds.
const STOP_PATIENCE: u64 = 30;

/// The time for which a browser may cache a CORS preflight response, in seconds. No browser caches it for more than two
/// hours.
const PREFLIGHT_AGE: usize = 7_200;

/// The state of one worker.
struct Worker {
    lanes: Lanes,
    batcher: Batcher,
    watch: PoolWatch,
    /// The write permits, for half of the connections. A writer may wait for other writers or for an import, and must
    /// not occupy all connections meanwhile.
    writers: Arc<Semaphore>,
    schema: Schema,
    shared: Arc<Shared>,
}

impl Worker {
    /// Creates the database session of a request.
    fn session(&self) -> Session {
        Session::over(self.lanes.clone())
            .with_writers(Arc::clone(&self.writers))
            .watched_by(self.watch.clone())
            .heard_by(Arc::clone(&self.shared.hearing))
    }

    /// Creates the loader that reads credentials.
    fn lookup(&self, session: Session) -> DataLoader {
        DataLoader::new(session, self.batcher.clone())
    }

    /// Creates the loader for an operation of the given kind. A mutation reads without the row cache.
    fn loader(&self, session: Session, kind: OperationType) -> DataLoader {
        let loader = self.lookup(session);
        match kind {
            OperationType::Mutation => loader.without_cache(),
            OperationType::Query | OperationType::Subscription => loader,
        }
    }

    /// Adds the loader to the request's data, and the group-commit queues if it is a mutation.
    fn equip(&self, request: Request, loader: Arc<DataLoader>, kind: OperationType) -> Request {
        let request = request.data(loader);
        match kind {
            OperationType::Mutation => request.data(Arc::clone(&self.shared.groups)),
            OperationType::Query | OperationType::Subscription => request,
        }
    }

    /// Creates the rate-limit meter of a request.
    fn meter(&self, request: &HttpRequest) -> Meter {
        let address = self.shared.proxies.client_of(request);
        Meter::new(Arc::clone(&self.shared.rates), address)
    }
}

/// The state that all workers share.
struct Shared {
    gatekeeper: Gatekeeper,
    pipeline: Arc<Pipeline>,
    proxies: Proxies,
    rates: Arc<Rates>,
    documents: Documents,
    hearing: Arc<Hearing>,
    groups: Arc<Groups>,
    rows: Arc<RowCache>,
    kept: Arc<Answers<Stored>>,
    /// The `max-age` of cacheable GET responses, in seconds.
    max_age: u32,
    hub: Arc<Hub>,
    sockets: Arc<Sockets>,
    allowed_origins: Vec<AllowedOrigin>,
    operations_per_socket: usize,
    body: BodyLimits,
    answers: AnswerLimits,
    /// The time limit for a response.
    deadline: Duration,
    server_timing: bool,
    observer: Arc<Observer>,
}

impl Shared {
    fn new(args: &ServeArgs, stopping: watch::Receiver<bool>) -> io::Result<Self> {
        let gatekeeper = args.access.gatekeeper().map_err(io::Error::other)?;
        let observer = Arc::new(Observer::new(&args.observe));
        let document_metrics = observer.metrics.documents().clone();
        let suggestions = gatekeeper.rights().introspection;
        let pipeline = args
            .limits
            .pipeline(&schema::sdl(), suggestions, document_metrics);
        let pipeline = Arc::new(pipeline.map_err(io::Error::other)?);
        let documents = args.documents.documents(checked_by(&pipeline));
        let versions = Arc::new(Versions::default());
        Ok(Self {
            gatekeeper,
            pipeline,
            proxies: Proxies::of(&args.proxies),
            rates: Arc::new(args.rates.rates()),
            documents: documents.map_err(io::Error::other)?,
            hearing: Arc::new(Hearing::new(
                Arc::clone(&versions),
                observer.metrics.heard().clone(),
            )),
            groups: Arc::default(),
            kept: Arc::new(Answers::new(
                Arc::clone(&versions),
                args.caches.answers(),
                observer.metrics.answers().clone(),
            )),
            rows: Arc::new(RowCache::new(versions, args.caches.rows())),
            max_age: args.caches.max_age,
            hub: Arc::default(),
            sockets: Arc::new(Sockets::new(args.sockets_per_address, stopping)),
            allowed_origins: args.allowed_origins.clone(),
            operations_per_socket: args.operations_per_socket.into(),
            body: args.edge.body(),
            answers: args.edge.answers(),
            deadline: args.time.deadline(),
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
    hub: Arc<Hub>,
    hearing: Arc<Hearing>,
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
        let schema = schema::build_for(args.observe.collector().is_some());
        let stopping = watch::Sender::new(false);
        let edge = Edge::new(args, &stopping)?;
        let shared = Arc::new(Shared::new(args, stopping.subscribe())?);
        let (hub, hearing) = (Arc::clone(&shared.hub), Arc::clone(&shared.hearing));
        let options = database.clone();
        let metrics = MetricsServer::bind(args.observe.metrics_listen, &shared.observer)?;
        let metrics_here = metrics.is_none();
        let lending = args
            .time
            .lending(args.worker_connections, args.observe.slow());
        let writers = usize::try_from(lending.connections / 2).map_or(1, |half| half.max(1));
        let server = HttpServer::new(move || {
            let (schema, options) = (schema.clone(), options.clone());
            let cors = cors(&shared.allowed_origins);
            let shared = Arc::clone(&shared);
            let observer = web::Data::from(Arc::clone(&shared.observer));
            App::new()
                .app_data(observer)
                .data_factory(move || {
                    let lanes = Lanes::new(&options, lending);
                    let worker = Worker {
                        watch: shared.observer.metrics.pools().watch(&lanes),
                        lanes,
                        batcher: Batcher::new(Arc::clone(&shared.rows)),
                        writers: Arc::new(Semaphore::new(writers)),
                        schema: schema.clone(),
                        shared: Arc::clone(&shared),
                    };
                    async move { Ok::<_, io::Error>(worker) }
                })
                .wrap(cors)
                .wrap(from_fn(headers::add))
                .wrap(from_fn(connections::serve))
                .wrap(from_fn(observe::request))
                .configure(routes)
                .configure(|config| observe::route(config, metrics_here))
        })
        .disable_signals()
        .on_connect(edge.on_connect())
        .shutdown_timeout(STOP_PATIENCE)
        // A request whose client has disconnected is dropped and cancelled.
        .h1_allow_half_closed(false)
        .keep_alive(args.edge.idle())
        .client_request_timeout(args.edge.head())
        .tls_handshake_timeout(args.edge.head())
        .workers(edge.workers)
        .max_connections(edge.connections_per_worker)
        // Stalled TLS handshakes must not block new ones.
        .max_connection_rate(edge.connections_per_worker);
        let server = match edge.tls()? {
            Some(tls) => server.bind_rustls_0_23(args.listen, tls),
            None => server.bind(args.listen),
        }
        .map_err(|error| cannot_listen(args.listen, &error))?;
        let address = server.addrs().first().copied().unwrap_or(args.listen);
        Ok(Self {
            http: server.run(),
            metrics,
            address,
            database: database.clone(),
            hub,
            hearing,
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
        let lanes = Lanes::one(&self.database);
        let (dispatcher, inbox) = Dispatcher::new(Arc::clone(&self.hub), lanes);
        let _metrics = self.metrics.map(MetricsServer::start);
        tokio::select! {
            ended = self.http => ended,
            // None of these tasks ends before the server does.
            () = listener::listen(self.database, self.hub, inbox, self.hearing) => Ok(()),
            () = dispatcher.run() => Ok(()),
            () = self.edge.keep() => Ok(()),
        }
    }
}

/// Returns the check for trusted documents. They pass the same checks as documents in requests.
fn checked_by(pipeline: &Arc<Pipeline>) -> Check {
    let pipeline = Arc::clone(pipeline);
    Box::new(move |text| match pipeline.document(text) {
        Ok(document) => Ok(document.names().map(str::to_owned).collect()),
        Err(rejection) => Err(rejection.to_string()),
    })
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource(observe::GRAPHQL)
                .route(
                    web::get()
                        .guard(guard::fn_guard(websocket::is_wanted))
                        .to(websocket::open),
                )
                .route(web::get().to(graphql::get))
                .route(web::post().to(graphql::post))
                .default_service(web::to(graphql::other_method)),
        )
        .service(web::resource("/schema.graphql").route(read().to(schema_text)))
        .service(web::resource("/health/live").route(read().to(health::live)))
        .service(web::resource("/health/ready").route(read().to(health::ready)))
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
            answer::SERVER_TIMING,
            meter::RATE_LIMIT,
            meter::RATE_LIMIT_POLICY,
            observe::X_REQUEST_ID,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
        ])
        .max_age(PREFLIGHT_AGE);
    let cors = allowed.iter().fold(cors, |cors, origin| match origin {
        AllowedOrigin::Any => cors.allow_any_origin().send_wildcard(),
        AllowedOrigin::One(origin) => cors.allowed_origin(&origin.to_string()),
    });
    Condition::new(!allowed.is_empty(), cors)
}

/// Returns a route for GET and HEAD.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn schema_text(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let mut meter = worker.meter(&request);
    let viewer = graphql::identify(&request, &worker, &worker.session(), &mut meter).await;
    let admitted = viewer.and_then(|viewer| {
        let rights = worker.shared.gatekeeper.rights();
        let admitted = rights.admit_to_schema(&viewer);
        admitted.map_err(|needed| Refusal::credentials_needed(needed.0))
    });
    meter.mark(match admitted {
        Err(refusal) => refusal.answer(MediaType::Json),
        Ok(()) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(schema::sdl()),
    })
}
