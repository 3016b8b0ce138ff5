//! How far an import is: a bar on a terminal, a line now and then elsewhere.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use marquee::import::{source, store::bulk::Progress};

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows how far an import is, on standard error.
pub struct Meter {
    files: Vec<source::Progress>,
    bytes: Option<u64>,
    bar: ProgressBar,
    state: Mutex<State>,
}

/// What is being done, and since when.
struct State {
    phase: Phase,
    began: Instant,
    told: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Reading,
    Storing,
}

impl Meter {
    /// A meter of files. There are none when rows come from elsewhere.
    pub fn new(files: Vec<source::Progress>) -> Self {
        let bytes = files.iter().map(source::Progress::bytes_total).sum();
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(bytes, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {wide_bar}") {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self {
            files,
            bytes,
            bar,
            state: Mutex::new(State {
                phase: Phase::Reading,
                began: now,
                told: now,
            }),
        }
    }

    /// Takes the bar off the terminal.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Tells that of `all`, if that is known, `done` are done, which are so many rows.
    fn tell(&self, phase: Phase, rows: u64, done: u64, all: Option<u64>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if state.phase != phase {
            (state.phase, state.began) = (phase, now);
        }
        let line = line(phase, rows, done, all, now - state.began);
        if let Some(all) = all {
            self.bar.set_length(all);
            self.bar.set_position(done);
        }
        self.bar.set_message(line.clone());
        if self.bar.is_hidden() && done > 0 && now - state.told >= LINE_EVERY {
            state.told = now;
            say(&line);
        }
    }

    /// Tells what is being done that can't be counted.
    fn announce(&self, what: &'static str) {
        self.bar.set_message(what);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        // A short import needs no lines.
        if self.bar.is_hidden() && now - state.began >= LINE_EVERY {
            state.told = now;
            say(what);
        }
    }
}

/// Progress is a courtesy: an import doesn't fail for want of it.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

impl Progress for Meter {
    fn waits(&self) {
        say("another import is under way; waiting for it");
    }

    fn has_read(&self, rows: u64) {
        let bytes = self.files.iter().map(source::Progress::bytes_read).sum();
        let all = self.bytes.filter(|_| !self.files.is_empty());
        self.tell(Phase::Reading, rows, bytes, all);
    }

    fn compares(&self) {
        self.announce("everything is read; looking up what is there already");
    }

    fn has_stored(&self, done: usize, all: usize) {
        let (done, all) = (done as u64, all as u64);
        self.tell(Phase::Storing, done, done, Some(all));
    }

    fn builds_indexes(&self) {
        self.announce("everything is stored; building the indexes");
    }
}

fn line(phase: Phase, rows: u64, done: u64, all: Option<u64>, elapsed: Duration) -> String {
    let doing = match phase {
        Phase::Reading => "read",
        Phase::Storing => "stored",
    };
    let milliseconds = u64::try_from(elapsed.as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    let rate = rows.saturating_mul(1_000) / milliseconds;
    let mut line = format!(
        "{doing} {} rows, {} a second",
        HumanCount(rows),
        HumanCount(rate)
    );
    if let Some(all) = all.filter(|all| *all > 0 && done > 0) {
        let left = milliseconds.saturating_mul(all.saturating_sub(done)) / done;
        let left = HumanDuration(Duration::from_millis(left));
        let percent = done.saturating_mul(100) / all;
        let _ = write!(line, ", {percent}%, {left} left");
    }
    line
}
