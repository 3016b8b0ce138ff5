//! The command line settings of metrics, logs and traces.

use std::time::Duration;

use clap::{Args, ValueEnum, builder::FalseyValueParser};

use super::listen::ListenAddress;

/// The help heading of these settings.
const HELP_HEADING: &str = "Metrics, logs and traces";

/// The settings of metrics, logs and traces.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = HELP_HEADING)]
pub struct TelemetryArgs {
    /// The host and port of a separate listener for /metrics, such as 127.0.0.1:9464 or localhost:9464. Everybody who
    /// reaches it may read the metrics. By default the address of the API serves /metrics, to clients on this machine.
    #[arg(long, env = "MARQUEE_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<ListenAddress>,
    /// Serve /metrics to every client of the API's address. By default only clients on this machine get the metrics there,
    /// and nobody who comes through a proxy.
    #[arg(long, env = "MARQUEE_PUBLIC_METRICS", value_parser = FalseyValueParser::new())]
    pub public_metrics: bool,
    /// The maximum number of operation names that have their own metrics (0 to 10,000). Further names are counted as
    /// `other`.
    #[arg(
        long, env = "MARQUEE_METRICS_OPERATIONS", default_value_t = 200, value_name = "N",
        value_parser = clap::value_parser!(u16).range(0..=10_000)
    )]
    pub metrics_operations: u16,
    /// The format of log lines.
    #[arg(
        long,
        env = "MARQUEE_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
    /// Log each request, whatever its outcome.
    #[arg(long, env = "MARQUEE_ACCESS_LOG", value_parser = FalseyValueParser::new())]
    pub access_log: bool,
    /// The duration from which an operation or a single SQL statement is logged as slow, in milliseconds. 0 logs none.
    #[arg(
        long,
        env = "MARQUEE_SLOW_QUERY_MS",
        default_value_t = 500,
        value_name = "MILLISECONDS"
    )]
    pub slow_query_ms: u32,
    /// The base URL of the collector that receives traces by OTLP over HTTP, such as `http://127.0.0.1:4318`. By
    /// default no traces are exported.
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub otlp_endpoint: Option<String>,
    /// The share of requests that are traced, from 0 to 1. A request that is part of a trace already follows the
    /// sampling decision of that trace.
    #[arg(
        long, env = "MARQUEE_TRACE_SAMPLE", default_value_t = 1.0, value_name = "SHARE",
        value_parser = parse_share
    )]
    pub trace_sample: f64,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Human-readable text lines.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

impl TelemetryArgs {
    /// Returns the duration from which operations and statements are logged as slow; `None` if they never are.
    #[must_use]
    pub fn slow_threshold(&self) -> Option<Duration> {
        let threshold = Duration::from_millis(self.slow_query_ms.into());
        (!threshold.is_zero()).then_some(threshold)
    }

    /// Returns the base URL of the trace collector. An empty value counts as unset.
    #[must_use]
    pub fn collector_url(&self) -> Option<&str> {
        let url = self.otlp_endpoint.as_deref().map(str::trim);
        url.filter(|url| !url.is_empty())
    }
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "must be a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests;
