//! Sends spans by the HTTP client that is there already. It blocks; but the only thread that sends is the exporter's own.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;

/// How long a collector may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How many bytes of an answer are read. It says hardly more than that all went well.
const LARGEST_ANSWER: u64 = 64 * 1024;

/// The client.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    /// Whether what was sent last did not get there, which is told once and not every five seconds.
    away: AtomicBool,
}

impl Default for Client {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("marquee/", env!("CARGO_PKG_VERSION")));
        Self {
            agent: config.build().new_agent(),
            away: AtomicBool::new(false),
        }
    }
}

impl Client {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, body.as_ref());
        let (parts, mut body) = self.agent.run(request)?.into_parts();
        let read = body.with_config().limit(LARGEST_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(parts, Bytes::from(read)))
    }

    fn note(&self, sent: &Result<Response<Bytes>, ureq::Error>) {
        let cause = match sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("the answer has the status {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_away = self.away.swap(cause.is_some(), Ordering::Relaxed);
        match cause {
            Some(cause) if !was_away => {
                tracing::warn!(
                    error.cause = cause,
                    "traces don't get to their collector; until they do they are dropped"
                );
            }
            None if was_away => tracing::info!("traces get to their collector again"),
            Some(_) | None => {}
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request);
        self.note(&sent);
        Ok(sent?)
    }
}
