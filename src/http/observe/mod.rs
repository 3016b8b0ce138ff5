//! The observation of requests: request ids, spans, metrics and logs.

mod exposition;
pub mod instruments;
mod metrics_server;
mod observation;
pub mod outcome;
mod process;
mod report;
mod request_id;
mod stream;

use std::time::{Duration, SystemTime};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, UPGRADE},
    middleware::Next,
};

use self::request_id::{RequestId, RequestIdGenerator};
pub use self::{
    metrics_server::{MetricsAccess, MetricsServer, route},
    observation::Observation,
};
use crate::{config::TelemetryArgs, http::observe::instruments::Metrics};

/// The path of the GraphQL endpoint.
pub const GRAPHQL_PATH: &str = "/graphql";

/// The header of the request id, in requests and in responses.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The metrics and the logging settings, which all workers share.
#[derive(Debug)]
pub struct Observer {
    /// The metrics.
    pub metrics: Metrics,
    access_log: bool,
    slow_threshold: Option<Duration>,
    ids: RequestIdGenerator,
}

impl Observer {
    /// Creates an observer from the command line.
    #[must_use]
    pub fn new(args: &TelemetryArgs) -> Self {
        Self {
            metrics: Metrics::new(args.metrics_operations, SystemTime::now()),
            access_log: args.access_log,
            slow_threshold: args.slow_threshold(),
            ids: RequestIdGenerator::default(),
        }
    }
}

/// Returns whether a path is that of the GraphQL endpoint.
fn is_graphql(path: &str) -> bool {
    path.strip_suffix('/').unwrap_or(path) == GRAPHQL_PATH
}

/// Observes a request. This is the outermost middleware.
///
/// # Errors
///
/// The errors of the inner service.
pub async fn observe_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(observation) = Observation::of_request(&request) else {
        return next.call(request).await;
    };
    request.extensions_mut().insert(observation.clone());
    // An operation over HTTP enters its spans only after a miss in the response cache, because creating them is
    // expensive.
    let enters_spans_later = is_graphql(request.path()) && !request.headers().contains_key(UPGRADE);
    let response_future = next.call(request);
    let mut response = if enters_spans_later {
        response_future.await?
    } else {
        observation.in_spans(response_future).await?
    };
    observation.record_status(response.status().as_u16(), response.request());
    response
        .headers_mut()
        .insert(X_REQUEST_ID, observation.id().to_header_value());
    Ok(response)
}
