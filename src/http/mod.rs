//! The HTTP server: its routes, its workers, and how it stops.

mod accept;
mod answer;
mod graphql;
mod health;
mod playground;
mod request;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Route,
    dev::{Server as ActixServer, ServerHandle},
    guard, web,
};
use sea_orm::{DatabaseConnection, sqlx::postgres::PgConnectOptions};

use self::{accept::MediaType, answer::Refusal};
use crate::{
    access::gatekeeper::Gatekeeper,
    config::ServeArgs,
    database::{self, session::Session},
    schema::{self, Schema},
};

/// The largest body that is read.
const BODY_LIMIT: usize = 1 << 20;

/// How long requests under way may take to finish once the server is to stop, in seconds.
const STOP_PATIENCE: u64 = 30;

/// What a worker has at hand.
struct Worker {
    connection: DatabaseConnection,
    schema: Schema,
    gatekeeper: Arc<Gatekeeper>,
    server_timing: bool,
}

/// A server that is bound to its address and answers once it is run.
pub struct Server {
    server: ActixServer,
    address: SocketAddr,
}

impl Server {
    /// Binds the address and makes the workers, each with connections of its own.
    ///
    /// # Errors
    ///
    /// When the address can't be bound, or tokens of an identity provider can't be known by what is set.
    pub fn bind(args: &ServeArgs, database: &PgConnectOptions) -> io::Result<Self> {
        let gatekeeper = Arc::new(args.access.gatekeeper().map_err(io::Error::other)?);
        let schema = if gatekeeper.rights().introspection {
            schema::build()
        } else {
            schema::build_without_suggestions()
        };
        let options = database.clone();
        let (connections, server_timing) = (args.worker_connections, args.server_timing);
        let mut server = HttpServer::new(move || {
            let (schema, options) = (schema.clone(), options.clone());
            let gatekeeper = Arc::clone(&gatekeeper);
            App::new()
                .data_factory(move || {
                    let worker = Worker {
                        connection: database::connect(&options, connections),
                        schema: schema.clone(),
                        gatekeeper: Arc::clone(&gatekeeper),
                        server_timing,
                    };
                    async move { Ok::<_, io::Error>(worker) }
                })
                .configure(routes)
        })
        .disable_signals()
        .shutdown_timeout(STOP_PATIENCE)
        .client_request_timeout(Duration::from_secs(10));
        if let Some(workers) = args.workers {
            server = server.workers(usize::from(workers));
        }
        let server = server.bind(args.listen).map_err(|error| {
            let address = args.listen;
            let text =
                format!("can't listen on {address}: {error}; choose another address with --listen");
            io::Error::new(error.kind(), text)
        })?;
        let address = server.addrs().first().copied().unwrap_or(args.listen);
        Ok(Self {
            server: server.run(),
            address,
        })
    }

    /// The address that it is bound to, with the port that was found if port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// By which to stop it.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers requests until the server is stopped.
    ///
    /// # Errors
    ///
    /// When accepting connections fails for good.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/graphql")
                .app_data(web::PayloadConfig::new(BODY_LIMIT))
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

/// GET, and HEAD, which asks for the same without its body.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn schema_text(request: HttpRequest, worker: web::Data<Worker>) -> HttpResponse {
    let session = Session::new(worker.connection.clone());
    let viewer = graphql::authenticate(&request, &session, &worker.gatekeeper).await;
    let admitted = viewer.and_then(|viewer| {
        let rights = worker.gatekeeper.rights();
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
