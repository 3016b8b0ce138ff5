//! The operating system account of PostgreSQL.

use std::{
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use nix::unistd::{Gid, Uid, User};

use super::ClusterError;

/// The account that PostgreSQL runs as: that of this process, or another one if this process runs as root, which
/// PostgreSQL refuses.
#[derive(Clone, Debug)]
pub(super) struct Account {
    run_as: Option<(Uid, Gid)>,
}

impl Account {
    /// Chooses the account. If this process runs as root, that is the owner of an existing cluster, and for a new one
    /// `postgres`, or else `nobody`. Otherwise it is the account of this process.
    pub(super) fn for_postgres(cluster: &Path) -> Result<Self, ClusterError> {
        if !Uid::effective().is_root() {
            return Ok(Self { run_as: None });
        }
        let owner = cluster
            .metadata()
            .ok()
            .filter(|metadata| metadata.uid() != 0);
        if let Some(metadata) = owner {
            return Ok(Self {
                run_as: Some((Uid::from_raw(metadata.uid()), Gid::from_raw(metadata.gid()))),
            });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self {
                run_as: Some((user.uid, user.gid)),
            })
            .ok_or(ClusterError::NoAccount)
    }

    /// Creates a command that runs as this account, in `directory`.
    pub(super) fn command(&self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(directory);
        if let Some((uid, gid)) = self.run_as {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        // The messages become part of errors, so they are in English. The caller's `PG*` variables must not affect the
        // cluster.
        command.env("LC_ALL", "C");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Makes this account the owner of a directory.
    pub(super) fn set_owner(&self, directory: &Path) -> std::io::Result<()> {
        match self.run_as {
            Some((uid, gid)) => chown(directory, Some(uid.as_raw()), Some(gid.as_raw())),
            None => Ok(()),
        }
    }

    /// Returns whether this account can enter `directory`. Starts a process of the account there to find out.
    pub(super) fn can_enter(&self, directory: &Path) -> bool {
        self.run_as.is_none()
            || self
                .command(Path::new("/bin/sh"), directory)
                .args(["-c", "exit 0"])
                .status()
                .is_ok_and(|status| status.success())
    }
}
