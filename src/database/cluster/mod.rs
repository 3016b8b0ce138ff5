//! The private PostgreSQL: a cluster of Marquee's own, from the machine's own binaries, for when no `DATABASE_URL` is given.
//!
//! It is made once in the data directory, listens on a Unix socket in that directory and on nothing else, and keeps PostgreSQL's
//! own promises of durability. It runs while any process of Marquee uses it: a command that is given while a server runs on the
//! same directory works through the server's PostgreSQL, and whoever leaves last stops it. A server that was killed leaves its
//! PostgreSQL behind; the next start finds it and goes on with it.

mod account;
mod binaries;
mod error;
mod lock;
mod place;
mod server;

pub use error::ClusterError;

use std::{path::Path, time::Duration};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use tracing::{info, warn};

use self::{account::Account, binaries::Binaries, lock::Lock, place::Place, server::Server};

/// The role and the database that the cluster is made for.
const NAME: &str = "marquee";

/// How long a process waits for another one that is just starting or stopping PostgreSQL.
const TURN: Duration = Duration::from_mins(2);

/// What a process wants of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To serve: one process at a time in a data directory.
    Serve,
    /// To run one command: any number at a time, beside a server or without one.
    Command,
}

/// A running private PostgreSQL that this process uses. Give it back with [`Cluster::release`].
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    server: Server,
    /// Shared by all who use the cluster; who gets it for itself is the last.
    users: Lock,
    /// Held while serving.
    serving: Option<Lock>,
}

impl Cluster {
    /// Makes sure that the private PostgreSQL of `data_dir` is there and runs. Blocks, for up to some minutes after a crash.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is missing or too old, the directory can't be used, another server has it, or PostgreSQL won't start; each
    /// says in one line what to do about it.
    pub fn acquire(data_dir: &Path, purpose: Use) -> Result<Self, ClusterError> {
        let account = Account::for_postgres(&Place::inner_of(data_dir))?;
        let place = Place::prepare(data_dir, &account)?;
        let serving = match purpose {
            Use::Serve => Some(Lock::serve(&place)?),
            Use::Command => None,
        };
        let binaries = Binaries::find(place.major_version()?)?;
        let mut server = Server::new(binaries, account);

        let _turn = Lock::turn(&place, TURN)?;
        let users = Lock::shared_users(&place)?;
        if !place.is_initialised() {
            info!(directory = %place.data().display(), "making a private PostgreSQL {}", server.version());
            server.init(&place, NAME)?;
        }
        if server.is_running(&place)? {
            info!(directory = %place.root().display(), "using the PostgreSQL that runs there already");
        } else {
            server.start(&place)?;
        }
        Ok(Self {
            place,
            server,
            users,
            serving,
        })
    }

    /// How to connect to the database.
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.place.socket_dir())
            .port(5432)
            .username(NAME)
            .database(NAME)
            .ssl_mode(PgSslMode::Disable)
    }

    /// The directory that holds the cluster, which need not be the one asked for (see the module `place`).
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.place.root()
    }

    /// Stops PostgreSQL unless another process uses it too. Blocks until it is down.
    pub fn release(mut self) {
        if let Err(error) = self.stop_if_last() {
            warn!(%error, "the private PostgreSQL could not be stopped; the next start will find it");
        }
    }

    fn stop_if_last(&mut self) -> Result<(), ClusterError> {
        let _turn = Lock::turn(&self.place, TURN)?;
        self.serving = None;
        if self.users.become_exclusive()? {
            self.server.stop(&self.place)?;
        } else {
            info!("leaving PostgreSQL running for the other process that uses it");
        }
        Ok(())
    }
}
