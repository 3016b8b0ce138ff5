//! The processes: making a cluster, starting and stopping its server.

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

use super::{ClusterError, account::Account, binaries::Binaries, place::Place};

/// Recovery after a crash reads the whole write-ahead log, which can take its time.
const START_PATIENCE: Duration = Duration::from_mins(5);

/// How to run the server of a cluster, and the one that we started.
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

    /// Makes the cluster under another name and moves it into place: what is killed half-way is made anew the next time.
    ///
    /// The socket's directory is closed to everybody else, so whoever can reach the socket is trusted.
    pub(super) fn init(&self, place: &Place, user: &str) -> Result<(), ClusterError> {
        let unfinished = place.inner().join("unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(ClusterError::io(&unfinished))?;
        }
        let mut command = self.program("initdb", place);
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
        fs::rename(&unfinished, place.data()).map_err(ClusterError::io(place.data()))
    }

    /// Whether a server takes connections, ours or one left behind. Waits for one that is just starting or stopping.
    pub(super) fn is_running(&mut self, place: &Place) -> Result<bool, ClusterError> {
        let deadline = Instant::now() + START_PATIENCE;
        while self.has_process(place)? {
            let text = fs::read_to_string(place.pid_file()).unwrap_or_default();
            if !belongs_to(&text, place) {
                for file in [place.pid_file(), place.socket_lock()] {
                    disown(&file).map_err(ClusterError::io(&file))?;
                }
                return Ok(false);
            }
            match status_of(&text) {
                "ready" => return Ok(true),
                // It waits for its sessions to end by themselves, unless it is told again.
                "stopping" => self.stop(place)?,
                _ if Instant::now() >= deadline => {
                    return Err(ClusterError::DidNotStart {
                        reason: "one that was there already is not ready".to_owned(),
                        log: place.log(),
                    });
                }
                _ => thread::sleep(Duration::from_millis(5)),
            }
        }
        Ok(false)
    }

    fn has_process(&self, place: &Place) -> Result<bool, ClusterError> {
        let mut command = self.program("pg_ctl", place);
        command.arg("status").arg("-D").arg(place.data());
        let program = self.binaries.path("pg_ctl");
        let status = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|source| ClusterError::CannotRun { program, source })?;
        Ok(status.success())
    }

    /// Starts the server and waits until it takes connections.
    ///
    /// It gets a process group of its own: Ctrl-C is for Marquee, which lets the requests under way finish and then stops it.
    pub(super) fn start(&mut self, place: &Place) -> Result<(), ClusterError> {
        let log = place.log();
        let log_file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(ClusterError::io(&log))?;
        let log_length = log_file.metadata().map_or(0, |metadata| metadata.len());
        let errors = log_file.try_clone().map_err(ClusterError::io(&log))?;
        let mut command = self.program("postgres", place);
        command
            .arg("-D")
            .arg(place.data())
            .arg("-k")
            .arg(list_of_one(place.socket_dir()))
            .args([
                "-p",
                "5432",
                "-c",
                "listen_addresses=",
                "-c",
                "logging_collector=off",
            ])
            // A line of the log says which database it is about.
            .args(["-c", "log_line_prefix=%m [%p] %d "])
            // Statements of this size are planned faster than they are compiled.
            .args(["-c", "jit=off"])
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::from(log_file))
            .stderr(Stdio::from(errors));
        let program = self.binaries.path("postgres");
        let child = command
            .spawn()
            .map_err(|source| ClusterError::CannotRun { program, source })?;
        self.wait_until_ready(child, place, log_length)
    }

    fn wait_until_ready(
        &mut self,
        mut child: Child,
        place: &Place,
        log_length: u64,
    ) -> Result<(), ClusterError> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            if says_ready(&place.pid_file(), child.id()) {
                self.child = Some(child);
                return Ok(());
            }
            let ended = child.try_wait().ok().flatten().is_some();
            if ended || Instant::now() >= deadline {
                return Err(ClusterError::DidNotStart {
                    reason: last_words(&place.log(), log_length),
                    log: place.log(),
                });
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops the server: open transactions are rolled back, everything committed is on disk.
    pub(super) fn stop(&mut self, place: &Place) -> Result<(), ClusterError> {
        let mut command = self.program("pg_ctl", place);
        command
            .args([
                "stop",
                "--mode=fast",
                "--wait",
                "--timeout=60",
                "--silent",
                "-D",
            ])
            .arg(place.data());
        run("pg_ctl", command)?;
        if let Some(mut child) = self.child.take() {
            child.wait().map_err(ClusterError::io(place.data()))?;
        }
        Ok(())
    }

    fn program(&self, name: &str, place: &Place) -> Command {
        self.account
            .command(&self.binaries.path(name), &place.inner())
    }
}

