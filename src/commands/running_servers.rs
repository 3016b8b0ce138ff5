//! The running servers of this user, by which a command finds the database of a server that runs elsewhere.
//!
//! Each server has a file in the user's runtime directory while it runs. The file names its address and its database,
//! but no password. The server holds a lock on the file, which the kernel releases when the server ends for any
//! reason. So a file without a lock is that of a server that has crashed, and is removed.

use std::{
    env,
    ffi::OsString,
    fmt,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::{
        ffi::OsStringExt,
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use nix::unistd::Uid;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};
use sea_orm::sqlx::postgres::PgConnectOptions;
use serde::{Deserialize, Serialize};

use crate::{database::Database, json};

/// The extension of the files. While a file is written, it has another one.
const EXTENSION: &str = "server";

/// The maximum size of a file in bytes. A file that is larger is not a server's.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// The permission bits of group and others, and those of them that allow writing.
const NON_OWNER_PERMISSIONS: u32 = 0o077;
const NON_OWNER_WRITES: u32 = 0o022;

/// The bytes of a path that a file has percent-encoded. Bytes outside of ASCII always are.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// A running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningServer {
    /// The URL at which it serves, without a path.
    pub address: String,
    /// Its database.
    pub database: ServedDatabase,
}

/// The database of a running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServedDatabase {
    /// The private PostgreSQL in this data directory.
    Private(PathBuf),
    /// An external database, as a URL without the password.
    External(String),
}

impl ServedDatabase {
    /// Returns how a server names its database.
    pub fn of(database: &Database) -> Self {
        database.data_dir().map_or_else(
            || Self::External(url_without_password(database.options())),
            |data_dir| Self::Private(data_dir.to_owned()),
        )
    }
}

impl fmt::Display for RunningServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.address;
        match &self.database {
            ServedDatabase::Private(data_dir) => {
                write!(formatter, "{address} (--data-dir {})", data_dir.display())
            }
            ServedDatabase::External(url) => write!(formatter, "{address} (DATABASE_URL {url})"),
        }
    }
}

/// Returns the URL of a database without its password and parameters.
fn url_without_password(options: &PgConnectOptions) -> String {
    let encode = |text: &str| {
        percent_encode(text.as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let user = encode(options.get_username());
    let database = encode(options.get_database().unwrap_or(options.get_username()));
    if let Some(socket) = options.get_socket() {
        return format!(
            "postgres://{user}@{}/{database}",
            encode(&socket.to_string_lossy())
        );
    }
    let (host, port) = (options.get_host(), options.get_port());
    if host.contains(':') {
        return format!("postgres://{user}@[{host}]:{port}/{database}");
    }
    format!("postgres://{user}@{host}:{port}/{database}")
}

/// The content of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Content {
    address: String,
    /// The data directory, percent-encoded, since a path may have any bytes.
    data_dir: Option<String>,
    database_url: Option<String>,
}

impl From<&RunningServer> for Content {
    fn from(server: &RunningServer) -> Self {
        let (data_dir, database_url) = match &server.database {
            ServedDatabase::Private(data_dir) => {
                let bytes = data_dir.as_os_str().as_encoded_bytes();
                (Some(percent_encode(bytes, ENCODED).to_string()), None)
            }
            ServedDatabase::External(url) => (None, Some(url.clone())),
        };
        Self {
            address: server.address.clone(),
            data_dir,
            database_url,
        }
    }
}

impl From<Content> for Option<RunningServer> {
    fn from(content: Content) -> Self {
        let database = match (content.data_dir, content.database_url) {
            (Some(data_dir), _) => {
                let bytes = percent_decode_str(&data_dir).collect();
                ServedDatabase::Private(OsString::from_vec(bytes).into())
            }
            (None, Some(url)) => ServedDatabase::External(url),
            (None, None) => return None,
        };
        Some(RunningServer {
            address: content.address,
            database,
        })
    }
}

/// The file of a server. Dropping it removes the file.
#[derive(Debug)]
pub struct Registration {
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl Registration {
    /// Creates the file of a server in the user's runtime directory.
    pub fn create(server: &RunningServer) -> io::Result<Self> {
        Self::create_in(&runtime_directory(), server)
    }

    fn create_in(directory: &Path, server: &RunningServer) -> io::Result<Self> {
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => check_private(directory)?,
        }
        // Removes the files of servers that have crashed.
        list_in(directory)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let path = directory.join(format!("{:016x}", u64::from_le_bytes(random)));
        let unfinished = path.with_extension("unfinished");
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        let path = path.with_extension(EXTENSION);
        let written = file
            .try_lock()
            .map_err(io::Error::from)
            .and_then(|()| Ok(serde_json::to_vec(&Content::from(server))?))
            .and_then(|content| file.write_all(&content))
            // Under this name the file is complete and locked from the beginning.
            .and_then(|()| fs::rename(&unfinished, &path));
        if let Err(error) = written {
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        Ok(Self { path, _file: file })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, path = %self.path.display(), "could not remove the file of the running server");
        }
    }
}

