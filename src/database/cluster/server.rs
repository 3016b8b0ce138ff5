//! The server process: creating a cluster, starting and stopping its server.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{ClusterError, account::Account, binaries::Binaries, directories::ClusterDirectories};

/// The timeout of a start. Recovery after a crash replays the write-ahead log, which can take minutes.
const START_TIMEOUT: Duration = Duration::from_mins(5);

/// The server of a cluster: its binaries, its account, and the process if this process started it.
#[derive(Debug)]
pub(super) struct Server {
    binaries: Binaries,
    account: Account,
    child: Option<Child>,
}

impl Server {
    pub(super) fn new(binaries: Binaries, account: Account) -> Self {
        Self {
            binaries,
            account,
            child: None,
        }
    }

    pub(super) fn version(&self) -> u32 {
        self.binaries.major()
    }

    /// Creates the cluster under a temporary name and renames it at the end. An incomplete cluster is deleted by the
    /// next run.
    ///
    /// Local connections need no password, since only the owner can access the socket's directory.
    pub(super) fn init(
        &self,
        directories: &ClusterDirectories,
        user: &str,
    ) -> Result<(), ClusterError> {
        let unfinished = directories.cluster_dir().join("unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(ClusterError::io(&unfinished))?;
        }
        let mut command = self.program("initdb", directories);
        command
            .arg("--pgdata")
            .arg(&unfinished)
            .arg(format!("--username={user}"))
            .args([
                "--encoding=UTF8",
                "--locale=C",
                "--auth-local=trust",
                "--auth-host=reject",
                "--no-instructions",
            ]);
        run("initdb", command)?;
        fs::rename(&unfinished, directories.data()).map_err(ClusterError::io(directories.data()))
    }

    /// Returns whether a server accepts connections, be it started by this process or by another one. Waits for a
    /// server that is starting or stopping.
    pub(super) fn is_running(
        &mut self,
        directories: &ClusterDirectories,
    ) -> Result<bool, ClusterError> {
        let deadline = Instant::now() + START_TIMEOUT;
        while self.has_process(directories)? {
            let text = fs::read_to_string(directories.pid_file()).unwrap_or_default();
            if !is_server_process(&text, directories) {
                for file in [directories.pid_file(), directories.socket_lock()] {
                    replace_pid(&file).map_err(ClusterError::io(&file))?;
                }
                return Ok(false);
            }
            match status_of(&text) {
                "ready" => return Ok(true),
                // A smart shutdown waits until all sessions end; this requests a fast one.
                "stopping" => self.stop(directories)?,
                _ if Instant::now() >= deadline => {
                    return Err(ClusterError::DidNotStart {
                        reason: "a server that runs already is not ready".to_owned(),
                        log: directories.log(),
                    });
                }
                _ => thread::sleep(Duration::from_millis(5)),
            }
        }
        Ok(false)
    }

    fn has_process(&self, directories: &ClusterDirectories) -> Result<bool, ClusterError> {
        let mut command = self.program("pg_ctl", directories);
        command.arg("status").arg("-D").arg(directories.data());
        let program = self.binaries.path("pg_ctl");
        let status = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|source| ClusterError::CannotRun { program, source })?;
        Ok(status.success())
    }

    /// Starts the server and waits until it accepts connections.
    ///
    /// The server has a process group of its own, so that Ctrl-C goes only to Marquee, which finishes the running
    /// requests and then stops the server.
    pub(super) fn start(&mut self, directories: &ClusterDirectories) -> Result<(), ClusterError> {
        let log = directories.log();
        let log_file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(ClusterError::io(&log))?;
        let log_length = log_file.metadata().map_or(0, |metadata| metadata.len());
        let errors = log_file.try_clone().map_err(ClusterError::io(&log))?;
        let mut command = self.program("postgres", directories);
        command
            .arg("-D")
            .arg(directories.data())
            .arg("-k")
            .arg(quote_directory_list(directories.socket_dir()))
            .args([
                "-p",
                "5432",
                "-c",
                "listen_addresses=",
                "-c",
                "logging_collector=off",
            ])
            // Each line of the log contains the database.
            .args(["-c", "log_line_prefix=%m [%p] %d %a "])
            // Compiling takes longer than running statements of this size.
            .args(["-c", "jit=off"])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::from(log_file))
            .stderr(Stdio::from(errors));
        let program = self.binaries.path("postgres");
        let child = command
            .spawn()
            .map_err(|source| ClusterError::CannotRun { program, source })?;
        self.wait_until_ready(child, directories, log_length)
    }

    fn wait_until_ready(
        &mut self,
        mut child: Child,
        directories: &ClusterDirectories,
        log_length: u64,
    ) -> Result<(), ClusterError> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if is_ready(&directories.pid_file(), child.id()) {
                self.child = Some(child);
                return Ok(());
            }
            let has_exited = child.try_wait().ok().flatten().is_some();
            if has_exited || Instant::now() >= deadline {
                return Err(ClusterError::DidNotStart {
                    reason: startup_log(&directories.log(), log_length),
                    log: directories.log(),
                });
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops the server by a fast shutdown, which rolls back open transactions.
    pub(super) fn stop(&mut self, directories: &ClusterDirectories) -> Result<(), ClusterError> {
        let mut command = self.program("pg_ctl", directories);
        command
            .args([
                "stop",
                "--mode=fast",
                "--wait",
                "--timeout=60",
                "--silent",
                "-D",
            ])
            .arg(directories.data());
        run("pg_ctl", command)?;
        if let Some(mut child) = self.child.take() {
            child.wait().map_err(ClusterError::io(directories.data()))?;
        }
        Ok(())
    }

    fn program(&self, name: &str, directories: &ClusterDirectories) -> Command {
        self.account
            .command(&self.binaries.path(name), &directories.cluster_dir())
    }
}

