//! The progress of an import: a bar on a terminal, otherwise a line at intervals.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::import::{source, store::bulk::ProgressListener};

/// The interval between lines without a terminal. A short import prints none.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// The interval between updates of the message beside the bar, which counts seconds.
const MESSAGE_INTERVAL: Duration = Duration::from_secs(1);

/// The interval between redraws of the bar.
const REDRAW_INTERVAL: Duration = Duration::from_millis(200);

/// Shows the progress of an import on standard error until it is dropped.
pub struct ProgressDisplay(Arc<Reporter>);

/// The shared state of the progress display. The import updates it, and a separate thread prints it, because no updates
/// arrive while a statement runs in PostgreSQL.
struct Reporter {
    files: Vec<source::Progress>,
    total_bytes: Option<u64>,
    bar: ProgressBar,
    state: Mutex<State>,
    finished: Condvar,
}

/// The current phase and its progress.
struct State {
    phase: Phase,
    started_at: Instant,
    /// The number of bytes read from the files before the phase began.
    bytes_at_start: u64,
    /// The number of processed rows.
    rows: u64,
    /// The total number of reviews to store.
    total: u64,
    is_finished: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Reading,
    Comparing,
    Storing,
    Finishing,
    Indexing,
}

impl ProgressDisplay {
    /// Starts the display of the progress through these files. The list is empty if the rows come from elsewhere.
    pub fn start(files: Vec<source::Progress>) -> Self {
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
        let reporter = Arc::new(Reporter {
            files,
            total_bytes: bytes,
            bar,
            state: Mutex::new(State {
                phase: Phase::Reading,
                started_at: Instant::now(),
                bytes_at_start: 0,
                rows: 0,
                total: 0,
                is_finished: false,
            }),
            finished: Condvar::new(),
        });
        if !reporter.bar.is_hidden() {
            reporter.bar.enable_steady_tick(REDRAW_INTERVAL);
        }
        let thread_reporter = Arc::clone(&reporter);
        thread::spawn(move || thread_reporter.run());
        Self(reporter)
    }

    /// Returns the receiver of progress updates.
    pub fn listener(&self) -> Arc<dyn ProgressListener> {
        Arc::clone(&self.0) as Arc<dyn ProgressListener>
    }
}

impl Drop for ProgressDisplay {
    /// Removes the bar from the terminal. Later updates are ignored, because a reading thread may run on for a while.
    fn drop(&mut self) {
        self.0.lock().is_finished = true;
        self.0.finished.notify_all();
        self.0.bar.finish_and_clear();
    }
}

impl Reporter {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    fn run(&self) {
        let is_hidden = self.bar.is_hidden();
        let interval = if is_hidden {
            LINE_INTERVAL
        } else {
            MESSAGE_INTERVAL
        };
        let mut next = Instant::now() + interval;
        let mut state = self.lock();
        while !state.is_finished {
            let now = Instant::now();
            if now < next {
                self.finished.wait_for(&mut state, next - now);
                continue;
            }
            next = now + interval;
            self.detect_reading(&mut state);
            let line = self.line(&state);
            if is_hidden {
                print_line(&line);
            } else {
                self.bar.set_message(line);
            }
        }
    }

    /// Switches from waiting to reading when bytes are read, because the end of the wait is not reported.
    fn detect_reading(&self, state: &mut State) {
        if state.phase == Phase::Waiting && self.bytes_read() > state.bytes_at_start {
            (state.phase, state.started_at) = (Phase::Reading, Instant::now());
        }
    }

    fn bytes_read(&self) -> u64 {
        self.files.iter().map(source::Progress::bytes_read).sum()
    }

    /// Updates the phase and the number of processed rows.
    fn update(&self, phase: Phase, rows: u64, total: u64) {
        let mut state = self.lock();
        if state.is_finished {
            return;
        }
        if state.phase != phase {
            (state.phase, state.started_at) = (phase, Instant::now());
            state.bytes_at_start = self.bytes_read();
        }
        (state.rows, state.total) = (rows, total);
        if self.bar.is_hidden() {
            return;
        }
        if let Some((done, total)) = self.fraction(&state) {
            self.bar.set_length(total);
            self.bar.set_position(done);
        }
        self.bar.set_message(self.line(&state));
    }

    /// Returns the finished and the total amount of work, if both are known.
    fn fraction(&self, state: &State) -> Option<(u64, u64)> {
        match state.phase {
            Phase::Reading if !self.files.is_empty() => {
                self.total_bytes.map(|total| (self.bytes_read(), total))
            }
            Phase::Storing => Some((state.rows, state.total)),
            _ => None,
        }
    }

    fn line(&self, state: &State) -> String {
        let elapsed = state.started_at.elapsed();
        let activity = match state.phase {
            Phase::Reading if state.rows > 0 => {
                return line("read", state.rows, self.fraction(state), elapsed);
            }
            Phase::Storing if state.rows > 0 => {
                return line("stored", state.rows, self.fraction(state), elapsed);
            }
            Phase::Waiting => WAITING_MESSAGE,
            Phase::Reading => "reading",
            Phase::Comparing => "every row is read; comparing with the database",
            Phase::Storing => "storing",
            Phase::Finishing => "every review is stored; finishing",
            Phase::Indexing => "every row is stored; building the indexes",
        };
        format!("{activity} ({} s)", elapsed.as_secs())
    }
}

const WAITING_MESSAGE: &str = "waiting for another import to finish";

/// Prints a line to standard error. Errors are ignored: an import doesn't fail because its progress can't be shown.
fn print_line(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

impl ProgressListener for Reporter {
    fn on_wait(&self) {
        // Print this immediately instead of after the next interval, so that the wait is visible.
        if self.bar.is_hidden() {
            print_line(WAITING_MESSAGE);
        }
        self.update(Phase::Waiting, 0, 0);
    }

    fn on_rows_read(&self, rows: u64) {
        self.update(Phase::Reading, rows, 0);
    }

    fn on_compare(&self) {
        self.update(Phase::Comparing, 0, 0);
    }

    fn on_reviews_stored(&self, done: usize, total: usize) {
        let phase = if done < total {
            Phase::Storing
        } else {
            Phase::Finishing
        };
        self.update(phase, done as u64, total as u64);
    }

    fn on_build_indexes(&self) {
        self.update(Phase::Indexing, 0, 0);
    }
}

fn line(activity: &str, rows: u64, fraction: Option<(u64, u64)>, elapsed: Duration) -> String {
    let milliseconds = u64::try_from(elapsed.as_millis())
        .unwrap_or(u64::MAX)
        .max(1);
    let rate = rows.saturating_mul(1_000) / milliseconds;
    let mut line = format!(
        "{activity} {} rows, {} a second",
        HumanCount(rows),
        HumanCount(rate)
    );
    if let Some((done, total)) = fraction.filter(|(done, total)| *total > 0 && *done > 0) {
        let remaining = milliseconds.saturating_mul(total.saturating_sub(done)) / done;
        let remaining = HumanDuration(Duration::from_millis(remaining));
        let percent = done.saturating_mul(100) / total;
        let _ = write!(line, ", {percent}%, {remaining} left");
    }
    line
}
