//! Logs slow statements.

use std::time::{Duration, Instant};

use crate::database::sql;

/// Logs a slow statement when it ends or is cancelled.
pub(super) struct SlowStatement<'a> {
    sql: &'a str,
    started_at: Instant,
    threshold: Duration,
}

impl<'a> SlowStatement<'a> {
    pub(super) fn start(sql: &'a str, threshold: Duration) -> Self {
        Self {
            sql,
            started_at: Instant::now(),
            threshold,
        }
    }
}

impl Drop for SlowStatement<'_> {
    fn drop(&mut self) {
        let duration = self.started_at.elapsed();
        if duration >= self.threshold {
            tracing::warn!(
                db.statement = sql::excerpt(self.sql),
                db.duration_ms = duration.as_secs_f64() * 1_000.0,
                "a slow statement"
            );
        }
    }
}
