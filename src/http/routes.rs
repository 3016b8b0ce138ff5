//! The routes of the server, and its CORS policy.

use std::sync::Arc;

use actix_cors::Cors;
use actix_web::{
    HttpRequest, HttpResponse, guard,
    http::header::{ALLOW, DATE, ETAG, RETRY_AFTER, WWW_AUTHENTICATE},
    middleware::Condition,
    web,
};

use super::{
    accept::MediaType,
    authentication::{Credentials, authenticate_and_charge},
    graphql,
    guards::{add_resource, get_or_head},
    health,
    http_error::HttpError,
    http_response, observe, playground, rate_limiting,
    refusal_log::preflight_origin,
    state::{SharedState, WorkerState},
    websocket,
};
use crate::{config::origin::AllowedOrigin, graphql::schema};

/// The time for which a browser may cache a CORS preflight response, in seconds. No browser caches it for more than two
/// hours.
const PREFLIGHT_MAX_AGE_SECS: usize = 7_200;

/// Registers the routes.
pub fn routes(config: &mut web::ServiceConfig) {
    add_resource(config, observe::GRAPHQL_PATH, |resource| {
        resource
            .route(
                web::get()
                    .guard(guard::fn_guard(websocket::is_handshake))
                    .to(websocket::open),
            )
            .route(get_or_head().to(graphql::get))
            .route(web::post().to(graphql::post))
            .default_service(web::to(graphql::other_method))
    });
    add_resource(config, "/schema.graphql", |resource| {
        resource.route(get_or_head().to(schema_sdl))
    });
    add_resource(config, "/health/live", |resource| {
        resource.route(get_or_head().to(health::live))
    });
    add_resource(config, "/health/ready", |resource| {
        resource.route(get_or_head().to(health::ready))
    });
    config
        // Relative, because a proxy may serve everything below a path of its own.
        .service(web::redirect("/", "playground").see_other())
        // The page loads its files relative to its path, which ends without a slash.
        .service(web::redirect("/playground/", "../playground").see_other())
        .service(playground::scope())
        .default_service(web::to(unknown_path));
}

/// Responds to a request for any other path. A proxy that serves everything below a path must remove that path.
async fn unknown_path() -> HttpResponse {
    HttpError::unknown_path().into_response(MediaType::Json)
}

/// Creates the CORS middleware for the allowed origins, which logs refused preflight requests. Credentials mode stays off,
/// because the API uses no cookies.
///
/// Pages of allowed origins may send any header. Tracing and client libraries add headers of their own, and no request
/// header besides `Authorization` gives rights. Only the page itself can set that one.
pub fn cors(shared: &Arc<SharedState>) -> Condition<Cors> {
    let allowed = &shared.allowed_origins;
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST"])
        .allow_any_header()
        .expose_headers([
            ALLOW,
            DATE,
            ETAG,
            http_response::SERVER_TIMING,
            rate_limiting::RATE_LIMIT,
            rate_limiting::RATE_LIMIT_POLICY,
            observe::X_REQUEST_ID,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
        ])
        .max_age(PREFLIGHT_MAX_AGE_SECS);
    let cors = if allowed.contains(&AllowedOrigin::Any) {
        cors.allow_any_origin().send_wildcard()
    } else {
        let shared = Arc::clone(shared);
        cors.allowed_origin_fn(move |origin, request| {
            let origin = origin.to_str();
            let is_allowed =
                origin.is_ok_and(|origin| AllowedOrigin::allows(&shared.allowed_origins, origin));
            if let Some(origin) = preflight_origin(request).filter(|_| !is_allowed) {
                shared.refusal_log.record_preflight(origin);
            }
            is_allowed
        })
    };
    Condition::new(!allowed.is_empty(), cors)
}

async fn schema_sdl(request: HttpRequest, worker: web::Data<WorkerState>) -> HttpResponse {
    let mut meter = worker.meter(&request);
    let credentials = Credentials::of_headers(request.headers());
    let session = worker.session();
    let viewer = authenticate_and_charge(credentials, &worker, &session, &mut meter).await;
    let result = viewer.and_then(|viewer| {
        let rights = worker.shared.authenticator.rights();
        let result = rights.authorize_introspection(&viewer);
        result.map_err(|error| HttpError::credentials_required(error.0))
    });
    meter.add_headers(match result {
        Err(error) => {
            error.delay(None).await;
            error.into_response(MediaType::Json)
        }
        Ok(()) => HttpResponse::Ok()
            .content_type("text/plain; charset=utf-8")
            .body(schema::sdl()),
    })
}
