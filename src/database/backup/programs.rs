//! PostgreSQL's client programs, and the environment in which they connect to a database.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::process::Command;

use super::BackupError;
use crate::database::{cluster::installed_clients, url::ClientVariables};

/// The variables of the caller that the driver reads as libpq does. The others must not affect the programs.
const SHARED_VARIABLES: [&str; 5] = [
    "PGPASSWORD",
    "PGPASSFILE",
    "PGSSLROOTCERT",
    "PGSSLCERT",
    "PGSSLKEY",
];

/// The variable of the file with trusted certificate authorities.
const ROOTS: &str = "PGSSLROOTCERT";

/// The files with the certificate authorities of the web: of Debian, of Fedora, and of macOS and BSD.
const CA_BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Returns the file with the trusted authorities if certificates are verified and none is given. The driver trusts those
/// of the web then, and libpq needs a file.
fn roots(options: &PgConnectOptions, variables: &ClientVariables) -> Option<&'static str> {
    let is_verified = matches!(
        options.get_ssl_mode(),
        PgSslMode::VerifyCa | PgSslMode::VerifyFull
    );
    let is_given = variables.0.iter().any(|(name, _)| *name == ROOTS)
        || std::env::var_os(ROOTS).is_some_and(|roots| !roots.is_empty());
    let mut bundles = CA_BUNDLES.into_iter();
    let bundle = bundles.find(|bundle| Path::new(bundle).is_file());
    bundle.filter(|_| is_verified && !is_given)
}

/// The environment in which the programs connect to a database. A password is in the environment or in a file, and
/// never in the arguments, which all users can read.
#[derive(Clone, Debug)]
pub struct ClientEnvironment {
    variables: ClientVariables,
    /// Whether the caller's variables about authentication are used.
    inherits: bool,
}

impl ClientEnvironment {
    /// Creates the environment of connect options. `hidden` has what they don't show.
    pub(in crate::database) fn new(
        options: &PgConnectOptions,
        hidden: &ClientVariables,
        is_private: bool,
    ) -> Self {
        let host = options.get_socket().map_or_else(
            || options.get_host().to_owned(),
            |socket| socket.to_string_lossy().into_owned(),
        );
        let user = options.get_username();
        let ssl_mode = match options.get_ssl_mode() {
            PgSslMode::Disable => "disable",
            PgSslMode::Allow => "allow",
            PgSslMode::Prefer => "prefer",
            PgSslMode::Require => "require",
            PgSslMode::VerifyCa => "verify-ca",
            PgSslMode::VerifyFull => "verify-full",
        };
        let mut variables = hidden.clone();
        variables.0.extend([
            ("PGHOST", host),
            ("PGPORT", options.get_port().to_string()),
            ("PGUSER", user.to_owned()),
            (
                "PGDATABASE",
                options.get_database().unwrap_or(user).to_owned(),
            ),
            ("PGSSLMODE", ssl_mode.to_owned()),
            ("PGCONNECT_TIMEOUT", "10".to_owned()),
        ]);
        if let Some(bundle) = roots(options, &variables) {
            variables.0.push((ROOTS, bundle.to_owned()));
        }
        if let Some(options) = options.get_options() {
            variables.0.push(("PGOPTIONS", options.to_owned()));
        }
        Self {
            variables,
            inherits: !is_private,
        }
    }
}

/// The client programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    directory: PathBuf,
    /// The major version.
    pub major: u32,
}

impl Programs {
    /// Finds the newest programs.
    ///
    /// # Errors
    ///
    /// When none are installed.
    pub fn newest() -> Result<Self, BackupError> {
        let newest = installed_clients().pop_last();
        let (major, directory) = newest.ok_or(BackupError::NoPrograms)?;
        Ok(Self { directory, major })
    }

    /// Finds the programs of a version, or else the oldest that are newer. `what` has that version.
    ///
    /// # Errors
    ///
    /// When none are installed, or only older ones.
    pub fn at_least(needed: u32, what: &'static str) -> Result<Self, BackupError> {
        Self::choose(installed_clients(), needed, what)
    }

    fn choose(
        mut installed: BTreeMap<u32, PathBuf>,
        needed: u32,
        what: &'static str,
    ) -> Result<Self, BackupError> {
        if installed.is_empty() {
            return Err(BackupError::NoPrograms);
        }
        let mut suitable = installed.split_off(&needed);
        let Some((major, directory)) = suitable.pop_first() else {
            let found: Vec<String> = installed.keys().map(u32::to_string).collect();
            return Err(BackupError::OldPrograms {
                what,
                needed,
                found: found.join(", "),
            });
        };
        Ok(Self { directory, major })
    }

