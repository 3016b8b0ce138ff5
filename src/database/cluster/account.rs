//! As whom PostgreSQL runs.

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

/// The account that PostgreSQL runs as: our own, or as root, which PostgreSQL refuses, another one.
#[derive(Clone, Debug)]
pub(super) struct Account {
    other: Option<(Uid, Gid)>,
}

impl Account {
    /// As root whoever owns the cluster that is there already, or for a new one `postgres`, or else `nobody`; otherwise whoever
    /// we are.
    pub(super) fn for_postgres(cluster: &Path) -> Result<Self, ClusterError> {
        if !Uid::effective().is_root() {
            return Ok(Self { other: None });
        }
        let owner = cluster.metadata().ok().filter(|owned| owned.uid() != 0);
        if let Some(owned) = owner {
            return Ok(Self {
                other: Some((Uid::from_raw(owned.uid()), Gid::from_raw(owned.gid()))),
            });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self {
                other: Some((user.uid, user.gid)),
            })
            .ok_or(ClusterError::NoAccount)
    }

    /// A command that runs as this account, in `directory`.
    pub(super) fn command(&self, program: &Path, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(directory);
        if let Some((uid, gid)) = self.other {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        // Messages are read back for errors, and nothing of the caller's PostgreSQL settings may leak into the cluster.
        command.env("LC_ALL", "C");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Gives a directory to this account.
    pub(super) fn own(&self, directory: &Path) -> std::io::Result<()> {
        match self.other {
            Some((uid, gid)) => chown(directory, Some(uid.as_raw()), Some(gid.as_raw())),
            None => Ok(()),
        }
    }

    /// Whether this account can enter `directory`, found out by having a process of the account do it.
    pub(super) fn can_enter(&self, directory: &Path) -> bool {
        self.other.is_none()
            || self
                .command(Path::new("/bin/sh"), directory)
                .args(["-c", "exit 0"])
                .status()
                .is_ok_and(|status| status.success())
    }
}