/// Returns the running servers of this user, by their addresses. Removes the files of servers that have crashed.
pub fn list() -> io::Result<Vec<RunningServer>> {
    list_in(&runtime_directory())
}

fn list_in(directory: &Path) -> io::Result<Vec<RunningServer>> {
    match check_private(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        checked => checked?,
    }
    let mut servers = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if path.extension().is_some_and(|end| end == EXTENSION)
            && entry.file_type()?.is_file()
            && let Some(server) = read(&path)?
        {
            servers.push(server);
        }
    }
    servers.sort_by(|one, other| one.address.cmp(&other.address));
    Ok(servers)
}

/// Reads the file of a server. Removes it and returns `None` if the server has crashed.
fn read(path: &Path) -> io::Result<Option<RunningServer>> {
    let file = match File::open(path) {
        // The server has just stopped.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    // A shared lock, so that two commands at the same time don't take each other for the server.
    match file.try_lock_shared() {
        Ok(()) => match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return Ok(None),
        },
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    let content: Option<Content> = json::from_slice(&bytes).ok();
    if content.is_none() {
        tracing::warn!(path = %path.display(), "the file of a running server is unreadable, so that the server is not found");
    }
    Ok(content.and_then(Into::into))
}

/// Returns the directory of the files: below `XDG_RUNTIME_DIR` or `/run/user`, or else below `/tmp`.
fn runtime_directory() -> PathBuf {
    let user = Uid::effective();
    let usual = Path::new("/run/user").join(user.to_string());
    let named = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    // A session of another user may have left its variable, as `su` does.
    let base = [named, Some(usual)]
        .into_iter()
        .flatten()
        .find(|base| base.is_absolute() && belongs_to(base, user));
    // Not `TMPDIR`: a command may have another value of it than the server, and must find the same directory.
    base.map_or_else(
        || Path::new("/tmp").join(format!("marquee-user-{user}")),
        |base| base.join("marquee"),
    )
}

/// Returns whether a directory is the user's, and nobody else may create files in it.
fn belongs_to(directory: &Path, user: Uid) -> bool {
    fs::metadata(directory).is_ok_and(|metadata| {
        metadata.is_dir()
            && metadata.uid() == user.as_raw()
            && metadata.mode() & NON_OWNER_WRITES == 0
    })
}

/// Checks that the directory of the files is a directory, not a link, that only this user can access. Another user may
/// have created it first, in a directory that all users share.
fn check_private(directory: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(directory)?;
    let is_private = metadata.is_dir()
        && metadata.uid() == Uid::effective().as_raw()
        && metadata.mode() & NON_OWNER_PERMISSIONS == 0;
    if is_private {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!(
            "{} is not a directory that only this user can access: remove it",
            directory.display()
        ),
    ))
}

#[cfg(test)]
mod tests;
