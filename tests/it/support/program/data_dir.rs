//! The data directory of a test, with its private PostgreSQL.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use parking_lot::Mutex;
use sea_orm::sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use super::{
    Program,
    command::{CommandResult, marquee, run},
    session::{Session, url},
};
use crate::support::cluster_directory;

/// A data directory of a test. Dropping it stops PostgreSQL and removes the directory, also if the test fails.
#[derive(Debug)]
pub struct DataDir {
    /// `None` for a directory that the test must not remove.
    temp: Option<TempDir>,
    path: PathBuf,
}

impl DataDir {
    /// Returns a directory that doesn't exist yet. PostgreSQL's account can enter its parent.
    pub fn new() -> Self {
        Self::named("data")
    }

    /// Returns a directory with a stopped and migrated cluster. It is a copy, since `initdb` and the migrations take a
    /// second.
    pub fn migrated() -> Self {
        static MADE: Mutex<Option<DataDir>> = Mutex::new(None);
        let mut made = MADE.lock();
        let made = made.get_or_insert_with(|| {
            // Destructors of statics don't run when the process exits, so the original has a fixed path that the next
            // run replaces.
            let original = Self::at(cluster_directory::of_copied_cluster());
            let _ = fs::remove_dir_all(original.path());
            original.run(&["migrate", "up"]).output();
            original
        });
        let copy = match cluster_directory::in_memory() {
            Some(memory) => {
                let temp = tempfile::Builder::new()
                    .prefix("marquee-test-")
                    .tempdir_in(memory);
                Self::inside(temp.unwrap(), "data")
            }
            None => Self::new(),
        };
        let copied = Command::new("cp")
            .arg("-a")
            .args([made.path(), copy.path()])
            .status();
        assert!(copied.unwrap().success());
        copy
    }

    /// Returns a directory of this name that doesn't exist yet.
    pub fn named(name: &str) -> Self {
        Self::inside(tempfile::tempdir().unwrap(), name)
    }

    fn inside(temp: TempDir, name: &str) -> Self {
        open_to_all(temp.path());
        let path = temp.path().join(name);
        let temp = Some(temp);
        Self { temp, path }
    }

    /// Returns a directory whose parent only its owner can enter.
    pub fn with_private_parent() -> Self {
        let temp = tempfile::tempdir().unwrap();
        set_mode(temp.path(), 0o700);
        let path = temp.path().join("data");
        let temp = Some(temp);
        Self { temp, path }
    }

    /// Returns a handle of a directory that Marquee chose itself. The test does not remove it.
    pub fn at(path: PathBuf) -> Self {
        Self { temp: None, path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path of a file next to the data directory.
    pub fn sibling(&self, name: &str) -> PathBuf {
        self.temp.as_ref().unwrap().path().join(name)
    }

    /// Returns the directory of the PostgreSQL cluster.
    pub fn cluster(&self) -> PathBuf {
        self.path.join("cluster/data")
    }

    /// Returns a command that runs the program on this data directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = marquee(arguments);
        command.arg("--data-dir").arg(&self.path);
        command
    }

    /// Runs a command and waits until it exits.
    pub fn run(&self, arguments: &[&str]) -> CommandResult {
        run(self.command(arguments))
    }

    /// Starts a server and waits until it is ready.
    pub fn serve(&self, arguments: &[&str]) -> Program {
        Program::ready(self.server(arguments))
    }

    /// Returns the command that starts a server.
    pub fn server(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&["serve", "--listen=127.0.0.1:0", "--workers=1"]);
        command.args(arguments);
        command
    }
}

impl DataDir {
    /// Returns the process id in PostgreSQL's `postmaster.pid`, whether or not the process is alive.
    pub fn postmaster(&self) -> Option<i32> {
        let text = fs::read_to_string(self.cluster().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// Returns the live processes of this directory's PostgreSQL: those whose working directory is the cluster.
    pub fn processes(&self) -> Vec<i32> {
        let Ok(cluster) = self.cluster().canonicalize() else {
            return Vec::new();
        };
        let Ok(entries) = fs::read_dir("/proc") else {
            let alive = |pid: &i32| kill(Pid::from_raw(*pid), None).is_ok();
            return self.postmaster().filter(alive).into_iter().collect();
        };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid: &i32| {
                fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == cluster)
            })
            .collect()
    }

    /// Returns the value of a statement that selects one text.
    pub fn sql(&self, statement: &str) -> String {
        Session::open(&self.options()).value(statement)
    }

    /// Opens a session with this directory's PostgreSQL.
    pub fn session(&self) -> Session {
        Session::open(&self.options())
    }

    fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(self.path.join("run"))
            .username("marquee")
            .database("marquee")
    }

    /// Returns the database URL.
    pub fn url(&self) -> String {
        url(&self.options())
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        if let Some(postmaster) = self
            .postmaster()
            .filter(|pid| self.processes().contains(pid))
        {
            // An immediate shutdown, after which PostgreSQL removes its shared memory.
            let _ = kill(Pid::from_raw(postmaster), Signal::SIGQUIT);
            while kill(Pid::from_raw(postmaster), None).is_ok() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(5));
            }
        }
        while let [first, ..] = self.processes()[..] {
            let _ = kill(Pid::from_raw(first), Signal::SIGKILL);
            if Instant::now() >= deadline {
                eprintln!("PostgreSQL {first} in {} doesn't exit", self.path.display());
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Makes a directory accessible to every account.
pub fn open_to_all(directory: &Path) {
    set_mode(directory, 0o755);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
