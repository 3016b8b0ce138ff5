//! Logs and traces. A log line goes to standard error, is readable on its own, and has dotted fields. Spans go to a
//! collector if one is configured, and never into the log.

mod client;
mod collector;

use std::{io, io::IsTerminal, time::Duration};

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, filter::Targets, layer::SubscriberExt, registry::LookupSpan,
    util::SubscriberInitExt,
};

pub use self::collector::TelemetryError;
use crate::{
    config::{LogFormat, TelemetryArgs},
    metrics::TRACE_TARGET,
};

/// The timeout for exporting the last spans at shutdown.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

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
        tracing_subscriber::registry()
            .with(log_layer(LogFormat::Text).with_filter(log_filter(default_filter)))
            .init();
        Self::default()
    }

    /// Starts the logs of a server and, if a collector is configured, its traces.
    ///
    /// # Errors
    ///
    /// When the URL of the collector is invalid, or the exporter can't be created.
    pub fn for_server(default_filter: &str, args: &TelemetryArgs) -> Result<Self, TelemetryError> {
        let Some(url) = args.collector_url() else {
            // A global filter is cheaper than the filter of a layer, which is evaluated each time a span is entered.
            tracing_subscriber::registry()
                .with(log_filter(default_filter))
                .with(log_layer(args.log_format))
                .init();
            return Ok(Self::default());
        };
        let log = log_layer(args.log_format).with_filter(log_filter(default_filter));
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

fn log_filter(default_filter: &str) -> EnvFilter {
    let filter =
        EnvFilter::try_from_env("MARQUEE_LOG").unwrap_or_else(|_| EnvFilter::new(default_filter));
    match format!("{TRACE_TARGET}=off").parse() {
        Ok(no_traces) => filter.add_directive(no_traces),
        Err(_) => filter,
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
