//! Log lines about WebSocket handshakes and CORS preflights that are refused. Anybody can cause them, so their number is
//! bounded.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use actix_web::{
    dev::RequestHead,
    http::{
        Method,
        header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN},
    },
};
use parking_lot::Mutex;

use crate::{error::code, http::http_error::HttpError};

/// The time in which each cause is logged once.
const LOG_INTERVAL: Duration = Duration::from_hours(1);

/// The maximum number of causes that are logged in [`LOG_INTERVAL`].
const MAX_CAUSES: usize = 20;

/// The maximum number of characters of an origin that is logged.
const MAX_ORIGIN_LENGTH: usize = 200;

/// The causes that were logged in the present interval. Those of preflights don't prevent those of WebSockets from being
/// logged.
#[derive(Debug, Default)]
pub struct RefusalLog {
    handshakes: Mutex<Causes>,
    preflights: Mutex<Causes>,
}

#[derive(Debug, Default)]
struct Causes {
    /// The time of the first cause.
    since: Option<Instant>,
    logged: HashSet<String>,
    is_full: bool,
}

/// What is logged about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// The cause.
    Cause,
    /// That further causes are not logged.
    Full,
    Nothing,
}

impl RefusalLog {
    /// Logs a refused handshake, if its cause has not been logged. The message of the error is its cause, and says what
    /// the operator can change.
    pub fn record(&self, error: &HttpError) {
        let message = error.message();
        match self.handshakes.lock().decide(message, Instant::now()) {
            Decision::Cause => {
                let code = error.codes().next().unwrap_or_default();
                tracing::warn!(error.code = code, "a WebSocket was refused: {message}");
            }
            Decision::Full => tracing::warn!(
                "WebSockets are refused for further causes, which are not logged within an hour; the responses name them"
            ),
            Decision::Nothing => {}
        }
    }

    /// Logs the refused preflight request of a page of another origin, if that has not been logged.
    pub fn record_preflight(&self, origin: &str) {
        let origin: String = origin.chars().take(MAX_ORIGIN_LENGTH).collect();
        match self.preflights.lock().decide(&origin, Instant::now()) {
            Decision::Cause => tracing::warn!(
                error.code = code::ORIGIN_NOT_ALLOWED,
                "a page of the origin {origin:?} was refused (CORS); --allowed-origin allows an origin"
            ),
            Decision::Full => tracing::warn!(
                "pages of further origins are refused (CORS), which are not logged within an hour"
            ),
            Decision::Nothing => {}
        }
    }
}

/// Returns the origin of a CORS preflight request; `None` for other requests.
#[must_use]
pub fn preflight_origin(request: &RequestHead) -> Option<&str> {
    let headers = request.headers();
    let is_preflight =
        request.method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let origin = headers.get(ORIGIN).filter(|_| is_preflight)?;
    origin.to_str().ok()
}

impl Causes {
    fn decide(&mut self, cause: &str, now: Instant) -> Decision {
        let age = self.since.map(|since| now.duration_since(since));
        if age.is_none_or(|age| age >= LOG_INTERVAL) {
            *self = Self {
                since: Some(now),
                ..Self::default()
            };
        }
        if self.logged.contains(cause) || self.is_full {
            return Decision::Nothing;
        }
        if self.logged.len() >= MAX_CAUSES {
            self.is_full = true;
            return Decision::Full;
        }
        self.logged.insert(cause.to_owned());
        Decision::Cause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_logged_once_an_hour() {
        let mut causes = Causes::default();
        let begin = Instant::now();
        let minute = |minutes| begin + Duration::from_mins(minutes);
        assert_eq!(causes.decide("origin", begin), Decision::Cause);
        assert_eq!(causes.decide("origin", minute(1)), Decision::Nothing);
        assert_eq!(causes.decide("host", minute(59)), Decision::Cause);
        assert_eq!(causes.decide("origin", minute(59)), Decision::Nothing);
        assert_eq!(causes.decide("origin", minute(60)), Decision::Cause);
        assert_eq!(causes.decide("host", minute(61)), Decision::Cause);
    }

    #[test]
    fn the_number_of_causes_is_bounded_and_one_line_says_so() {
        let mut causes = Causes::default();
        let now = Instant::now();
        let decisions: Vec<_> = (0..1_000)
            .map(|number| causes.decide(&number.to_string(), now))
            .collect();
        let (logged, others) = decisions.split_at(MAX_CAUSES);
        assert!(logged.iter().all(|one| *one == Decision::Cause));
        assert_eq!(others[0], Decision::Full);
        assert!(others[1..].iter().all(|one| *one == Decision::Nothing));
        assert_eq!(causes.logged.len(), MAX_CAUSES);
        assert_eq!(causes.decide("new", now + LOG_INTERVAL), Decision::Cause);
    }
}
