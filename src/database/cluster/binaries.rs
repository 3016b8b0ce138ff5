//! Locates PostgreSQL's server programs.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use super::ClusterError;

/// The oldest major version that supports the schema (`NULLS NOT DISTINCT` requires 15).
const MIN_MAJOR_VERSION: u32 = 15;

/// The programs of a server. The first one prints the version.
const SERVER_PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// The programs of a client. The first one prints the version.
const CLIENT_PROGRAMS: [&str; 3] = ["pg_dump", "pg_restore", "psql"];

/// A directory with `initdb`, `postgres` and `pg_ctl` of one version.
#[derive(Debug)]
pub(super) struct Binaries {
    directory: PathBuf,
    major: u32,
}

impl Binaries {
    /// Searches `PATH`, then the directories of Debian and Homebrew. Chooses the version that created the cluster. For a
    /// new cluster that is the newest on `PATH`, or else the newest.
    pub(super) fn find(created_by: Option<(u32, PathBuf)>) -> Result<Self, ClusterError> {
        let path = std::env::var_os("PATH")
            .map_or_else(Vec::new, |path| std::env::split_paths(&path).collect());
        Self::choose(
            installed(path, SERVER_PROGRAMS),
            installed(package_directories(), SERVER_PROGRAMS),
            created_by,
        )
    }

    fn choose(
        on_path: BTreeMap<u32, PathBuf>,
        mut found: BTreeMap<u32, PathBuf>,
        created_by: Option<(u32, PathBuf)>,
    ) -> Result<Self, ClusterError> {
        let preferred = on_path.last_key_value().map(|(&major, _)| major);
        let preferred = preferred.filter(|&major| major >= MIN_MAJOR_VERSION);
        found.extend(on_path);
        let Some((&newest, path)) = found.last_key_value() else {
            return Err(ClusterError::BinariesNotFound);
        };
        if newest < MIN_MAJOR_VERSION {
            return Err(ClusterError::TooOld {
                found: newest,
                path: path.clone(),
            });
        }
        let (major, cluster) = created_by.unwrap_or((preferred.unwrap_or(newest), PathBuf::new()));
        match found.remove(&major) {
            Some(directory) if major >= MIN_MAJOR_VERSION => Ok(Self { directory, major }),
            _ => Err(ClusterError::OtherMajor {
                directory: cluster,
                created_by: major,
                found: found
                    .keys()
                    .map(u32::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    pub(super) fn major(&self) -> u32 {
        self.major
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.directory.join(program)
    }
}

/// Returns the directories of the client programs by major version: those of packages, then those of `PATH`, whose
/// programs may be wrappers that choose a version themselves.
pub(crate) fn installed_clients() -> BTreeMap<u32, PathBuf> {
    let path = std::env::var_os("PATH")
        .map_or_else(Vec::new, |path| std::env::split_paths(&path).collect());
    installed([package_directories(), path].concat(), CLIENT_PROGRAMS)
}

/// Returns the directories outside of `PATH` where packages of several versions are installed side by side.
fn package_directories() -> Vec<PathBuf> {
    let mut directories = Vec::new();
    for (parent, subdirectory) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        directories.extend(entries.map(|entry| entry.path().join(subdirectory)));
    }
    directories
}

/// Returns the first directory of each major version that contains all of these programs.
fn installed(directories: Vec<PathBuf>, programs: [&str; 3]) -> BTreeMap<u32, PathBuf> {
    let mut found = BTreeMap::new();
    for directory in directories {
        let is_complete = programs
            .iter()
            .all(|program| directory.join(program).is_file());
        if let Some(major) = is_complete
            .then(|| major_of(&directory.join(programs[0])))
            .flatten()
        {
            found.entry(major).or_insert(directory);
        }
    }
    found
}

fn major_of(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_version(&String::from_utf8_lossy(&output.stdout))
}

/// Parses the major version from the output of `postgres --version`, such as "postgres (PostgreSQL) 15.18 (Debian …)"
/// or "postgres (PostgreSQL) 18beta1".
fn parse_version(text: &str) -> Option<u32> {
    let version = text.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .map_or(version, |end| &version[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests;
