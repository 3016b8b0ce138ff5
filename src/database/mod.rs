//! PostgreSQL: its address, the connections to it, its schema.

pub mod backup;
pub mod channels;
pub mod cluster;
pub mod column_reader;
pub mod connection;
pub mod error;
pub mod error_message;
pub mod health_probe;
pub mod keyset;
pub mod pool;
pub mod pool_metrics;
pub mod pool_slot;
pub mod pooler;
pub mod schema;
pub mod sequence;
pub mod server_check;
pub mod session;
pub mod sql;
pub mod stall_aware_timeout;
pub mod url;
pub mod violation;

use std::{fmt, io, path::Path, time::Duration};

use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector,
    sqlx::{
        self, ConnectOptions, Connection, PgConnection,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};
use tokio::time::timeout;
use tracing::log::LevelFilter;

pub use self::cluster::ClusterUse;
use self::{
    backup::programs::ClientEnvironment,
    cluster::{Cluster, ClusterError},
    pooler::PoolerError,
    url::{ClientVariables, DatabaseUrl, UrlError},
};

/// `invalid_catalog_name`: the requested database doesn't exist.
const UNKNOWN_DATABASE: &str = "3D000";

/// `duplicate_database` and `unique_violation`: another process has just created the database.
const DATABASE_EXISTS: [&str; 2] = ["42P04", "23505"];

/// The name of connections in `pg_stat_activity`.
pub const APPLICATION_NAME: &str = "marquee";

/// The timeout of the first connection. A host that drops packets would otherwise block it forever.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The maximum number of prepared statements of a connection. Every shape of a query has its own SQL text, so this
/// bounds memory.
const MAX_PREPARED_STATEMENTS: usize = 512;

/// The database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The private PostgreSQL can't be used.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The URL can't be used.
    #[error("the database URL can't be used: {0}")]
    Url(#[from] UrlError),
    /// PostgreSQL doesn't respond, or rejects the connection.
    #[error("can't connect to the database: {0}")]
    Connect(#[source] sqlx::Error),
    /// A pooler before the database can't be used.
    #[error(transparent)]
    Pooler(#[from] PoolerError),
    /// The database has another encoding, which can't represent every title and name.
    #[error(
        "the database's encoding is {0}, and Marquee needs UTF8: create it with ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding(String),
    /// The server is older than the oldest supported version.
    #[error("the server is PostgreSQL {0}, and Marquee needs 15 or newer: upgrade the server")]
    TooOld(String),
    /// The server has no ICU collations.
    #[error(
        "the database has no ICU collations (und-x-icu), by which Marquee compares titles and names: use a PostgreSQL that is built with ICU, \
         as the packages of distributions are; if it is, run SELECT pg_import_system_collations('pg_catalog') as a superuser"
    )]
    NoIcu,
    /// The private PostgreSQL has no database for Marquee, and creating it failed.
    #[error("can't create the database: {0}")]
    Create(#[source] sqlx::Error),
    /// The thread that waited for PostgreSQL panicked or was cancelled.
    #[error("waiting for the private PostgreSQL failed: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

impl DatabaseError {
    fn from_connect(error: sqlx::Error) -> Self {
        PoolerError::of(&error).map_or_else(|| Self::Connect(error), Self::Pooler)
    }
}

/// The address of the database.
#[derive(Clone, Copy, Debug)]
pub enum Address<'a> {
    /// An external PostgreSQL, by its URL.
    Url(&'a str),
    /// The private PostgreSQL, by its data directory.
    Private(&'a Path),
}

impl fmt::Display for Address<'_> {
    /// Writes the address in plain words. A URL may have a password, so it isn't written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(_) => formatter.write_str("the PostgreSQL of the database URL"),
            Self::Private(data_dir) => {
                write!(formatter, "a private PostgreSQL in {}", data_dir.display())
            }
        }
    }
}

/// A database that accepts connections, with its private PostgreSQL unless it is external.
#[derive(Debug)]
pub struct Database {
    options: PgConnectOptions,
    client_variables: ClientVariables,
    cluster: Option<Cluster>,
}

