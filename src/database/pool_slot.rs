//! A slot of the pool, whose connection can be replaced.

use std::sync::Arc;

use parking_lot::Mutex;

use super::connection::{Connection, ConnectionSettings};

/// A slot of the pool. It holds one connection at a time.
#[derive(Debug)]
pub struct PoolSlot {
    settings: ConnectionSettings,
    connection: Mutex<Arc<Connection>>,
}

impl PoolSlot {
    /// Creates a slot with a connection that is not opened yet.
    #[must_use]
    pub fn new(settings: ConnectionSettings) -> Self {
        Self {
            connection: Mutex::new(Arc::new(Connection::new(settings.clone()))),
            settings,
        }
    }

    /// Returns the current connection.
    #[must_use]
    pub fn connection(&self) -> Arc<Connection> {
        let connection = self.connection.lock();
        Arc::clone(&connection)
    }

    /// Returns whether the current connection is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection().is_open()
    }

    /// Returns the PID of the connection's server process; `None` if the connection is not open.
    #[must_use]
    pub fn backend_pid(&self) -> Option<i32> {
        self.connection().backend_pid()
    }

    /// Replaces the connection by one that is not opened yet. Callers that hold the old one continue to use it.
    pub fn replace_connection(&self) {
        let new = Arc::new(Connection::new(self.settings.clone()));
        let mut old = self.connection.lock();
        *old = new;
    }
}
