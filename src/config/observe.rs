//! How a server is seen from outside: metrics, logs, traces.

use std::{net::SocketAddr, time::Duration};

use clap::{Args, ValueEnum, builder::FalseyValueParser};

/// Under what the help tells of it.
const SEEN: &str = "Metrics, logs and traces";

/// What a server shows of itself.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = SEEN)]
pub struct ObserveArgs {
    /// An address of its own for /metrics, such as 127.0.0.1:9464; then it is there only. Where the API is, unless said.
    #[arg(long, env = "MARQUEE_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// How many names of operations the metrics tell apart; all further ones are `other`.
    #[arg(
        long, env = "MARQUEE_METRICS_OPERATIONS", default_value_t = 200, value_name = "N",
        value_parser = clap::value_parser!(u16).range(0..=10_000)
    )]
    pub metrics_operations: u16,
    /// How to write the log.
    #[arg(
        long,
        env = "MARQUEE_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
    /// Write a line into the log for every request, whatever came of it.
    #[arg(long, env = "MARQUEE_ACCESS_LOG", value_parser = FalseyValueParser::new())]
    pub access_log: bool,
    /// From how many milliseconds on an operation or a single SQL statement is logged as slow; 0 for never.
    #[arg(
        long,
        env = "MARQUEE_SLOW_QUERY_MS",
        default_value_t = 500,
        value_name = "MILLISECONDS"
    )]
    pub slow_query_ms: u32,
    /// The collector that traces are sent to, by OTLP over HTTP, such as `http://127.0.0.1:4318`. No traces unless said.
    #[arg(
        long,
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub otlp_endpoint: Option<String>,
    /// Which share of the requests is traced, 0 to 1; one that belongs to a trace already is traced as that is.
    #[arg(
        long, env = "MARQUEE_TRACE_SAMPLE", default_value_t = 1.0, value_name = "SHARE",
        value_parser = share
    )]
    pub trace_sample: f64,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

impl ObserveArgs {
    /// From when on something is slow; `None` if nothing is.
    #[must_use]
    pub fn slow(&self) -> Option<Duration> {
        let time = Duration::from_millis(self.slow_query_ms.into());
        (!time.is_zero()).then_some(time)
    }

    /// Where traces are sent. A variable of the environment that is set to nothing isn't set.
    #[must_use]
    pub fn collector(&self) -> Option<&str> {
        let address = self.otlp_endpoint.as_deref().map(str::trim);
        address.filter(|address| !address.is_empty())
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "a share is a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_from_0_to_1() {
        assert_eq!(share("0.25"), Ok(0.25));
        for bad in ["-0.1", "1.1", "NaN", "inf", "", "half"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }
}