    /// Creates a command of a program. Without an environment the program connects to no database. The process is killed
    /// when the command is dropped.
    #[must_use]
    pub fn command(&self, program: &str, environment: Option<&ClientEnvironment>) -> Command {
        let mut command = Command::new(self.directory.join(program));
        // The messages become part of errors, so they are in English.
        command.env("LC_ALL", "C").kill_on_drop(true);
        let inherits = environment.is_some_and(|environment| environment.inherits);
        for (name, _) in std::env::vars_os() {
            let is_shared = inherits && SHARED_VARIABLES.iter().any(|shared| name == *shared);
            if name.as_encoded_bytes().starts_with(b"PG") && !is_shared {
                command.env_remove(name);
            }
        }
        if let Some(environment) = environment {
            command.envs(
                environment
                    .variables
                    .0
                    .iter()
                    .map(|(name, value)| (name, value)),
            );
        }
        command
    }

    /// Returns a function that converts an error of starting a program or of its input and output.
    pub(super) fn error(&self, program: &'static str) -> impl Fn(io::Error) -> BackupError {
        let program = self.directory.join(program);
        move |source| BackupError::CannotRun {
            program: program.clone(),
            source,
        }
    }

    /// Runs a program that reads a file, without a database. Returns its standard output.
    ///
    /// # Errors
    ///
    /// When it can't be started, or fails.
    pub(super) async fn read(
        &self,
        program: &'static str,
        arguments: &[&std::ffi::OsStr],
    ) -> Result<String, BackupError> {
        let output = self
            .command(program, None)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(self.error(program))?;
        if !output.status.success() {
            return Err(failure(program, &output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Returns the error of a program that failed, with what it printed in one line.
pub(super) fn failure(program: &'static str, stderr: &[u8]) -> BackupError {
    let text = String::from_utf8_lossy(stderr);
    let words: Vec<&str> = text.split_whitespace().collect();
    let reason = if words.is_empty() {
        "it printed no message".to_owned()
    } else {
        words.join(" ")
    };
    BackupError::Program { program, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(installed: &[u32], needed: u32) -> Result<u32, String> {
        let installed = installed
            .iter()
            .map(|major| (*major, PathBuf::from(format!("/pg/{major}"))));
        Programs::choose(installed.collect(), needed, "the server")
            .map(|programs| programs.major)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_programs_of_the_same_version_are_preferred_and_older_ones_are_refused() {
        assert_eq!(choose(&[15, 16, 17], 16), Ok(16));
        assert_eq!(choose(&[15, 17, 18], 16), Ok(17));
        let error = choose(&[14, 15], 16).unwrap_err();
        assert!(
            error.starts_with("the server is of PostgreSQL 16, and this machine has only the client programs of 14, 15")
                && error.contains("postgresql-client-16"),
            "{error}"
        );
        let error = choose(&[], 16).unwrap_err();
        assert!(
            error.contains("apt-get install postgresql-client"),
            "{error}"
        );
    }

    #[test]
    fn a_verified_server_needs_a_file_of_authorities() {
        let options = PgConnectOptions::new_without_pgpass();
        let none = ClientVariables::default();
        assert_eq!(
            roots(&options.clone().ssl_mode(PgSslMode::Require), &none),
            None
        );
        let verified = options.ssl_mode(PgSslMode::VerifyFull);
        let given = ClientVariables(vec![(ROOTS, "/own.pem".to_owned())]);
        assert_eq!(roots(&verified, &given), None);
        let is_somewhere = CA_BUNDLES.iter().any(|bundle| Path::new(bundle).is_file());
        assert_eq!(roots(&verified, &none).is_some(), is_somewhere);
    }

    #[test]
    fn passwords_are_variables_and_are_not_shown() {
        let options = PgConnectOptions::new_without_pgpass()
            .host("db.example")
            .port(5433)
            .username("ann")
            .database("films")
            .options([("search_path", "films")]);
        let hidden = ClientVariables(vec![("PGPASSWORD", "hunter2".to_owned())]);
        let environment = ClientEnvironment::new(&options, &hidden, false);
        let programs = Programs {
            directory: "/pg/15".into(),
            major: 15,
        };
        let command = programs.command("pg_dump", Some(&environment));
        let command = command.as_std();
        assert_eq!(command.get_args().count(), 0);
        let variable = |name: &str| {
            let mut variables = command.get_envs();
            let (_, value) = variables.find(|(variable, _)| *variable == name)?;
            Some(value?.to_str()?.to_owned())
        };
        for (name, value) in [
            ("PGHOST", "db.example"),
            ("PGPORT", "5433"),
            ("PGUSER", "ann"),
            ("PGDATABASE", "films"),
            ("PGPASSWORD", "hunter2"),
            ("PGOPTIONS", "-c search_path=films"),
        ] {
            assert_eq!(variable(name).as_deref(), Some(value), "{name}");
        }
        assert!(!format!("{environment:?}").contains("hunter2"));
    }
}
