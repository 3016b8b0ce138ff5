//! The directories of the cluster.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use nix::unistd::Uid;
use tracing::warn;

use super::{ClusterError, account::Account};

/// The parent of the data directories that replace those that PostgreSQL's account can't enter.
const FALLBACK_PARENT: &str = "/var/lib/marquee";

/// The permission bits of group and others.
const NON_OWNER_PERMISSIONS: u32 = 0o077;

/// The maximum length of the socket's directory. The path of a Unix socket has at most 107 bytes, and PostgreSQL
/// appends `/.s.PGSQL.5432.lock`.
const MAX_SOCKET_DIRECTORY_LENGTH: usize = 107 - "/.s.PGSQL.5432.lock".len();

/// The directories and files of a cluster: `cluster` (the data), `run` (the socket), the log and the locks, side by
/// side.
#[derive(Debug)]
pub(super) struct ClusterDirectories {
    root: PathBuf,
    socket_dir: PathBuf,
}

impl ClusterDirectories {
    /// Creates the directories that don't exist.
    ///
    /// If this process runs as root, PostgreSQL runs as another account, which can't enter a directory below root's
    /// home. Then the data is stored below `/var/lib/marquee`, under a name derived from the requested path, and a
    /// warning is logged.
    pub(super) fn prepare(requested: &Path, account: &Account) -> Result<Self, ClusterError> {
        let mut root = create_writable(requested)?;
        if !account.can_enter(&root) {
            let fallback =
                create_writable(&Path::new(FALLBACK_PARENT).join(encode_as_name(&root)))?;
            warn!(
                requested = %root.display(), directory = %fallback.display(),
                "PostgreSQL's account can't enter the requested data directory; another one is used"
            );
            root = fallback;
        }
        let directories = Self {
            socket_dir: socket_dir(&root),
            root,
        };
        for directory in [directories.cluster_dir(), directories.socket_dir.clone()] {
            directories.create_private(&directory, account)?;
        }
        Ok(directories)
    }

    /// Returns the directories in which the cluster of a requested directory may be: itself, and the one that replaces it
    /// if this process runs as root.
    pub(super) fn possible_roots(requested: &Path) -> Vec<PathBuf> {
        let Ok(root) = requested.canonicalize() else {
            return vec![requested.to_owned()];
        };
        if !Uid::effective().is_root() {
            return vec![root];
        }
        let fallback = Path::new(FALLBACK_PARENT).join(encode_as_name(&root));
        vec![root, fallback]
    }

    /// Returns whether a directory has a cluster, as far as this process can read it.
    pub(super) fn may_be_initialized(root: &Path) -> bool {
        let data = Self::cluster_dir_of(root).join("data");
        match fs::metadata(data) {
            Ok(_) => true,
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Creates a directory that only the account can access, or checks an existing one.
    fn create_private(&self, directory: &Path, account: &Account) -> Result<(), ClusterError> {
        match fs::DirBuilder::new().mode(0o700).create(directory) {
            Ok(()) => account.set_owner(directory),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.check_existing(directory)
            }
            Err(error) => Err(error),
        }
        .map_err(|source| ClusterError::Unwritable {
            directory: directory.to_owned(),
            source,
        })
    }

    /// Checks an existing directory. For a long path the socket is in the shared temporary directory, where any user
    /// may have created the directory first.
    fn check_existing(&self, directory: &Path) -> io::Result<()> {
        let metadata = fs::symlink_metadata(directory)?;
        if metadata.is_dir()
            && (directory.starts_with(&self.root) || metadata.mode() & NON_OWNER_PERMISSIONS == 0)
        {
            Ok(())
        } else {
            Err(io::Error::other(
                "it already exists and other users can access it",
            ))
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the directory that PostgreSQL's account owns. The cluster is created in it under a temporary name first,
    /// so that an incomplete cluster is never used.
    pub(super) fn cluster_dir(&self) -> PathBuf {
        Self::cluster_dir_of(&self.root)
    }

    /// Returns the same for a root directory that is not prepared yet.
    pub(super) fn cluster_dir_of(root: &Path) -> PathBuf {
        root.join("cluster")
    }

    pub(super) fn data(&self) -> PathBuf {
        self.cluster_dir().join("data")
    }

    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Returns the path of the file in which a running server stores its PID and status.
    pub(super) fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// Returns the path of the file in which a running server stores the PID of the socket's owner.
    pub(super) fn socket_lock(&self) -> PathBuf {
        self.socket_dir.join(".s.PGSQL.5432.lock")
    }

    pub(super) fn is_initialized(&self) -> bool {
        self.data().is_dir()
    }

    /// Returns the major version that created the cluster, with the cluster's directory; `None` if there is no cluster
    /// yet.
    pub(super) fn major_version(&self) -> Result<Option<(u32, PathBuf)>, ClusterError> {
        let directory = self.data();
        if !self.is_initialized() {
            return Ok(None);
        }
        fs::read_to_string(directory.join("PG_VERSION"))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .map(|major| Some((major, directory.clone())))
            .ok_or(ClusterError::NotACluster { directory })
    }
}

/// Creates a directory, checks that it is writable, and returns its canonical path.
fn create_writable(directory: &Path) -> Result<PathBuf, ClusterError> {
    fs::create_dir_all(directory)
        .and_then(|()| directory.canonicalize())
        .and_then(|path| check_writable(&path).map(|()| path))
        .map_err(|source| ClusterError::Unwritable {
            directory: directory.to_owned(),
            source,
        })
}

/// Creates and deletes a file, to check that the directory is writable. Permission bits don't show a read-only or full
/// disk.
fn check_writable(directory: &Path) -> io::Result<()> {
    let file = directory.join(format!(".probe-{}", std::process::id()));
    fs::write(&file, b"marquee")?;
    fs::remove_file(file)
}

/// Encodes a path as one unique file name: readable if it is short enough for a file name, otherwise a hash.
fn encode_as_name(directory: &Path) -> String {
    let path = directory.to_string_lossy();
    let name = path
        .trim_start_matches('/')
        .replace('%', "%25")
        .replace('/', "%2F");
    if name.len() <= 200 {
        name
    } else {
        format!("{:016x}", hash_of(directory))
    }
}

/// Returns the directory of the socket: beside the data, or below `/tmp` if that path is too long for a socket.
fn socket_dir(root: &Path) -> PathBuf {
    let default = root.join("run");
    if default.as_os_str().len() <= MAX_SOCKET_DIRECTORY_LENGTH {
        return default;
    }
    // Not `TMPDIR`: a command may have another value of it than the server, and must find the same directory.
    Path::new("/tmp").join(format!("marquee-{:016x}", hash_of(root)))
}

/// Hashes a path by FNV-1a, which is stable across processes and versions.
fn hash_of(path: &Path) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests;
