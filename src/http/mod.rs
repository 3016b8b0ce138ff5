//! The HTTP server: its routes, its workers, and how it stops.

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

/// How long requests under way may take to finish once the server is to stop, in seconds.
const STOP_PATIENCE: u64 = 30;

/// How long a browser may remember what a page of another origin may send, in seconds. None remembers longer than two hours.
const PREFLIGHT_AGE: usize = 7_200;

/// What a worker has at hand.
struct Worker {
    lanes: Lanes,
    batcher: Batcher,
    watch: PoolWatch,
    /// Half of its connections may be kept by writers, who may have to wait for each other or for an import.
    writers: Arc<Semaphore>,
    schema: Schema,
    shared: Arc<Shared>,
}

impl Worker {
    /// An account for a request over the worker's connections.
    fn session(&self) -> Session {
        Session::over(self.lanes.clone())
            .with_writers(Arc::clone(&self.writers))
            .watched_by(self.watch.clone())
            .heard_by(Arc::clone(&self.shared.hearing))
    }

    /// The reads by which it is found out who asks.
    fn lookup(&self, session: Session) -> DataLoader {
        DataLoader::new(session, self.batcher.clone())
    }

    /// The reads of a request that runs an operation of a kind.
    fn loader(&self, session: Session, kind: OperationType) -> DataLoader {
        let loader = self.lookup(session);
        match kind {
            OperationType::Mutation => loader.without_cache(),
            OperationType::Query | OperationType::Subscription => loader,
        }
    }

    /// A request that runs an operation of a kind, with its reads; a mutation with those of others as well.
    fn equip(&self, request: Request, loader: Arc<DataLoader>, kind: OperationType) -> Request {
        let request = request.data(loader);
        match kind {
            OperationType::Mutation => request.data(Arc::clone(&self.shared.groups)),
            OperationType::Query | OperationType::Subscription => request,
        }
    }

    /// What charges a request.
    fn meter(&self, request: &HttpRequest) -> Meter {
        let address = self.shared.proxies.client_of(request);
        Meter::new(Arc::clone(&self.shared.rates), address)
    }
}

/// What all workers have in common.
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
    /// How many seconds whoever an answer to a GET passes may keep it without asking again.
    max_age: u32,
    hub: Arc<Hub>,
    sockets: Arc<Sockets>,
    allowed_origins: Vec<AllowedOrigin>,
    operations_per_socket: usize,
    body: BodyLimits,
    answers: AnswerLimits,
    /// How long an answer may take.
    deadline: Duration,
    server_timing: bool,
    observer: Arc<Observer>,
}

impl Shared {
    fn new(args: &ServeArgs, stopping: watch::Receiver<bool>) -> io::Result<Self> {
        let gatekeeper = args.access.gatekeeper().map_err(io::Error::other)?;
        let observer = Arc::new(Observer::new(&args.observe));
        let known = observer.metrics.documents().clone();
        let suggestions = gatekeeper.rights().introspection;
        let pipeline = args.limits.pipeline(&schema::sdl(), suggestions, known);
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

/// A server that is bound to its address and answers once it is run.
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

/// By which to stop a server.
#[derive(Clone, Debug)]
pub struct Handle {
    server: ServerHandle,
    stopping: watch::Sender<bool>,
}

impl Handle {
    /// Tells the server to stop: gracefully, once the requests under way are answered, or at once. Subscriptions end either way, and their
    /// sockets once their other operations have ended. What is returned tells when it has stopped; it need not be waited for.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + use<> {
        self.stopping.send_replace(true);
        self.server.stop(graceful)
    }
}

impl Server {
    /// Binds the address and makes the workers, each with connections of its own.
    ///
    /// # Errors
    ///
    /// When the address can't be bound, the certificate can't be used, tokens of an identity provider can't be known by what is set, or a
    /// trusted document is no good.
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
        // What is asked for by a client that is gone is dropped, and cancelled.
        .h1_allow_half_closed(false)
        .keep_alive(args.edge.idle())
        .client_request_timeout(args.edge.head())
        .tls_handshake_timeout(args.edge.head())
        .workers(edge.workers)
        .max_connections(edge.connections_per_worker)
        // Handshakes that don't come to an end must not keep others from beginning.
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

    /// The address that it is bound to, with the port that was found if port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address where its metrics are, if that is one of their own.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(MetricsServer::address)
    }

    /// How its address begins: `https` if it speaks TLS.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        self.edge.scheme()
    }

    /// By which to stop it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle {
            server: self.http.handle(),
            stopping: self.stopping.clone(),
        }
    }

    /// Answers requests until the server is stopped.
    ///
    /// # Errors
    ///
    /// When accepting connections fails for good.
    pub async fn run(self) -> io::Result<()> {
        let lanes = Lanes::one(&self.database);
        let (dispatcher, inbox) = Dispatcher::new(Arc::clone(&self.hub), lanes);
        let _metrics = self.metrics.map(MetricsServer::start);
        tokio::select! {
            ended = self.http => ended,
            // Neither of these ends before the server does.
            () = listener::listen(self.database, self.hub, inbox, self.hearing) => Ok(()),
            () = dispatcher.run() => Ok(()),
            () = self.edge.keep() => Ok(()),
        }
    }
}

/// Has trusted documents examined as those are that requests bring.
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

/// Lets pages of the allowed origins read answers. They send no cookies, and there are none.
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

/// GET, and HEAD, which asks for the same without its body.
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
