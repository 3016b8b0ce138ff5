//! Where the database of a command is. Only `serve`, `migrate up` and `--create` create one.

use std::{
    borrow::Cow,
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::running_servers::{self, RunningServer, ServedDatabase};
use crate::{
    config::database::{DEFAULT_DATA_DIR, DatabaseArgs},
    database::{Address, cluster},
};

/// Whether a command creates the database if it doesn't exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// It does.
    Always,
    /// It does with `--create` only.
    OnRequest,
    /// It does with `--create` only, and creates the tables itself.
    Bare,
}

/// The location of a database that exists or is to be created.
#[derive(Debug, PartialEq, Eq)]
pub enum Location<'a> {
    /// An external database, by its URL.
    Url(&'a str),
    /// The private PostgreSQL in a data directory.
    Private(Cow<'a, Path>),
}

impl Location<'_> {
    /// Returns the address to open.
    pub fn address(&self) -> Address<'_> {
        match self {
            Self::Url(url) => Address::Url(url),
            Self::Private(data_dir) => Address::Private(data_dir),
        }
    }
}

/// The database of a command can't be determined. Each message is one line with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum LocationError {
    /// The named data directory has no database.
    #[error(
        "there is no database in {}: create one with `marquee serve`, `marquee migrate up` or --create, or name another by --data-dir or \
         --database-url", .0.display()
    )]
    Missing(PathBuf),
    /// No data directory is named, the default one has no database, and no server runs.
    #[error(
        "there is no database here ({}), and no server of yours runs: create one with `marquee serve`, `marquee migrate up` or --create, or \
         name one by --data-dir or --database-url", .0.display()
    )]
    MissingHere(PathBuf),
    /// The running server uses an external database, whose password is not known.
    #[error(
        "there is no database here, and the server at {address} uses the database {url}: give the same DATABASE_URL or --database-url"
    )]
    External {
        /// The URL of the server.
        address: String,
        /// The URL of its database without the password.
        url: String,
    },
    /// Several servers run.
    #[error(
        "there is no database here, and several servers run: name the database of one of them by --data-dir or --database-url: {}", list(.0)
    )]
    Several(Vec<RunningServer>),
}

fn list(servers: &[RunningServer]) -> String {
    let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
    servers.join(", ")
}

/// Returns the location of a command's database, and reports it unless the command line names it.
pub fn locate(args: &DatabaseArgs, creation: Creation) -> Result<Location<'_>, LocationError> {
    let may_create = creation == Creation::Always || args.create;
    if let Some(url) = &args.database_url {
        return Ok(Location::Url(url.expose()));
    }
    if let Some(data_dir) = &args.data_dir {
        if !cluster::exists(data_dir) {
            if !may_create {
                return Err(LocationError::Missing(absolute(data_dir)));
            }
            report_creation(data_dir);
        }
        return Ok(Location::Private(data_dir.into()));
    }
    let here = Path::new(DEFAULT_DATA_DIR);
    if cluster::exists(here) {
        report_other_servers(here);
        return Ok(Location::Private(here.into()));
    }
    if !args.create
        && let Some(data_dir) = of_running_server()?
    {
        return Ok(Location::Private(data_dir.into()));
    }
    if !may_create {
        return Err(LocationError::MissingHere(absolute(here)));
    }
    report_creation(here);
    Ok(Location::Private(here.into()))
}

/// Returns the data directory of the only running server and reports it. Returns `None` if no server runs.
fn of_running_server() -> Result<Option<PathBuf>, LocationError> {
    let mut servers = running_servers();
    if servers.len() > 1 {
        return Err(LocationError::Several(servers));
    }
    let Some(RunningServer { address, database }) = servers.pop() else {
        return Ok(None);
    };
    match database {
        ServedDatabase::External(url) => Err(LocationError::External { address, url }),
        ServedDatabase::Private(data_dir) => {
            report(&format!(
                "using the database of the server at {address}: {}",
                data_dir.display()
            ));
            Ok(Some(data_dir))
        }
    }
}

/// Reports servers that use other databases than the one here. Otherwise a change here would seem to have no effect.
fn report_other_servers(here: &Path) {
    let servers = running_servers();
    let roots = cluster::possible_roots(here);
    let is_here = |server: &RunningServer| matches!(&server.database, ServedDatabase::Private(data_dir) if roots.contains(data_dir));
    if !servers.is_empty() && !servers.iter().any(is_here) {
        report(&format!(
            "using the database in {}, which no server uses; running servers: {}",
            absolute(here).display(),
            list(&servers)
        ));
    }
}

/// Returns the running servers. Without a usable runtime directory, none are found.
fn running_servers() -> Vec<RunningServer> {
    running_servers::list().unwrap_or_else(|error| {
        tracing::warn!(%error, "running servers can't be found");
        Vec::new()
    })
}

fn report_creation(data_dir: &Path) {
    let data_dir = absolute(data_dir);
    report(&format!("creating a database in {}", data_dir.display()));
}

/// Prints a line to standard error.
fn report(line: &str) {
    // A failure to write to standard error is ignored.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Returns the path of a directory from the root, without links if it exists.
fn absolute(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}
