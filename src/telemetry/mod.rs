//! Logs and traces. A log line reads alone, goes to standard error, and carries its facts in dotted fields; spans go to a collector if
//! one is set, and never into the log.

mod client;
mod collector;

use std::{io, io::IsTerminal, time::Duration};

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, filter::Targets, layer::SubscriberExt, registry::LookupSpan,
    util::SubscriberInitExt,
};

pub use self::collector::Unusable;
use crate::{
    config::{LogFormat, ObserveArgs},
    observe::TRACES,
};

/// How long the last spans may take to be sent at the end.
const FLUSH_PATIENCE: Duration = Duration::from_secs(5);

/// What is to be brought to an end at the end of the process.
#[derive(Debug, Default)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Starts logging, as text. `MARQUEE_LOG` says how much, in the notation of `tracing`'s filters; `unless_set` if it is not set or
    /// can't be read.
    #[must_use]
    pub fn of_command(unless_set: &str) -> Self {
        tracing_subscriber::registry()
            .with(log(LogFormat::Text).with_filter(filter(unless_set)))
            .init();
        Self::default()
    }

    /// Starts a server's logging and, if there is a collector, its traces.
    ///
    /// # Errors
    ///
    /// When the collector's address can't be read.
    pub fn of_server(unless_set: &str, args: &ObserveArgs) -> Result<Self, Unusable> {
        let Some(address) = args.collector() else {
            // The filter of all layers costs less than that of one, which is asked anew whenever a span is entered.
            tracing_subscriber::registry()
                .with(filter(unless_set))
                .with(log(args.log_format))
                .init();
            return Ok(Self::default());
        };
        let log = log(args.log_format).with_filter(filter(unless_set));
        let traces = collector::provider(address, args.trace_sample)?;
        let exported = Targets::new().with_target(TRACES, LevelFilter::INFO);
        tracing_subscriber::registry()
            .with(log)
            .with(collector::layer(&traces).with_filter(exported))
            .init();
        Ok(Self {
            traces: Some(traces),
        })
    }

    /// Sends the last spans, for 5 seconds at most. It blocks its thread.
    pub fn finish(self) {
        if let Some(traces) = self.traces
            && let Err(error) = traces.shutdown_with_timeout(FLUSH_PATIENCE)
        {
            tracing::warn!(error.cause = %error, "the last spans did not get to the collector");
        }
    }
}

fn filter(unless_set: &str) -> EnvFilter {
    let filter =
        EnvFilter::try_from_env("MARQUEE_LOG").unwrap_or_else(|_| EnvFilter::new(unless_set));
    match format!("{TRACES}=off").parse() {
        Ok(no_traces) => filter.add_directive(no_traces),
        Err(_) => filter,
    }
}

/// What writes the log.
fn log<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    match format {
        LogFormat::Text => lines
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        // The only span that the log knows is the request's.
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    }
}