fn says_ready(pid_file: &Path, pid: u32) -> bool {
    fs::read_to_string(pid_file)
        .is_ok_and(|text| pid_of(&text) == pid.to_string() && status_of(&text) == "ready")
}

/// The first line of `postmaster.pid` says whose file it is.
fn pid_of(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// The eighth line of `postmaster.pid` says how far the server is.
fn status_of(text: &str) -> &str {
    text.lines().nth(7).unwrap_or_default().trim()
}

/// Whether the process that a `postmaster.pid` names is the cluster's server, as far as the system tells.
///
/// After a crash of the machine its number may be another process's; in a container, where numbers start anew, it often is.
/// And a server that was killed keeps its number until its parent has taken note.
fn belongs_to(text: &str, place: &Place) -> bool {
    let process = Path::new("/proc").join(pid_of(text));
    let Ok(stat) = fs::read_to_string(process.join("stat")) else {
        return !Path::new("/proc/self/stat").exists();
    };
    let lives = stat
        .rsplit_once(") ")
        .is_some_and(|(name, state)| name.ends_with("(postgres") && !state.starts_with(['Z', 'X']));
    // Every server works in its cluster. Not everybody may see that; then the name has to do.
    lives
        && match (process.join("cwd").read_link(), place.data().canonicalize()) {
            (Ok(works_in), Ok(data)) => works_in == data,
            _ => true,
        }
}

/// Puts our own number into a lock file that names somebody else's process: PostgreSQL never takes its parent for another server.
/// The rest stays, for by it PostgreSQL finds out whether processes of the dead server still work on the cluster.
fn disown(lock_file: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).write(true).open(lock_file) {
        // The server has just ended, and taken its file along.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    let text = format!("{}\n{rest}", std::process::id());
    file.rewind()?;
    // Never empty, not even for a moment: such a file PostgreSQL refuses.
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

/// A directory as PostgreSQL's lists of directories have it, in which commas part and quotes enclose.
fn list_of_one(directory: &Path) -> OsString {
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

/// What the server logged since we started it, the reason first.
fn last_words(log: &Path, from: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let since = usize::try_from(from)
        .ok()
        .and_then(|from| bytes.get(from..))
        .unwrap_or_default();
    let text = String::from_utf8_lossy(since);
    let fatal = text.lines().find(|line| line.contains("FATAL:"));
    one_line(fatal.unwrap_or(&text))
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.is_empty() {
        "it said nothing".to_owned()
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_one_whatever_is_in_its_name() {
        let listed = |path| list_of_one(Path::new(path)).into_string().unwrap();
        assert_eq!(
            listed("/srv/films, reviews/run"),
            r#""/srv/films, reviews/run""#
        );
        assert_eq!(listed(r#"/srv/"best"/run"#), r#""/srv/""best""/run""#);
    }

    #[test]
    fn the_file_of_a_server_says_whose_it_is_and_how_far_it_is() {
        let text = "4711\n/data\n1700000000\n5432\n/run\n\n  123 0\nready   \n";
        assert_eq!((pid_of(text), status_of(text)), ("4711", "ready"));
        assert_eq!((pid_of(""), status_of("4711\n")), ("", ""));
    }

    #[test]
    fn an_error_of_several_lines_is_told_in_one() {
        assert_eq!(
            one_line("initdb: error:\n  no space\tleft\n"),
            "initdb: error: no space left"
        );
        assert_eq!(one_line(" \n"), "it said nothing");
    }
}
