//! The private PostgreSQL: a cluster that Marquee creates from the installed binaries if no `DATABASE_URL` is set.
//!
//! It is created once, in the data directory. It listens only on a Unix socket, and has PostgreSQL's default
//! durability. It runs while any process of Marquee uses it: a command that runs beside a server on the same directory
//! uses the server's PostgreSQL, and the last process stops it. If a server is killed, its PostgreSQL continues to run,
//! and the next start uses it.

mod account;
mod binaries;
mod directories;
mod error;
mod lock;
mod server;

pub(crate) use binaries::installed_clients;
pub use error::ClusterError;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use tracing::{info, warn};

use self::{
    account::Account, binaries::Binaries, directories::ClusterDirectories, lock::Lock,
    server::Server,
};

/// The name of the role and of the database.
const NAME: &str = "marquee";

/// The timeout of the wait for another process that starts or stops PostgreSQL.
const STARTUP_LOCK_TIMEOUT: Duration = Duration::from_mins(2);

/// The purpose for which a process uses the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterUse {
    /// A server: one process at a time for a data directory.
    Serve,
    /// A command: any number at a time, with or without a server.
    Command,
}

/// Returns whether a data directory has a cluster. Creates nothing. A directory that can't be read may have one.
#[must_use]
pub fn exists(data_dir: &Path) -> bool {
    let roots = possible_roots(data_dir);
    roots
        .iter()
        .any(|root| ClusterDirectories::may_be_initialized(root))
}

/// Returns the directories in which the cluster of a data directory may be (see the module `directories`).
#[must_use]
pub fn possible_roots(data_dir: &Path) -> Vec<PathBuf> {
    ClusterDirectories::possible_roots(data_dir)
}

/// A running private PostgreSQL that this process uses, until [`Cluster::release`].
#[derive(Debug)]
pub struct Cluster {
    directories: ClusterDirectories,
    server: Server,
    /// Shared by all processes that use the cluster. The last one can lock it exclusively.
    users: Lock,
    /// Held by the server.
    serving: Option<Lock>,
}

impl Cluster {
    /// Creates the private PostgreSQL of `data_dir` if necessary, and starts it unless it runs. Blocks, for up to some
    /// minutes after a crash.
    ///
    /// # Errors
    ///
    /// Fails when PostgreSQL is missing or too old, when the directory can't be used, when another server uses it, or
    /// when PostgreSQL doesn't start. Each message is one line with the remedy.
    pub fn acquire(data_dir: &Path, purpose: ClusterUse) -> Result<Self, ClusterError> {
        let account = Account::for_postgres(&ClusterDirectories::cluster_dir_of(data_dir))?;
        let directories = ClusterDirectories::prepare(data_dir, &account)?;
        let serving = match purpose {
            ClusterUse::Serve => Some(Lock::acquire_serving(&directories)?),
            ClusterUse::Command => None,
        };
        let binaries = Binaries::find(directories.major_version()?)?;
        let mut server = Server::new(binaries, account);

        let _startup_lock = Lock::acquire_startup(&directories, STARTUP_LOCK_TIMEOUT)?;
        let users = Lock::acquire_shared(&directories)?;
        if !directories.is_initialized() {
            info!(directory = %directories.data().display(), "creating a private PostgreSQL {}", server.version());
            server.init(&directories, NAME)?;
        }
        if server.is_running(&directories)? {
            info!(directory = %directories.root().display(), "using the PostgreSQL that already runs there");
        } else {
            server.start(&directories)?;
        }
        Ok(Self {
            directories,
            server,
            users,
            serving,
        })
    }

    /// Returns the options to connect to the database.
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.directories.socket_dir())
            .port(5432)
            .username(NAME)
            .database(NAME)
            .ssl_mode(PgSslMode::Disable)
    }

    /// Returns the directory of the cluster, which may differ from the requested one (see the module `directories`).
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directories.root()
    }

    /// Stops PostgreSQL unless another process uses it. Blocks until it has stopped.
    pub fn release(mut self) {
        if let Err(error) = self.stop_if_last() {
            warn!(%error, "the private PostgreSQL could not be stopped; the next start will use it");
        }
    }

    fn stop_if_last(&mut self) -> Result<(), ClusterError> {
        let _startup_lock = Lock::acquire_startup(&self.directories, STARTUP_LOCK_TIMEOUT)?;
        self.serving = None;
        if self.users.try_upgrade()? {
            self.server.stop(&self.directories)?;
        } else {
            info!("leaving PostgreSQL running for the other process that uses it");
        }
        Ok(())
    }
}
