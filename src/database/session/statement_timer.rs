//! The processor time of a statement, estimated from its duration.
//!
//! PostgreSQL does not report the processor time of a statement. On a busy machine a statement takes longer, because
//! others run at the same time. So its duration is divided by the number of statements of this process for each
//! processor. Otherwise a caller would pay for the statements of others.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::{Duration, Instant},
};

use super::Session;

/// The number of statements of this process that are running.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Measures a statement from its start until it is dropped, and adds its time to a session.
#[derive(Debug)]
pub(super) struct StatementTimer<'a> {
    session: &'a Session,
    started_at: Instant,
    running_at_start: usize,
}

impl<'a> StatementTimer<'a> {
    pub(super) fn start(session: &'a Session) -> Self {
        Self {
            session,
            started_at: Instant::now(),
            running_at_start: RUNNING.fetch_add(1, Ordering::Relaxed) + 1,
        }
    }
}

impl Drop for StatementTimer<'_> {
    fn drop(&mut self) {
        let running_at_end = RUNNING.fetch_sub(1, Ordering::Relaxed);
        let running = self.running_at_start.max(running_at_end);
        let time = processor_time(self.started_at.elapsed(), running, processors());
        self.session.add_used_time(time);
    }
}

/// Returns the number of processors of this machine.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| available_parallelism().map_or(1, usize::from))
}

/// Estimates the processor time of a statement that has run beside others, which had equal shares of the processors.
fn processor_time(duration: Duration, running: usize, processors: usize) -> Duration {
    if running <= processors {
        return duration;
    }
    let share = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    duration.saturating_mul(share(processors)) / share(running)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_share_the_processors() {
        let second = Duration::from_secs(1);
        for (running, processors, milliseconds) in [
            (1, 1, 1_000),
            (1, 2, 1_000),
            (2, 2, 1_000),
            (3, 2, 666),
            (8, 2, 250),
        ] {
            let time = processor_time(second, running, processors);
            assert_eq!(time.as_millis(), milliseconds, "{running} on {processors}");
        }
    }
}
