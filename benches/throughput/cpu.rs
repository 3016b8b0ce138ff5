//! The time that processes spend on a core, as Linux tells it.

use std::{collections::HashMap, fs, path::PathBuf};

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
    // What somebody spent who has ended in between isn't known any more, and isn't taken off.
    let each = after.1.iter().map(|(process, spent)| {
        let before = before.1.get(process).copied().unwrap_or_default();
        spent - before
    });
    let answers = load.requests;
    Measured {
        server: (after.0 - before.0) * 1e6 / answers,
        postgresql: each.sum::<f64>() * 1e6 / answers,
        load,
    }
}

/// Seconds that a process spent.
fn spent(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    seconds(&stat)
}

/// Seconds that each of PostgreSQL's processes spent.
fn spent_by_postgresql() -> HashMap<PathBuf, f64> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| {
            let stat = fs::read_to_string(process.path().join("stat")).ok()?;
            let spent = stat.contains("(postgres)").then(|| seconds(&stat))?;
            Some((process.path(), spent))
        })
        .collect()
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
