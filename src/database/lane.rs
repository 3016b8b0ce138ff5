//! One connection, of which it is known by which of PostgreSQL's processes it is served, and which is exchanged when it is no good.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        self,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};

/// One connection: a pool of one, which opens it when it is needed first and again when it was lost.
#[derive(Debug)]
pub struct Lane {
    options: PgConnectOptions,
    /// How long PostgreSQL has to accept it.
    patience: Duration,
    connection: Mutex<DatabaseConnection>,
    /// The process of PostgreSQL that serves it, by its number; 0 if none does.
    backend: Arc<AtomicI32>,
}

impl Lane {
    /// A connection that is yet to be opened.
    #[must_use]
    pub fn new(options: PgConnectOptions, patience: Duration) -> Self {
        let backend = Arc::default();
        Self {
            connection: Mutex::new(pool(&options, patience, Arc::clone(&backend))),
            options,
            patience,
            backend,
        }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> DatabaseConnection {
        let connection = self.connection.lock();
        connection.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection().get_postgres_connection_pool().size() > 0
    }

    /// The process of PostgreSQL that serves it, by its number; `None` if none does.
    #[must_use]
    pub fn backend(&self) -> Option<i32> {
        let backend = self.backend.load(Ordering::Relaxed);
        (backend != 0).then_some(backend)
    }

    /// Exchanges it for one that is yet to be opened. Whoever uses the old one goes on with it.
    pub fn renew(&self) {
        self.backend.store(0, Ordering::Relaxed);
        let new = pool(&self.options, self.patience, Arc::clone(&self.backend));
        let old = self.connection.lock();
        *old.unwrap_or_else(PoisonError::into_inner) = new;
    }
}

fn pool(
    options: &PgConnectOptions,
    patience: Duration,
    backend: Arc<AtomicI32>,
) -> DatabaseConnection {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .acquire_timeout(patience)
        .after_connect(move |connection, _| {
            let backend = Arc::clone(&backend);
            Box::pin(async move {
                let number = sqlx::query_scalar("SELECT pg_backend_pid()");
                backend.store(number.fetch_one(connection).await?, Ordering::Relaxed);
                Ok(())
            })
        })
        .connect_lazy_with(options.clone());
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}
