//! Metrics of the process: its start time and its memory.

use std::{
    fmt, fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

/// A collector of the process's metrics, which are read at each scrape.
#[derive(Debug)]
pub struct ProcessMetrics {
    /// In seconds since 1970.
    start_time_seconds: f64,
}

impl ProcessMetrics {
    /// Creates the collector for a process with the given start time.
    #[must_use]
    pub fn new(started: SystemTime) -> Self {
        let since_epoch = started.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            start_time_seconds: since_epoch.as_secs_f64(),
        }
    }
}

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let started = ConstGauge::new(self.start_time_seconds);
        let start_encoder = encoder.encode_descriptor(
            "process_start_time_seconds",
            "Start time of the server, in seconds since 1970.",
            None,
            started.metric_type(),
        )?;
        started.encode(start_encoder)?;
        // This file exists only on Linux.
        let Some(bytes) = fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| resident_memory(&status))
        else {
            return Ok(());
        };
        let memory = ConstGauge::new(bytes);
        let memory_encoder = encoder.encode_descriptor(
            "process_resident_memory_bytes",
            "Resident memory of the process.",
            None,
            memory.metric_type(),
        )?;
        memory.encode(memory_encoder)
    }
}

/// Parses the resident memory, in bytes, from the content of `/proc/self/status`.
fn resident_memory(status: &str) -> Option<i64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests;
