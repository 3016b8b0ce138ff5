//! The CPU time of processes, as Linux reports it.

use std::{collections::HashMap, fs, path::PathBuf};

use crate::load::Load;

/// The number of clock ticks a second in `/proc/*/stat`, always 100 on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A load and its CPU time.
#[derive(Clone, Debug)]
pub struct Measured {
    pub load: Load,
    /// The CPU time of the server in microseconds a response.
    pub server: f64,
    /// The CPU time of all PostgreSQL processes on the machine in microseconds a response.
    pub postgresql: f64,
}

/// Sends a load and measures the CPU time of the server with this process id and of PostgreSQL.
pub fn measure(server: u32, send: impl FnOnce() -> Load) -> Measured {
    let before = (cpu_seconds(server), postgresql_cpu_seconds());
    let load = send();
    let after = (cpu_seconds(server), postgresql_cpu_seconds());
    // The time of processes that ended in between is unknown, so it is not counted.
    let differences = after.1.iter().map(|(process, seconds_after)| {
        let seconds_before = before.1.get(process).copied().unwrap_or_default();
        seconds_after - seconds_before
    });
    let responses = load.requests;
    Measured {
        server: (after.0 - before.0) * 1e6 / responses,
        postgresql: differences.sum::<f64>() * 1e6 / responses,
        load,
    }
}

/// Returns the CPU time of a process in seconds.
fn cpu_seconds(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    seconds(&stat)
}

/// Returns the CPU time of each PostgreSQL process in seconds.
fn postgresql_cpu_seconds() -> HashMap<PathBuf, f64> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| {
            let stat = fs::read_to_string(process.path().join("stat")).ok()?;
            let spent = stat.contains("(postgres)").then(|| seconds(&stat))?;
            Some((process.path(), spent))
        })
        .collect()
}

/// Returns the sum of the 14th and 15th field, user and system time, in seconds. The second field is a name in
/// parentheses.
fn seconds(stat: &str) -> f64 {
    let words = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks = words
        .skip(11)
        .take(2)
        .filter_map(|word| word.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}
