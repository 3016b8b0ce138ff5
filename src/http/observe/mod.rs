//! What happens to a request beside its answer: it gets an id and spans, and when it ends it is counted and logged.

pub mod instruments;
mod metrics;
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

use self::request_id::{Ids, RequestId};
pub use self::{
    metrics::{MetricsServer, route},
    observation::Observation,
};
use crate::{config::ObserveArgs, http::observe::instruments::Metrics};

/// Where operations come to.
pub const GRAPHQL: &str = "/graphql";

/// By which a request's id comes and goes.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What all workers observe by.
#[derive(Debug)]
pub struct Observer {
    /// What is counted.
    pub metrics: Metrics,
    access_log: bool,
    slow: Option<Duration>,
    ids: Ids,
}

impl Observer {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(args: &ObserveArgs) -> Self {
        Self {
            metrics: Metrics::new(args.metrics_operations, SystemTime::now()),
            access_log: args.access_log,
            slow: args.slow(),
            ids: Ids::default(),
        }
    }
}

/// Observes a request from before anything else is done about it.
///
/// # Errors
///
/// When what is around has one.
pub async fn request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(observation) = Observation::of_request(&request) else {
        return next.call(request).await;
    };
    request.extensions_mut().insert(observation.clone());
    // An operation by HTTP goes within them once more is to be done than to look for what is kept.
    let finds_first = request.path() == GRAPHQL && !request.headers().contains_key(UPGRADE);
    let called = next.call(request);
    let mut answer = if finds_first {
        called.await?
    } else {
        observation.within(called).await?
    };
    observation.answered(answer.status().as_u16(), answer.request());
    answer
        .headers_mut()
        .insert(X_REQUEST_ID, observation.id().header());
    Ok(answer)
}
