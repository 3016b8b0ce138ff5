//! The time that requests use.

use std::{fmt::Debug, time::Duration};

/// Receives the time that a request uses, as it uses it. So a request that is cancelled is charged as well.
pub trait UsageSink: Debug + Send + Sync {
    /// Adds time that the request has used in the database or on the worker.
    fn add(&self, time: Duration);
}
