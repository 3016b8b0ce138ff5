//! PgBouncer.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{Postgres, command_of_owner, own, url_of, wait_until};
use crate::support::root;

/// When PgBouncer gives a connection to PostgreSQL back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    Session,
    Transaction,
}

/// A PgBouncer before a server. Dropping it kills it.
#[derive(Debug)]
pub struct PgBouncer {
    sockets: PathBuf,
    child: Child,
}

impl PgBouncer {
    /// Returns the programs: the version that `scripts/ensure pgbouncer` has built, if it was necessary, which supports
    /// prepared statements, and the system's.
    pub fn programs() -> Vec<PathBuf> {
        let built = root().join("target/pgbouncer/pgbouncer");
        let programs = [built, PathBuf::from("/usr/sbin/pgbouncer")];
        let programs: Vec<_> = programs.into_iter().filter(|path| path.exists()).collect();
        if programs.is_empty() {
            // Elsewhere, it is in `PATH`.
            return vec![PathBuf::from("pgbouncer")];
        }
        programs
    }

    /// Starts a version that supports prepared statements.
    pub fn start(server: &Postgres, mode: PoolMode, more_settings: &str) -> Self {
        Self::start_program(&Self::programs()[0], server, mode, more_settings)
    }

    /// Starts a program.
    pub fn start_program(
        program: &Path,
        server: &Postgres,
        mode: PoolMode,
        more_settings: &str,
    ) -> Self {
        let sockets = server.sibling("pgbouncer");
        fs::create_dir(&sockets).unwrap();
        let mode = match mode {
            PoolMode::Session => "session",
            PoolMode::Transaction => "transaction",
        };
        let settings = format!(
            "[databases]\nmarquee = host={} user=marquee\n[pgbouncer]\nlisten_port = 5432\nunix_socket_dir = {}\n\
             auth_type = any\npool_mode = {mode}\n{more_settings}\n",
            server.sockets().display(),
            sockets.display()
        );
        let file = sockets.join("settings");
        fs::write(&file, settings).unwrap();
        own(&sockets, &server.data());
        own(&file, &server.data());
        // Its own copy, since the owner of the data may not enter the directory of the checkout.
        let copy = sockets.join("pgbouncer");
        let program = if program.is_absolute() {
            fs::copy(program, &copy).unwrap();
            copy
        } else {
            program.to_owned()
        };
        let log = fs::File::create(server.sibling("pgbouncer.log")).unwrap();
        let mut command: Command = command_of_owner(&program, &server.data());
        command.arg(&file).stdout(Stdio::null()).stderr(log);
        let child = command.process_group(0).spawn().unwrap();
        let socket = sockets.join(".s.PGSQL.5432");
        wait_until("PgBouncer listens", || socket.exists());
        Self { sockets, child }
    }

    pub fn url(&self) -> String {
        url_of(&self.sockets)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
