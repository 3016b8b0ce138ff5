//! The way to PostgreSQL: where it is, connections to it, its schema.

pub mod cluster;
pub mod connection;
pub mod fault;
pub mod keyset;
pub mod lane;
pub mod lanes;
pub mod pools;
pub mod pulse;
pub mod schema;
pub mod session;
pub mod sql;

use std::{io, path::Path, str::FromStr, time::Duration};

use sea_orm::{
    DatabaseConnection, DbErr, SqlxPostgresConnector,
    sqlx::{
        self, ConnectOptions, Connection, PgConnection,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};
use tokio::time::timeout;
use tracing::log::LevelFilter;

pub use self::cluster::Use;
use self::cluster::{Cluster, ClusterError};

/// `invalid_catalog_name`: the database that was asked for doesn't exist.
const UNKNOWN_DATABASE: &str = "3D000";

/// `duplicate_database` and `unique_violation`: somebody else has just made it.
const DATABASE_EXISTS: [&str; 2] = ["42P04", "23505"];

/// How long PostgreSQL may take to answer at first. A host that swallows what is sent to it would keep us waiting for ever.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// How many different statements a connection keeps prepared. Every shape of a read has its own text, so this bounds memory.
const PREPARED_STATEMENTS: usize = 512;

/// Why there is no database to work with.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The private PostgreSQL can't be used.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The address is none that PostgreSQL's clients know.
    #[error(
        "the database's address can't be read: {0}; it looks like postgres://user:password@host:5432/database"
    )]
    Address(sqlx::Error),
    /// PostgreSQL doesn't answer, or not us.
    #[error("can't connect to the database: {0}")]
    Connect(sqlx::Error),
    /// Text in another encoding can't hold every title and name.
    #[error(
        "the database's encoding is {0}, and Marquee needs UTF8: create it with ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding(String),
    /// The private PostgreSQL has no database of ours, and makes none.
    #[error("can't make the database: {0}")]
    Create(sqlx::Error),
    /// The thread that waited for PostgreSQL died.
    #[error("waiting for the private PostgreSQL failed: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// Where the database is.
#[derive(Clone, Copy, Debug)]
pub enum Address<'a> {
    /// The site's own PostgreSQL, by its URL.
    Url(&'a str),
    /// A private one, by the directory of its data.
    Private(&'a Path),
}

/// A database that answers, and the private PostgreSQL behind it unless it is the site's own.
#[derive(Debug)]
pub struct Database {
    options: PgConnectOptions,
    cluster: Option<Cluster>,
}

impl Database {
    /// Finds the database, or starts the private one, and makes sure that it answers.
    ///
    /// # Errors
    ///
    /// See [`DatabaseError`]; each says in one line what to do.
    pub async fn open(address: Address<'_>, purpose: Use) -> Result<Self, DatabaseError> {
        let database = match address {
            Address::Url(url) => Self {
                options: options_of(url).map_err(DatabaseError::Address)?,
                cluster: None,
            },
            Address::Private(directory) => Self::private(directory, purpose).await?,
        };
        match database.check().await {
            Ok(()) => Ok(database),
            Err(error) => {
                database.close().await;
                Err(error)
            }
        }
    }

    async fn private(data_dir: &Path, purpose: Use) -> Result<Self, DatabaseError> {
        let data_dir = data_dir.to_owned();
        let cluster =
            tokio::task::spawn_blocking(move || Cluster::acquire(&data_dir, purpose)).await??;
        Ok(Self {
            options: cluster.connect_options(),
            cluster: Some(cluster),
        })
    }

    async fn check(&self) -> Result<(), DatabaseError> {
        let mut connection = match self.reach().await {
            Err(sqlx::Error::Database(error))
                if self.cluster.is_some() && error.code().as_deref() == Some(UNKNOWN_DATABASE) =>
            {
                self.create().await?;
                self.reach().await
            }
            other => other,
        }
        .map_err(DatabaseError::Connect)?;
        let encoding: String = sqlx::query_scalar("SELECT current_setting('server_encoding')")
            .fetch_one(&mut connection)
            .await
            .map_err(DatabaseError::Connect)?;
        connection.close().await.map_err(DatabaseError::Connect)?;
        if encoding == "UTF8" {
            Ok(())
        } else {
            Err(DatabaseError::Encoding(encoding))
        }
    }

    async fn reach(&self) -> Result<PgConnection, sqlx::Error> {
        let silent = |_| {
            let seconds = CONNECT_PATIENCE.as_secs();
            let reason = format!("it has not answered for {seconds} seconds");
            sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, reason))
        };
        timeout(CONNECT_PATIENCE, self.options.connect())
            .await
            .map_err(silent)?
    }

    /// A new cluster holds no database of ours yet. Of several processes that find none, one makes it.
    async fn create(&self) -> Result<(), DatabaseError> {
        let maintenance = self.options.clone().database("postgres");
        let mut connection = maintenance
            .connect()
            .await
            .map_err(DatabaseError::Connect)?;
        let created = sqlx::query("CREATE DATABASE marquee")
            .execute(&mut connection)
            .await;
        connection.close().await.map_err(DatabaseError::Connect)?;
        match created {
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

    /// How to connect, for who makes connections of their own.
    #[must_use]
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// Whether it is Marquee's own private PostgreSQL.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.cluster.is_some()
    }

    /// One pool, for a command.
    #[must_use]
    pub fn connect(&self) -> DatabaseConnection {
        connect(&self.options, 2)
    }

    /// Lets go of the database; stops the private PostgreSQL if nobody else uses it.
    pub async fn close(self) {
        if let Some(cluster) = self.cluster
            && let Err(error) = tokio::task::spawn_blocking(move || cluster.release()).await
        {
            tracing::warn!(%error, "stopping the private PostgreSQL failed");
        }
    }
}

/// The driver takes an address of any scheme for PostgreSQL's.
fn options_of(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    if ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        PgConnectOptions::from_str(url)
    } else {
        let reason = "it does not begin with postgres://";
        Err(sqlx::Error::Configuration(reason.into()))
    }
}

/// A pool of at most `size` connections that are opened when they are needed first, for commands and what a server does beside its
/// requests; those have [`lanes`]. No ping goes before a statement, which would be a round trip more.
#[must_use]
pub fn connect(options: &PgConnectOptions, size: u32) -> DatabaseConnection {
    let pool = PgPoolOptions::new()
        .max_connections(size)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(5))
        .connect_lazy_with(connect_options(options));
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

/// How each of our connections is made.
fn connect_options(options: &PgConnectOptions) -> PgConnectOptions {
    options
        .clone()
        .application_name("marquee")
        .statement_cache_capacity(PREPARED_STATEMENTS)
        .log_statements(LevelFilter::Trace)
        // The driver would log texts of any length; a server's connections log what is slow themselves. A command's statements are about
        // everything, so the log need not say that they are slow.
        .log_slow_statements(LevelFilter::Off, Duration::MAX)
}

/// The name of the constraint that refused a statement, if it was one.
#[must_use]
pub fn constraint_of(error: &DbErr) -> Option<String> {
    let cause = fault::driver_error(error)?;
    let constraint = cause.as_database_error()?.constraint()?;
    Some(constraint.to_owned())
}
