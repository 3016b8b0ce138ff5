//! The route `/metrics`, on the API's address or on a separate address, which can be internal.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Route,
    dev::{Server as ActixServer, ServerHandle},
    http::header::{
        CACHE_CONTROL, CONTENT_TYPE, FORWARDED, HeaderMap, HeaderName, HeaderValue, VARY, VIA,
        X_FORWARDED_FOR,
    },
    web,
};

use super::{Observer, exposition::Format};
use crate::{
    config::{TelemetryArgs, listen::ListenAddress},
    http::{
        accept::MediaType,
        guards::{add_resource, get_or_head},
        http_error::HttpError,
        listener,
    },
};

/// The headers by which a proxy shows that it forwards a request of somebody else.
const PROXY_HEADERS: [HeaderName; 4] = [
    X_FORWARDED_FOR,
    FORWARDED,
    VIA,
    HeaderName::from_static("x-real-ip"),
];

/// Who may read `/metrics` at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Nobody: the route does not exist.
    Nobody,
    /// Clients on this machine that come without a proxy.
    Local,
    /// Every client.
    Public,
}

impl MetricsAccess {
    /// Returns who may read the metrics at the address of the API.
    #[must_use]
    pub fn at_api(args: &TelemetryArgs) -> Self {
        if args.public_metrics {
            Self::Public
        } else if args.metrics_listen.is_some() {
            Self::Nobody
        } else {
            Self::Local
        }
    }
}

/// Adds the route, unless nobody may read the metrics.
pub fn route(config: &mut web::ServiceConfig, access: MetricsAccess) {
    let route: fn() -> Route = match access {
        MetricsAccess::Nobody => return,
        MetricsAccess::Local => || get_or_head().to(local_metrics),
        MetricsAccess::Public => || get_or_head().to(metrics),
    };
    add_resource(config, "/metrics", |resource| resource.route(route()));
}

/// Responds with all metrics to a client on this machine, and with an error to any other. The metrics show the names of
/// operations and the load of the server, which are not for everybody.
async fn local_metrics(request: HttpRequest, observer: web::Data<Observer>) -> HttpResponse {
    let peer = request.peer_addr().map(|address| address.ip());
    if is_local(peer, request.headers()) {
        return metrics(request, observer).await;
    }
    let mut response = HttpError::metrics_not_public().into_response(MediaType::Json);
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Returns whether a request comes from this machine, and not from a proxy on it that names its own client.
fn is_local(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    let is_loopback = peer.is_some_and(|peer| peer.to_canonical().is_loopback());
    is_loopback && !PROXY_HEADERS.iter().any(|name| headers.contains_key(name))
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
                .configure(|config| route(config, MetricsAccess::Public))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_client_on_this_machine_without_a_proxy_is_local() {
        let none = HeaderMap::new();
        for (peer, expected) in [
            ("127.0.0.1", true),
            ("127.8.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.0.2.2", false),
            ("10.0.0.1", false),
            ("fd00::2", false),
            ("::ffff:192.0.2.2", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(is_local(peer.parse().ok(), &none), expected, "{peer}");
        }
        assert!(!is_local(None, &none));
        for name in PROXY_HEADERS {
            let headers = HeaderMap::from_iter([(name.clone(), HeaderValue::from_static(""))]);
            assert!(!is_local("127.0.0.1".parse().ok(), &headers), "{name}");
        }
    }
}
