//! The processor time of statements, estimated from their duration.
//!
//! PostgreSQL does not report the processor time of a statement. On a busy machine a statement takes longer, because
//! others run at the same time. If the processors are shared equally, `n` statements on `p` processors each make progress
//! at the rate `p / n`. A clock that runs at this rate measures each statement, so that no caller pays for the statements
//! of others.

use std::{
    sync::LazyLock,
    thread::available_parallelism,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use super::Session;
use crate::database::pool::statement_times::StatementShape;

/// The time of a statement that is not charged. It covers the network, and the time until the worker handles the
/// response. A statement through an index takes less.
const FREE_TIME: Duration = Duration::from_millis(2);

/// The clock of the statements of this process.
static CLOCK: LazyLock<Mutex<SharedClock>> = LazyLock::new(|| {
    let processors = available_parallelism().map_or(1, usize::from);
    Mutex::new(SharedClock::new(processors, Instant::now()))
});

/// Measures a statement until it is dropped, adds its time to a session, and records it for the statement's shape.
#[derive(Debug)]
pub(super) struct StatementTimer<'a> {
    session: &'a Session,
    shape: Option<StatementShape>,
    /// The time of the clock when the statement started.
    started_at: Duration,
    max_charge: Duration,
}

impl<'a> StatementTimer<'a> {
    pub(super) fn start(session: &'a Session, shape: Option<StatementShape>) -> Self {
        Self {
            session,
            shape,
            started_at: CLOCK.lock().start(Instant::now()),
            max_charge: Duration::MAX,
        }
    }

    /// Sets the maximum time that is charged.
    pub(super) fn limit(&mut self, max_charge: Duration) {
        self.max_charge = max_charge;
    }
}

impl Drop for StatementTimer<'_> {
    fn drop(&mut self) {
        let ended_at = CLOCK.lock().end(Instant::now());
        if self.max_charge.is_zero() {
            return;
        }
        let time = ended_at.saturating_sub(self.started_at);
        if let Some(shape) = self.shape {
            self.session.pool.statement_times().record(shape, time);
        }
        if let Some(charged) = time.checked_sub(FREE_TIME) {
            self.session.add_used_time(charged.min(self.max_charge));
        }
    }
}

/// A clock that runs at the rate at which each running statement makes progress.
#[derive(Debug)]
struct SharedClock {
    processors: usize,
    running: usize,
    /// The time of this clock at `updated_at`.
    time: Duration,
    updated_at: Instant,
}

impl SharedClock {
    fn new(processors: usize, now: Instant) -> Self {
        Self {
            processors,
            running: 0,
            time: Duration::ZERO,
            updated_at: now,
        }
    }

    /// Returns the time of this clock.
    fn advance(&mut self, now: Instant) -> Duration {
        let elapsed = now.saturating_duration_since(self.updated_at);
        self.updated_at = now;
        self.time += if self.running <= self.processors {
            elapsed
        } else {
            let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            elapsed.saturating_mul(count(self.processors)) / count(self.running)
        };
        self.time
    }

    fn start(&mut self, now: Instant) -> Duration {
        let started_at = self.advance(now);
        self.running += 1;
        started_at
    }

    fn end(&mut self, now: Instant) -> Duration {
        let ended_at = self.advance(now);
        self.running -= 1;
        ended_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_share_the_processors_while_they_run() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut clock = SharedClock::new(2, start);
        // One statement runs for a second: alone, then beside seven others for 400 ms, then alone again.
        let long = clock.start(at(0));
        let others: Vec<_> = (0..7).map(|_| clock.start(at(300))).collect();
        for other in others {
            assert_eq!(clock.advance(at(700)), other + Duration::from_millis(100));
            clock.end(at(700));
        }
        let time = Duration::from_millis(300 + 100 + 300);
        assert_eq!(clock.advance(at(1_000)), long + time);
        clock.end(at(1_000));
        assert_eq!(clock.running, 0);
    }
}
