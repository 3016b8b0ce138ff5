//! The route `/metrics`, on the API's address or on a separate address, which can be internal.

use std::{io, net::SocketAddr, sync::Arc};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::{Server as ActixServer, ServerHandle},
    http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY},
    web,
};

use super::{Observer, exposition::Format};
use crate::{
    config::listen::ListenAddress,
    http::{
        guards::{add_resource, get_or_head},
        listener,
    },
};

/// Adds the route if `is_enabled`.
pub fn route(config: &mut web::ServiceConfig, is_enabled: bool) {
    if is_enabled {
        add_resource(config, "/metrics", |resource| {
            resource.route(get_or_head().to(metrics))
        });
    }
}

/// Responds with all metrics, in the format that the client prefers.
async fn metrics(request: HttpRequest, observer: web::Data<Observer>) -> HttpResponse {
    let format = Format::negotiate(&request);
    match observer.metrics.encode() {
        Ok(encoded) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, format.content_type()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((VARY, "accept"))
            .body(format.convert(encoded)),
        Err(error) => {
            tracing::error!(error.cause = %error, "the metrics could not be encoded");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// A server for the metrics only. It is bound to its address.
pub struct MetricsServer {
    http: ActixServer,
    addresses: Vec<SocketAddr>,
}

/// A handle of the running metrics server. Dropping it stops the server.
pub struct MetricsServerHandle(ServerHandle);

impl MetricsServer {
    /// Binds the address, if there is one.
    ///
    /// # Errors
    ///
    /// When the address can't be bound.
    pub async fn bind(
        listen: Option<&ListenAddress>,
        observer: &Arc<Observer>,
    ) -> io::Result<Option<Self>> {
        let Some(listen) = listen else {
            return Ok(None);
        };
        let listeners = listener::listen(listen, "--metrics-listen").await?;
        let addresses = listener::addresses(&listeners)?;
        let observer = web::Data::from(Arc::clone(observer));
        let mut server = HttpServer::new(move || {
            App::new()
                .app_data(observer.clone())
                .configure(|config| route(config, true))
        })
        .workers(1)
        .disable_signals();
        for listener in listeners {
            server = server.listen(listener)?;
        }
        let http = server.run();
        Ok(Some(Self { http, addresses }))
    }

    /// Returns the bound addresses.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Starts serving requests.
    pub fn start(self) -> MetricsServerHandle {
        let handle = self.http.handle();
        tokio::spawn(async move {
            if let Err(error) = self.http.await {
                tracing::error!(error.cause = %error, "the metrics server has stopped");
            }
        });
        MetricsServerHandle(handle)
    }
}

impl Drop for MetricsServerHandle {
    fn drop(&mut self) {
        // The call itself stops the server. The returned future only waits for it.
        drop(self.0.stop(false));
    }
}
