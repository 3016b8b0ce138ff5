//! The delays between the attempts of everything that is retried.

use std::{fmt, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

/// Delays that double with each attempt, up to a maximum. Jitter of up to the delay itself is added on top, so that
/// callers that failed together don't retry together.
pub struct Backoff {
    settings: ExponentialBuilder,
    delays: ExponentialBackoff,
    max: Duration,
}

impl fmt::Debug for Backoff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Backoff")
            .field(&self.settings)
            .finish()
    }
}

impl Backoff {
    /// Creates the delays from the first one to the longest one, both without jitter.
    #[must_use]
    pub fn new(first: Duration, max: Duration) -> Self {
        let settings = ExponentialBuilder::new()
            .with_min_delay(first)
            .with_max_delay(max)
            .without_max_times()
            .with_jitter();
        Self {
            settings,
            delays: settings.build(),
            max,
        }
    }

    /// Returns the delay before the next attempt.
    pub fn next_delay(&mut self) -> Duration {
        self.delays.next().unwrap_or(self.max)
    }

    /// Starts again with the first delay.
    pub fn reset(&mut self) {
        self.delays = self.settings.build();
    }
}

#[cfg(test)]
mod tests;
