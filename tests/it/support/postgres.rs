//! PostgreSQL servers that a test starts, kills and promotes itself, and the poolers and proxies before them. All of them
//! listen on Unix sockets.

mod pgbouncer;
mod proxy;

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sea_orm::sqlx::postgres::PgConnectOptions;

pub use self::{
    pgbouncer::{PgBouncer, PoolMode},
    proxy::Proxy,
};
use super::program::{DataDir, Session, url};

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A PostgreSQL server with a migrated database. Dropping it kills it.
#[derive(Debug)]
pub struct Postgres {
    /// The owner of the files, which are removed with it.
    directory: DataDir,
    settings: Vec<String>,
    child: Option<Child>,
}

impl Postgres {
    /// Starts a server with these settings.
    pub fn start(settings: &[&str]) -> Self {
        let mut server = Self::stopped(DataDir::migrated(), settings);
        server.restart();
        server
    }

    /// Starts a server and a standby that streams from it.
    pub fn with_standby(settings: &[&str]) -> (Self, Self) {
        // Both are copies of the same cluster, as a standby has to be.
        let settings = [settings, &["wal_keep_size=512MB"]].concat();
        let mut primary = Self::stopped(DataDir::migrated(), &settings);
        let mut standby = Self::stopped(DataDir::migrated(), &settings);
        standby.follow(&primary);
        primary.restart();
        standby.restart();
        (primary, standby)
    }

    fn stopped(directory: DataDir, settings: &[&str]) -> Self {
        let server = Self {
            directory,
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            child: None,
        };
        let sockets = server.sockets();
        fs::create_dir(&sockets).unwrap();
        own(&sockets, &server.data());
        server
    }

    /// Makes the server a standby of another one at its next start.
    fn follow(&mut self, primary: &Self) {
        let signal = self.data().join("standby.signal");
        fs::write(&signal, "").unwrap();
        own(&signal, &self.data());
        let primary = format!("host={} user=marquee", primary.sockets().display());
        self.settings
            .retain(|setting| !setting.starts_with("primary_conninfo"));
        self.settings.push(format!("primary_conninfo={primary}"));
    }

    /// Returns the directory of the data.
    pub fn data(&self) -> PathBuf {
        self.directory.cluster()
    }

    /// Returns the directory of the socket.
    pub fn sockets(&self) -> PathBuf {
        self.directory.sibling("sockets")
    }

    /// Starts the server again, after a crash recovery if it was killed, and waits until it accepts connections.
    pub fn restart(&mut self) {
        let mut command = program("postgres", &self.data());
        command.arg("-D").arg(self.data());
        command.arg("-k").arg(self.sockets());
        command.args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        // A killed server leaves its shared memory, which is removed with the directory of the data then.
        command.args(["-c", "dynamic_shared_memory_type=mmap"]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.directory.sibling("log"))
            .unwrap();
        command.stderr(log).stdout(Stdio::null());
        self.child = Some(command.process_group(0).spawn().unwrap());
        let is_ready = || {
            let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let status = text.lines().nth(7).unwrap_or_default().trim().to_owned();
            ["ready", "standby"].contains(&status.as_str())
        };
        wait_until("PostgreSQL accepts connections", is_ready);
    }

    /// Sends a signal to the postmaster.
    pub fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().unwrap();
        kill(pid_of(child), signal).unwrap();
    }

    /// Kills all processes of the server, as a crash of its machine does.
    pub fn crash(&mut self) {
        if let Some(mut child) = self.child.take() {
            for process in self.directory.processes() {
                // It may have ended since.
                let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
            }
            child.wait().unwrap();
        }
        let has_ended = || self.directory.processes().is_empty();
        wait_until("all processes of PostgreSQL have ended", has_ended);
        // A process of another server may get the PID.
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
    }

    /// Makes this server, a former primary, the standby of its former standby.
    pub fn stand_by(&mut self, primary: &Self) {
        self.crash();
        fs::remove_dir_all(self.data()).unwrap();
        let session = primary.session();
        session.value("SELECT pg_backup_start('standby', true)::text AS value");
        // Files that vanish meanwhile are not needed.
        let copied = Command::new("cp")
            .args(["-a", "-T"])
            .args([primary.data(), self.data()])
            .output();
        copied.unwrap();
        let label = session.value("SELECT labelfile AS value FROM pg_backup_stop(false)");
        for file in ["postmaster.pid", "postmaster.opts"] {
            let _ = fs::remove_file(self.data().join(file));
        }
        let file = self.data().join("backup_label");
        fs::write(&file, label).unwrap();
        own(&file, &self.data());
        self.follow(primary);
        self.restart();
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.session().value("SELECT pg_promote()::text AS value");
    }

    /// Opens a session.
    pub fn session(&self) -> Session {
        Session::open(&options(&self.sockets()))
    }

    /// Returns the URL of the database.
    pub fn url(&self) -> String {
        url_of(&self.sockets())
    }

    /// Returns the path of a file beside the data directory.
    pub fn sibling(&self, name: &str) -> PathBuf {
        self.directory.sibling(name)
    }
}

