//! The signals by which a process is asked to stop.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a command says that was stopped by one.
pub const STOPPED: &str = "stopped by a signal; what was under way is taken back";

/// SIGTERM, Ctrl-C, and SIGHUP, which a terminal sends when it is closed.
///
/// They are heard from the moment this is made, also while nobody waits for them: one that comes while the private PostgreSQL
/// starts must not end us at once, or PostgreSQL would be left behind.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl StopSignals {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