fn is_ready(pid_file: &Path, pid: u32) -> bool {
    fs::read_to_string(pid_file)
        .is_ok_and(|text| pid_of(&text) == pid.to_string() && status_of(&text) == "ready")
}

/// Returns the PID, which is the first line of `postmaster.pid`.
fn pid_of(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// Returns the status of the server, which is the eighth line of `postmaster.pid`.
fn status_of(text: &str) -> &str {
    text.lines().nth(7).unwrap_or_default().trim()
}

/// Returns whether the process with the PID of a `postmaster.pid` is the cluster's server, as far as `/proc` shows.
/// `true` on a system without `/proc`.
///
/// After a crash of the machine, another process may have the PID; in a container this is common, since PIDs start at
/// 1. And a server that was killed has its PID until its parent has reaped it.
fn is_server_process(text: &str, directories: &ClusterDirectories) -> bool {
    let process = Path::new("/proc").join(pid_of(text));
    let Ok(stat) = fs::read_to_string(process.join("stat")) else {
        return !Path::new("/proc/self/stat").exists();
    };
    let is_postgres = stat
        .rsplit_once(") ")
        .is_some_and(|(name, state)| name.ends_with("(postgres") && !state.starts_with(['Z', 'X']));
    // The working directory of a server is its data directory. Without permission to read it, the name is the only
    // check.
    is_postgres
        && match (
            process.join("cwd").read_link(),
            directories.data().canonicalize(),
        ) {
            (Ok(working_directory), Ok(data)) => working_directory == data,
            _ => true,
        }
}

/// Replaces the PID in a stale lock file by that of this process. A starting PostgreSQL ignores the PID of its parent.
/// The rest of the file is unchanged: by it PostgreSQL checks whether processes of the dead server still use the
/// cluster.
fn replace_pid(lock_file: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).write(true).open(lock_file) {
        // The server has just stopped and deleted its file.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        result => result?,
    };
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    let text = format!("{}\n{rest}", std::process::id());
    file.rewind()?;
    // Overwritten and not truncated first: PostgreSQL doesn't start while the file is empty.
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

/// Quotes a directory as the only entry of a list of directories in PostgreSQL's settings, whose separator is a comma.
fn quote_directory_list(directory: &Path) -> OsString {
    let mut quoted = vec![b'"'];
    for byte in directory.as_os_str().as_bytes() {
        quoted.push(*byte);
        if *byte == b'"' {
            quoted.push(*byte);
        }
    }
    quoted.push(b'"');
    OsString::from_vec(quoted)
}

fn run(name: &'static str, mut command: Command) -> Result<(), ClusterError> {
    let output =
        command
            .stdin(Stdio::null())
            .output()
            .map_err(|source| ClusterError::CannotRun {
                program: name.into(),
                source,
            })?;
    if output.status.success() {
        return Ok(());
    }
    Err(ClusterError::ProgramFailed {
        program: name,
        reason: one_line(&String::from_utf8_lossy(&output.stderr)),
    })
}

/// Returns the server's log since it was started, in one line; only its first `FATAL` line if there is one.
fn startup_log(log: &Path, from: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let new_bytes = usize::try_from(from)
        .ok()
        .and_then(|from| bytes.get(from..))
        .unwrap_or_default();
    let text = String::from_utf8_lossy(new_bytes);
    let fatal = text.lines().find(|line| line.contains("FATAL:"));
    one_line(fatal.unwrap_or(&text))
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.is_empty() {
        "it printed no message".to_owned()
    } else {
        line
    }
}

#[cfg(test)]
mod tests;
