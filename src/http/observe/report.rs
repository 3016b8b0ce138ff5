//! The report of a completed request: its metrics, log line and trace attributes.

use async_graphql::parser::types::OperationType;
use opentelemetry::trace::TraceContextExt;
use tracing::Level;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::observation::ObservationState;
use crate::{
    database::session::{Cost, Session},
    http::observe::{
        instruments::labels::{CompletedOperation, Transport},
        outcome::OperationOutcome,
    },
};

impl ObservationState {
    fn kind(&self) -> &'static str {
        match self.kind.get() {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            None => "unknown",
        }
    }

    fn cost(&self) -> Cost {
        self.session.get().map(Session::cost).unwrap_or_default()
    }

    fn count(&self, transport: Transport) {
        let has_single_response =
            !matches!(self.kind.get(), None | Some(OperationType::Subscription));
        let is_executed = has_single_response && self.outcome.get() != OperationOutcome::Rejected;
        self.observer.metrics.count(&CompletedOperation {
            transport,
            kind: self.kind(),
            name: self.name.get().map(|name| &**name),
            outcome: self.outcome.get(),
            duration: is_executed.then(|| self.started.elapsed()),
            cost: self.cost.get(),
            database_cost: is_executed.then(|| self.cost()),
        });
    }

    /// Records the attributes that were unknown when the root span was created.
    fn record_trace(&self) {
        let span = &self.trace_span;
        if span.is_disabled() {
            return;
        }
        if let Some(status) = self.status.get() {
            span.record("http.response.status_code", status);
        }
        let Some(transport) = self.transport.get() else {
            if let Some(route) = self.route.get() {
                span.context().span().update_name(route.clone());
            }
            return;
        };
        let name = self.name.get().map(|name| &**name);
        let span_name = match name {
            Some(name) => format!("{} {name}", self.kind()),
            None => self.kind().to_owned(),
        };
        span.context().span().update_name(span_name);
        span.record("graphql.operation.type", self.kind());
        span.record("marquee.transport", transport.name());
        span.record("marquee.outcome", self.outcome.get().name());
        if let Some(name) = name {
            span.record("graphql.operation.name", name);
        }
        if let Some(cost) = self.cost.get() {
            span.record("marquee.cost", cost);
        }
        if self.outcome.get() == OperationOutcome::Failed {
            span.record("otel.status_code", "ERROR");
        }
    }

    /// Logs the request, at level `info` only with the access log. A line per request would flood a busy log, and the
    /// metrics have the same information.
    fn log(&self) {
        macro_rules! line {
            ($level:ident, $text:literal $(, $field:ident . $of:ident = $value:expr)*) => {
                tracing::$level!(
                    operation.type = self.transport.get().map(|_| self.kind()),
                    operation.name = self.name.get().map(|name| &**name),
                    operation.cost = self.cost.get(),
                    operation.outcome = self.transport.get().map(|_| self.outcome.get().name()),
                    error.code = self.error_code.get().map(|code| &**code),
                    http.route = self.route.get().map(String::as_str),
                    http.status = self.status.get(),
                    request.transport = self.transport.get().map(Transport::name),
                    request.duration_ms = self.started.elapsed().as_secs_f64() * 1e3,
                    sql.statements = self.session.get().map(|session| session.cost().statements),
                    sql.round_trips = self.session.get().map(|session| session.cost().round_trips),
                    $($field.$of = $value,)*
                    $text
                )
            };
        }
        if self.observer.access_log {
            line!(info, "a request has ended");
        } else {
            line!(debug, "a request has ended");
        }
        if self.is_slow() {
            line!(
                warn,
                "a slow operation",
                document.hash = self.document_hash.get().map(hex)
            );
        }
    }
}

impl ObservationState {
    fn is_slow(&self) -> bool {
        let has_single_response =
            !matches!(self.kind.get(), None | Some(OperationType::Subscription));
        let threshold = self.observer.slow_threshold;
        // The delay of a rejection is on purpose.
        let elapsed = self.started.elapsed().saturating_sub(self.delay.get());
        has_single_response && threshold.is_some_and(|threshold| elapsed >= threshold)
    }
}

impl Drop for ObservationState {
    fn drop(&mut self) {
        if let Some(transport) = self.transport.get() {
            self.count(transport);
        }
        if self.observer.access_log || self.is_slow() || tracing::enabled!(Level::DEBUG) {
            self.log_span().in_scope(|| self.log());
        }
        self.record_trace();
    }
}

fn hex(hash: [u8; 32]) -> String {
    use std::fmt::Write;
    hash.iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
