//! The HTTP server: its routes, its workers, and how it stops.

mod accept;
mod answer;
mod body;
mod connections;
mod edge;
mod events;
mod execution;
mod graphql;
mod headers;
mod health;
mod limits;
mod paced;
mod playground;
mod request;
mod sockets;
mod tls;
mod websocket;
mod wire;

use std::{io, net::SocketAddr, sync::Arc};

use actix_cors::Cors;
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Route,
    dev::{Server as ActixServer, ServerHandle},
    guard,
    http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE},
    middleware::{Condition, from_fn},
    web,
};
use sea_orm::{DatabaseConnection, sqlx::postgres::PgConnectOptions};
use tokio::sync::{Semaphore, watch};

use self::{
    accept::MediaType,
    answer::Refusal,
    body::BodyLimits,
    edge::{Edge, cannot_listen},
    limits::AnswerLimits,
    sockets::Sockets,
};
use crate::{
    access::gatekeeper::Gatekeeper,
    config::{ServeArgs, origin::AllowedOrigin},
    database::{self, session::Session},
    live::{dispatcher::Dispatcher, hub::Hub, listener},
    schema::{self, Schema},
};

/// How long requests under way may take to finish once the server is to stop, in seconds.
const STOP_PATIENCE: u64 = 30;

/// How long a browser may remember what a page of another origin may send, in seconds. None remembers longer than two hours.
const PREFLIGHT_AGE: usize = 7_200;

/// What a worker has at hand.
struct Worker {
    connection: DatabaseConnection,
    /// Half of its connections may be kept by writers, who may have to wait for each other or for an import.
    writers: Arc<Semaphore>,
    schema: Schema,
    shared: Arc<Shared>,
}

impl Worker {
    /// An account for a request over the worker's connections.
    fn session(&self) -> Session {
        Session::new(self.connection.clone()).with_writers(Arc::clone(&self.writers))
    }
}

/// What all workers have in common.
struct Shared {
    gatekeeper: Gatekeeper,
    hub: Arc<Hub>,
    sockets: Arc<Sockets>,
    allowed_origins: Vec<AllowedOrigin>,
    operations_per_socket: usize,
    body: BodyLimits,
    answers: AnswerLimits,
    server_timing: bool,
}

/// A server that is bound to its address and answers once it is run.
pub struct Server {
    http: ActixServer,
    address: SocketAddr,
    database: PgConnectOptions,
    hub: Arc<Hub>,
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
    /// When the address can't be bound, the certificate can't be used, or tokens of an identity provider can't be known by what is set.
    pub fn bind(args: &ServeArgs, database: &PgConnectOptions) -> io::Result<Self> {
        let gatekeeper = args.access.gatekeeper().map_err(io::Error::other)?;
        let schema = if gatekeeper.rights().introspection {
            schema::build()
        } else {
            schema::build_without_suggestions()
        };
        let stopping = watch::Sender::new(false);
        let edge = Edge::new(args, &stopping)?;
        let hub = Arc::new(Hub::default());
        let shared = Arc::new(Shared {
            gatekeeper,
            hub: Arc::clone(&hub),
            sockets: Arc::new(Sockets::new(args.sockets_per_address, stopping.subscribe())),
            allowed_origins: args.allowed_origins.clone(),
            operations_per_socket: args.operations_per_socket.into(),
            body: args.edge.body(),
            answers: args.edge.answers(),
            server_timing: args.server_timing,
        });
        let options = database.clone();
        let connections = args.worker_connections;
        let writers = usize::try_from(connections / 2).map_or(1, |half| half.max(1));
        let server = HttpServer::new(move || {
            let (schema, options) = (schema.clone(), options.clone());
            let cors = cors(&shared.allowed_origins);
            let shared = Arc::clone(&shared);
            App::new()
                .data_factory(move || {
                    let worker = Worker {
                        connection: database::connect(&options, connections),
                        writers: Arc::new(Semaphore::new(writers)),
                        schema: schema.clone(),
                        shared: Arc::clone(&shared),
                    };
                    async move { Ok::<_, io::Error>(worker) }
                })
                .wrap(cors)
                .wrap(from_fn(headers::add))
                .wrap(from_fn(connections::serve))
                .configure(routes)
        })
        .disable_signals()
        .on_connect(edge.on_connect())
        .shutdown_timeout(STOP_PATIENCE)
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
            address,
            database: database.clone(),
            hub,
            edge,
            stopping,
        })
    }

    /// The address that it is bound to, with the port that was found if port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
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
        let connection = database::connect(&self.database, 1);
        let (dispatcher, inbox) = Dispatcher::new(Arc::clone(&self.hub), connection);
        tokio::select! {
            ended = self.http => ended,
            // Neither of these ends before the server does.
            () = listener::listen(self.database, self.hub, inbox) => Ok(()),
            () = dispatcher.run() => Ok(()),
            () = self.edge.keep() => Ok(()),
        }
    }
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/graphql")
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
        ])
        .expose_headers([answer::SERVER_TIMING, WWW_AUTHENTICATE])
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
    let session = worker.session();
    let viewer = graphql::authenticate(&request, &session, &worker.shared.gatekeeper).await;
    let admitted = viewer.and_then(|viewer| {
        let rights = worker.shared.gatekeeper.rights();
        let admitted = rights.admit_to_schema(&viewer);
        admitted.map_err(|needed| Refusal::credentials_needed(needed.0))
    });
    if let Err(refusal) = admitted {
        return refusal.answer(MediaType::Json);
    }
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(schema::sdl())
}
