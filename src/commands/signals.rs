//! The signals that stop the process.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The error message of a command that a signal stopped.
pub const STOPPED: &str = "stopped by a signal; unfinished changes are rolled back";

/// A stream of SIGTERM, SIGINT (Ctrl-C) and SIGHUP, which a terminal sends when it is closed.
///
/// The handlers are installed at creation, and a signal is stored until `next` is called. A signal during the start of
/// the private PostgreSQL must not end the process at once, or PostgreSQL would be left running.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl StopSignals {
    /// Installs the signal handlers.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
