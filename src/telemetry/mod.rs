//! Logs and traces. A log line goes to standard error, is readable on its own, and has dotted fields. Spans go to a
//! collector if one is configured, and never into the log.

mod client;
mod collector;

use std::{env, io, io::IsTerminal, time::Duration};

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::Targets,
    layer::{Filter, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

pub use self::collector::TelemetryError;
use crate::{
    config::{LogFormat, TelemetryArgs},
    metrics::TRACE_TARGET,
};

/// The timeout for exporting the last spans at shutdown.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The target of actix-web's own lines about connections. It logs malformed bytes as errors, without the client's address.
/// `http::transport` logs how a connection fails.
const CONNECTION_TARGET: &str = "actix_http::h1::dispatcher";

/// The target of the HTTP/2 library. It warns of frames that any client can send, without the client's address.
const HTTP2_TARGET: &str = "h2";

/// The targets that are never logged.
const SILENT_TARGETS: [&str; 3] = [TRACE_TARGET, CONNECTION_TARGET, HTTP2_TARGET];

/// The telemetry of the process, to shut down at its end.
#[derive(Debug, Default)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Starts to log as text, for a command other than `serve`. The environment variable `MARQUEE_LOG` is the filter,
    /// in the syntax of `tracing_subscriber::EnvFilter`; `default_filter` is the filter if the variable is unset or
    /// invalid.
    #[must_use]
    pub fn for_command(default_filter: &str) -> Self {
        LogFilter::from_env(default_filter).start(LogFormat::Text);
        Self::default()
    }

    /// Starts the logs of a server and, if a collector is configured, its traces.
    ///
    /// # Errors
    ///
    /// When the URL of the collector is invalid, or the exporter can't be created.
    pub fn for_server(default_filter: &str, args: &TelemetryArgs) -> Result<Self, TelemetryError> {
        let filter = LogFilter::from_env(default_filter);
        let Some(url) = args.collector_url() else {
            filter.start(args.log_format);
            return Ok(Self::default());
        };
        let log = log_layer(args.log_format).with_filter(filter.of_layer());
        let traces = collector::tracer_provider(url, args.trace_sample)?;
        let targets = Targets::new().with_target(TRACE_TARGET, LevelFilter::INFO);
        tracing_subscriber::registry()
            .with(log)
            .with(collector::layer(&traces).with_filter(targets))
            .init();
        Ok(Self {
            traces: Some(traces),
        })
    }

    /// Exports the last spans. Blocks the thread for up to 5 seconds.
    pub fn shutdown(self) {
        if let Some(traces) = self.traces
            && let Err(error) = traces.shutdown_with_timeout(FLUSH_TIMEOUT)
        {
            tracing::warn!(error.cause = %error, "could not export the last spans");
        }
    }
}

/// The filter of the log.
#[derive(Debug)]
enum LogFilter {
    /// Levels by target only. It ignores when a span is entered or left, which happens several times in a request.
    Targets(Targets),
    /// Directives of all kinds, those of spans among them.
    Spans(Box<EnvFilter>),
}

impl LogFilter {
    fn from_env(default_filter: &str) -> Self {
        let variable = env::var("MARQUEE_LOG").ok();
        let valid = variable.as_deref().and_then(Self::parse);
        valid
            .or_else(|| Self::parse(default_filter))
            .unwrap_or_else(|| Self::Targets(Targets::default()))
    }

    /// Parses a filter in the syntax of `EnvFilter`. Adds the targets that are never logged. `None` if it is invalid.
    fn parse(filter: &str) -> Option<Self> {
        // `Targets` parses the same directives, except those of spans, which have brackets. It takes some of these for the
        // names of targets.
        if !filter.contains('[')
            && let Ok(targets) = filter.parse::<Targets>()
        {
            let silent = SILENT_TARGETS.map(|target| (target, LevelFilter::OFF));
            return Some(Self::Targets(targets.with_targets(silent)));
        }
        let mut filter = EnvFilter::try_new(filter).ok()?;
        for target in SILENT_TARGETS {
            filter = filter.add_directive(format!("{target}=off").parse().ok()?);
        }
        Some(Self::Spans(Box::new(filter)))
    }

    /// Starts the log. This filter is a global one, which is cheaper than the filter of a layer.
    fn start(self, format: LogFormat) {
        let filter: Box<dyn Layer<Registry> + Send + Sync> = match self {
            Self::Targets(filter) => Layer::boxed(filter),
            Self::Spans(filter) => Layer::boxed(*filter),
        };
        tracing_subscriber::registry()
            .with(filter)
            .with(log_layer(format))
            .init();
    }

    fn of_layer<S: Subscriber>(self) -> Box<dyn Filter<S> + Send + Sync> {
        match self {
            Self::Targets(filter) => Box::new(filter),
            Self::Spans(filter) => filter,
        }
    }
}

/// Returns the layer that writes the log.
fn log_layer<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    match format {
        LogFormat::Text => lines
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        // The only span in the log is that of the request.
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    }
}

#[cfg(test)]
mod tests;
