//! A connection that is exchanged when it is no good.

use std::sync::Arc;

use parking_lot::Mutex;

use super::connection::{Connection, ConnectionSettings};

/// One connection at a time.
#[derive(Debug)]
pub struct Lane {
    settings: ConnectionSettings,
    connection: Mutex<Arc<Connection>>,
}

impl Lane {
    /// A connection that is yet to be opened.
    #[must_use]
    pub fn new(settings: ConnectionSettings) -> Self {
        Self {
            connection: Mutex::new(Arc::new(Connection::new(settings.clone()))),
            settings,
        }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> Arc<Connection> {
        let connection = self.connection.lock();
        Arc::clone(&connection)
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection().is_open()
    }

    /// The process of PostgreSQL that serves it, by its number; `None` if none does.
    #[must_use]
    pub fn backend(&self) -> Option<i32> {
        self.connection().backend()
    }

    /// Exchanges it for one that is yet to be opened. Whoever uses the old one goes on with it.
    pub fn renew(&self) {
        let new = Arc::new(Connection::new(self.settings.clone()));
        let mut old = self.connection.lock();
        *old = new;
    }
}