impl Drop for Postgres {
    /// Shuts the server down immediately, after which it removes its shared memory.
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = kill(pid_of(&child), Signal::SIGCONT);
            let _ = kill(pid_of(&child), Signal::SIGQUIT);
            let _ = child.wait();
        }
    }
}

/// An address that leads to one of several servers, as that of a failover manager does.
#[derive(Debug)]
pub struct Address(PathBuf);

impl Address {
    /// Creates an address that leads to a server.
    pub fn of(server: &Postgres) -> Self {
        let address = Self(server.sibling("address"));
        address.lead_to(server);
        address
    }

    /// Makes new connections lead to another server.
    pub fn lead_to(&self, server: &Postgres) {
        let new = self.0.with_extension("new");
        symlink(server.sockets(), &new).unwrap();
        fs::rename(new, &self.0).unwrap();
    }

    pub fn url(&self) -> String {
        url_of(&self.0)
    }
}

fn options(sockets: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(sockets)
        .username("marquee")
        .database("marquee")
}

fn url_of(sockets: &Path) -> String {
    url(&options(sockets))
}

/// Returns a command of PostgreSQL that runs as the owner of a directory. Its programs are in `PATH` or in the directory
/// of Debian.
pub fn program(name: &str, owned: &Path) -> Command {
    let version = fs::read_to_string(owned.join("PG_VERSION")).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let debian = PathBuf::from(format!("/usr/lib/postgresql/{}/bin", version.trim()));
    let program = std::env::split_paths(&path)
        .filter(|directory| directory.join("postgres").exists())
        .chain([debian])
        .map(|directory| directory.join(name))
        .find(|program| program.exists());
    command_of_owner(&program.unwrap_or_else(|| name.into()), owned)
}

/// Returns whether the programs of the client can dump this version of PostgreSQL: they are not older. Prints a notice if
/// they are.
pub fn can_dump() -> bool {
    let Ok(server) = std::env::var("MARQUEE_TEST_POSTGRESQL") else {
        return true;
    };
    let output = Command::new("pg_dump").arg("--version").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let version = text.split_whitespace().nth(2).unwrap();
    let client: u32 = version.split('.').next().unwrap().parse().unwrap();
    let can_dump = client >= server.parse().unwrap();
    if !can_dump {
        eprintln!("NOT TESTED: {} can't dump PostgreSQL {server}", text.trim());
    }
    can_dump
}

/// Returns a command that runs as the owner of a directory, since these programs refuse to run as root.
fn command_of_owner(program: &Path, owned: &Path) -> Command {
    let metadata = owned.metadata().unwrap();
    let mut command = Command::new(program);
    // Not the directory itself: the processes there are those of PostgreSQL.
    command.current_dir("/").env("LC_ALL", "C");
    if metadata.uid() != nix::unistd::Uid::effective().as_raw() {
        command.uid(metadata.uid()).gid(metadata.gid());
    }
    command
}

/// Makes the owner of a directory that of a path, too.
fn own(path: &Path, owned: &Path) {
    let metadata = owned.metadata().unwrap();
    chown(path, Some(metadata.uid()), Some(metadata.gid())).unwrap();
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap())
}

fn wait_until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !is() {
        assert!(Instant::now() < deadline, "not within {TIMEOUT:?}: {what}");
        sleep(Duration::from_millis(5));
    }
}
