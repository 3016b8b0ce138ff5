//! Sends spans with `ureq`, the HTTP client that the program uses already. It blocks, but only the exporter's own
//! thread.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;

/// The timeout of a request to the collector.
pub const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// The maximum size of a response of the collector, in bytes. A response contains little more than its status.
const MAX_RESPONSE_BYTES: u64 = 64 * 1024;

/// The HTTP client of the span exporter.
#[derive(Debug)]
pub struct CollectorClient {
    agent: Agent,
    /// Whether the last request failed. Only the first of several failures is logged.
    is_failing: AtomicBool,
}

impl Default for CollectorClient {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(EXPORT_TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("marquee/", env!("CARGO_PKG_VERSION")));
        Self {
            agent: config.build().new_agent(),
            is_failing: AtomicBool::new(false),
        }
    }
}

impl CollectorClient {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, body.as_ref());
        let (parts, mut body) = self.agent.run(request)?.into_parts();
        let read = body.with_config().limit(MAX_RESPONSE_BYTES).read_to_vec()?;
        Ok(Response::from_parts(parts, Bytes::from(read)))
    }

    fn log_outcome(&self, result: &Result<Response<Bytes>, ureq::Error>) {
        let cause = match result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("the response has status {}", response.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_failing = self.is_failing.swap(cause.is_some(), Ordering::Relaxed);
        match cause {
            Some(cause) if !was_failing => {
                tracing::warn!(
                    error.cause = cause,
                    "can't export traces to the collector; they are dropped until it is available"
                );
            }
            None if was_failing => tracing::info!("exporting traces to the collector again"),
            Some(_) | None => {}
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let result = self.send(request);
        self.log_outcome(&result);
        Ok(result?)
    }
}