impl Database {
    /// Starts the private PostgreSQL if that is the address, connects, and checks the server. Creates the database in
    /// a new private PostgreSQL.
    ///
    /// # Errors
    ///
    /// Returns a [`DatabaseError`], whose message is one line with the remedy.
    pub async fn open(address: Address<'_>, purpose: ClusterUse) -> Result<Self, DatabaseError> {
        let database = match address {
            Address::Url(url) => {
                let (options, client_variables) = parse_url(url)?;
                Self {
                    // PgBouncer rejects this parameter of the driver, which PostgreSQL has not needed since version 12.
                    options: options.extra_float_digits(None),
                    client_variables,
                    cluster: None,
                }
            }
            Address::Private(directory) => Self::open_private(directory, purpose).await?,
        };
        match database.check().await {
            Ok(()) => Ok(database),
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    async fn open_private(data_dir: &Path, purpose: ClusterUse) -> Result<Self, DatabaseError> {
        let data_dir = data_dir.to_owned();
        let cluster =
            tokio::task::spawn_blocking(move || Cluster::acquire(&data_dir, purpose)).await??;
        Ok(Self {
            options: cluster.connect_options(),
            client_variables: ClientVariables::default(),
            cluster: Some(cluster),
        })
    }

    async fn check(&self) -> Result<(), DatabaseError> {
        let mut connection = match self.connect_with_timeout().await {
            Err(sqlx::Error::Database(error))
                if self.cluster.is_some() && error.code().as_deref() == Some(UNKNOWN_DATABASE) =>
            {
                self.create_database().await?;
                self.connect_with_timeout().await
            }
            other => other,
        }
        .map_err(DatabaseError::from_connect)?;
        server_check::check(&mut connection).await?;
        connection.close().await.map_err(DatabaseError::Connect)
    }

    async fn connect_with_timeout(&self) -> Result<PgConnection, sqlx::Error> {
        let timed_out = |_| {
            let seconds = CONNECT_TIMEOUT.as_secs();
            let reason = format!("no response for {seconds} seconds");
            sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, reason))
        };
        timeout(CONNECT_TIMEOUT, self.options.connect())
            .await
            .map_err(timed_out)?
    }

    /// Creates Marquee's database in a new cluster. Succeeds if another process has created it at the same time.
    async fn create_database(&self) -> Result<(), DatabaseError> {
        let maintenance = self.options.clone().database("postgres");
        let mut connection = maintenance
            .connect()
            .await
            .map_err(DatabaseError::Connect)?;
        let result = sqlx::query("CREATE DATABASE marquee")
            .execute(&mut connection)
            .await;
        connection.close().await.map_err(DatabaseError::Connect)?;
        match result {
            Err(sqlx::Error::Database(error))
                if error
                    .code()
                    .is_some_and(|code| DATABASE_EXISTS.contains(&code.as_ref())) =>
            {
                Ok(())
            }
            other => other.map(drop).map_err(DatabaseError::Create),
        }
    }

    /// Returns the connect options, for callers that open their own connections.
    #[must_use]
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// Checks that a pooler before the database, if there is one, supports prepared statements.
    ///
    /// # Errors
    ///
    /// Returns a [`DatabaseError`], whose message is one line with the remedy.
    pub async fn check_pooler(&self) -> Result<(), DatabaseError> {
        let checked = pooler::check_prepared_statements(&self.options).await;
        checked.map_err(DatabaseError::from_connect)
    }

    /// Returns whether this is Marquee's private PostgreSQL.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.cluster.is_some()
    }

    /// Returns the data directory of the private PostgreSQL; `None` for an external database.
    #[must_use]
    pub fn data_dir(&self) -> Option<&Path> {
        self.cluster.as_ref().map(Cluster::directory)
    }

    /// Returns the environment in which PostgreSQL's client programs connect to this database.
    #[must_use]
    pub fn client_environment(&self) -> ClientEnvironment {
        ClientEnvironment::new(&self.options, &self.client_variables, self.is_private())
    }

    /// Opens a pool of two connections, for a command.
    #[must_use]
    pub fn connect_pool(&self) -> DatabaseConnection {
        connect_pool(&self.options, 2)
    }

    /// Releases the database. Stops the private PostgreSQL if no other process uses it.
    pub async fn close(self) {
        if let Some(cluster) = self.cluster
            && let Err(error) = tokio::task::spawn_blocking(move || cluster.release()).await
        {
            tracing::warn!(%error, "stopping the private PostgreSQL failed");
        }
    }
}

/// Parses a URL, with the `PG*` variables as defaults. Logs the parameters without effect.
fn parse_url(url: &str) -> Result<(PgConnectOptions, ClientVariables), UrlError> {
    let DatabaseUrl {
        options,
        ignored,
        client_variables,
    } = url::parse(url, |name| std::env::var(name).ok())?;
    if !ignored.is_empty() {
        let parameters = ignored.join(", ");
        tracing::warn!(
            parameters,
            "parameters of the database URL have no effect: Marquee has its own settings for them"
        );
    }
    Ok((options, client_variables))
}

/// Creates a pool of at most `size` connections, which are opened on first use. It is for commands and for the
/// background work of a server; requests use [`pool`]. It doesn't ping a connection before a statement, which would
/// cost a round trip.
#[must_use]
pub fn connect_pool(options: &PgConnectOptions, size: u32) -> DatabaseConnection {
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(connect_options(options));
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

/// Returns the options that all connections of Marquee share.
fn connect_options(options: &PgConnectOptions) -> PgConnectOptions {
    options
        .clone()
        .application_name(APPLICATION_NAME)
        .statement_cache_capacity(MAX_PREPARED_STATEMENTS)
        .log_statements(LevelFilter::Trace)
        // The driver logs SQL of any length. A server's connections log slow statements themselves, with a limit. A
        // command's statements process whole tables, so that slow ones are expected.
        .log_slow_statements(LevelFilter::Off, Duration::MAX)
}
