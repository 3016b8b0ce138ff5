//! The process: since when it runs, and how much memory it has.

use std::{
    fmt, fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

/// Told anew at each scrape.
#[derive(Debug)]
pub struct Process {
    /// In seconds since 1970.
    started: f64,
}

impl Process {
    /// For a process that started then.
    #[must_use]
    pub fn new(started: SystemTime) -> Self {
        let since = started.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            started: since.as_secs_f64(),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let started = ConstGauge::new(self.started);
        let of_start = encoder.encode_descriptor(
            "process_start_time_seconds",
            "When the server started, in seconds since 1970.",
            None,
            started.metric_type(),
        )?;
        started.encode(of_start)?;
        // Only Linux tells it here.
        let Some(bytes) = fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| resident_memory(&status))
        else {
            return Ok(());
        };
        let memory = ConstGauge::new(bytes);
        let of_memory = encoder.encode_descriptor(
            "process_resident_memory_bytes",
            "The memory that the process has.",
            None,
            memory.metric_type(),
        )?;
        memory.encode(of_memory)
    }
}

/// The resident memory in bytes, by the text of `/proc/self/status`.
fn resident_memory(status: &str) -> Option<i64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_in_bytes() {
        let status = "Name:\tmarquee\nVmHWM:\t   99 kB\nVmRSS:\t    12 kB\n";
        assert_eq!(resident_memory(status), Some(12 * 1024));
        assert_eq!(resident_memory("Name:\tmarquee\n"), None);
    }
}
