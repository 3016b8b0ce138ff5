//! Where the cluster lives.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use tracing::warn;

use super::{ClusterError, account::Account};

/// Where the data goes when PostgreSQL's account can't enter the directory that was asked for.
const FALLBACK: &str = "/var/lib/marquee";

/// The permissions of everybody but the owner.
const OTHERS: u32 = 0o077;

/// A Unix socket's path holds 107 bytes, and PostgreSQL adds `/.s.PGSQL.5432.lock`.
const LONGEST_SOCKET_DIRECTORY: usize = 107 - "/.s.PGSQL.5432.lock".len();

/// The directories of a cluster: `cluster` (the data), `run` (the socket), the log and the locks, side by side.
#[derive(Debug)]
pub(super) struct Place {
    root: PathBuf,
    socket_dir: PathBuf,
}

impl Place {
    /// Makes the directories, or finds them.
    ///
    /// As root, PostgreSQL runs as another account, and that one can't enter a directory below root's home. Then the data goes
    /// below `/var/lib/marquee`, under a name made of the path that was asked for, and the log says so.
    pub(super) fn prepare(wanted: &Path, account: &Account) -> Result<Self, ClusterError> {
        let mut root = make(wanted)?;
        if !account.can_enter(&root) {
            let instead = make(&Path::new(FALLBACK).join(name_of(&root)))?;
            warn!(
                asked_for = %root.display(), directory = %instead.display(),
                "PostgreSQL's account can't enter the data directory; the data goes elsewhere"
            );
            root = instead;
        }
        let place = Self {
            socket_dir: socket_dir(&root),
            root,
        };
        for directory in [place.inner(), place.socket_dir.clone()] {
            place.give(&directory, account)?;
        }
        Ok(place)
    }

    fn give(&self, directory: &Path, account: &Account) -> Result<(), ClusterError> {
        match fs::DirBuilder::new().mode(0o700).create(directory) {
            Ok(()) => account.own(directory),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.check(directory),
            Err(error) => Err(error),
        }
        .map_err(|source| ClusterError::Unwritable {
            directory: directory.to_owned(),
            source,
        })
    }

    /// The socket of a long path lives in the shared temporary directory, where anybody may have made it first.
    fn check(&self, directory: &Path) -> io::Result<()> {
        let metadata = fs::symlink_metadata(directory)?;
        if metadata.is_dir() && (directory.starts_with(&self.root) || metadata.mode() & OTHERS == 0)
        {
            Ok(())
        } else {
            Err(io::Error::other("it is there already and not private"))
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What PostgreSQL's account owns: the cluster is made in here under another name first, so that a half-made one is never
    /// taken for a whole one.
    pub(super) fn inner(&self) -> PathBuf {
        Self::inner_of(&self.root)
    }

    /// The same in a directory that is not prepared yet.
    pub(super) fn inner_of(root: &Path) -> PathBuf {
        root.join("cluster")
    }

    pub(super) fn data(&self) -> PathBuf {
        self.inner().join("data")
    }

    pub(super) fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// In which a running server says which process it is and how far.
    pub(super) fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// In which a running server says whose the socket is.
    pub(super) fn socket_lock(&self) -> PathBuf {
        self.socket_dir.join(".s.PGSQL.5432.lock")
    }

    pub(super) fn is_initialised(&self) -> bool {
        self.data().is_dir()
    }

    /// The major version that made the cluster, with the cluster's directory; `None` when there is none yet.
    pub(super) fn major_version(&self) -> Result<Option<(u32, PathBuf)>, ClusterError> {
        let directory = self.data();
        if !self.is_initialised() {
            return Ok(None);
        }
        fs::read_to_string(directory.join("PG_VERSION"))
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .map(|major| Some((major, directory.clone())))
            .ok_or(ClusterError::NotACluster { directory })
    }
}

fn make(directory: &Path) -> Result<PathBuf, ClusterError> {
    fs::create_dir_all(directory)
        .and_then(|()| directory.canonicalize())
        .and_then(|path| probe(&path).map(|()| path))
        .map_err(|source| ClusterError::Unwritable {
            directory: directory.to_owned(),
            source,
        })
}

/// Whether files can be made there, found out by making one: permissions alone don't tell of a read-only or full disk.
fn probe(directory: &Path) -> io::Result<()> {
    let file = directory.join(format!(".probe-{}", std::process::id()));
    fs::write(&file, b"marquee")?;
    fs::remove_file(file)
}

/// A directory's whole path as one name, which no other path has: readable if that is short enough for a file's name.
fn name_of(directory: &Path) -> String {
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

/// The socket lives beside the data unless the path is longer than a socket's may be.
fn socket_dir(root: &Path) -> PathBuf {
    let beside = root.join("run");
    if beside.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY {
        return beside;
    }
    // Not what TMPDIR says: a command has to find it where the server made it.
    Path::new("/tmp").join(format!("marquee-{:016x}", hash_of(root)))
}

/// FNV-1a: the same for every process and every version of ours.
fn hash_of(path: &Path) -> u64 {
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_stands_beside_the_data() {
        assert_eq!(
            socket_dir(Path::new("/srv/site/.marquee")),
            Path::new("/srv/site/.marquee/run")
        );
    }

    #[test]
    fn no_two_directories_share_a_name() {
        let names = ["/root/a-b", "/root/a/b", "/root/a%2Fb", "/root/a%b"]
            .map(|path| name_of(Path::new(path)));
        assert_eq!(names[1], "root%2Fa%2Fb");
        let different: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len());
        assert!(name_of(&PathBuf::from(format!("/{}", "x/".repeat(300)))).len() <= 200);
    }

    #[test]
    fn a_path_too_long_for_a_socket_gets_a_short_name_that_stays_the_same() {
        let long = PathBuf::from(format!("/{}", "x".repeat(120)));
        let directory = socket_dir(&long);
        assert!(directory.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY);
        assert_eq!(directory, socket_dir(&long));
        assert_ne!(directory, socket_dir(&long.join("y")));
    }
}
