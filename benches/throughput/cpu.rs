//! The time that processes spend on a core, as Linux tells it.

use std::fs;

use crate::load::Load;

/// How many units of `/proc/*/stat` a second has; on Linux always so many.
const TICKS: f64 = 100.0;

/// What was asked, and what it cost.
#[derive(Clone, Debug)]
pub struct Measured {
    pub load: Load,
    /// Microseconds of the server's processor time an answer.
    pub server: f64,
    /// The same of all of PostgreSQL's processes on the machine.
    pub postgresql: f64,
}

/// Asks, and tells what each answer cost the server with this number, and PostgreSQL.
pub fn of(server: u32, ask: impl FnOnce() -> Load) -> Measured {
    let before = (spent(server), spent_by_postgresql());
    let load = ask();
    let after = (spent(server), spent_by_postgresql());
    let answers = load.requests;
    Measured {
        server: (after.0 - before.0) * 1e6 / answers,
        postgresql: (after.1 - before.1) * 1e6 / answers,
        load,
    }
}

/// Seconds that a process spent.
fn spent(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    seconds(&stat)
}

fn spent_by_postgresql() -> f64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let stats =
        processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
    stats
        .filter(|stat| stat.contains("(postgres)"))
        .map(|stat| seconds(&stat))
        .sum()
}

/// The 14th and the 15th word: in the program and in the kernel. The second word is a name in parentheses.
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
    ticks.sum::<f64>() / TICKS
}
