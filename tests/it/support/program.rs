//! The `marquee` program as a process, in a data directory of the test.

mod command;
mod data_dir;
mod http;
mod session;

use std::{
    fs,
    io::{Read, Write},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid},
};
use parking_lot::Mutex;

pub use self::{
    command::{CommandResult, clean_environment, marquee, run, run_over},
    data_dir::{DataDir, open_to_all},
    http::{data, request},
    session::{Session, url},
};

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Returns whether the tests run as root. Prints a notice if they don't, since the test that needs root is then
/// skipped.
pub fn is_root() -> bool {
    let root = Uid::effective().is_root();
    if !root {
        eprintln!("NOT TESTED: this test needs root");
    }
    root
}

/// A process of the program. Dropping it kills the process.
#[derive(Debug)]
pub struct Program {
    child: Child,
    readers: Vec<JoinHandle<()>>,
    stdout: Arc<Mutex<Vec<u8>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    address: Option<SocketAddr>,
}

impl Program {
    /// Starts a process.
    pub fn start(command: Command, input: Option<&[u8]>) -> Self {
        if let Some(input) = input {
            let (program, mut stdin) = Self::start_with_stdin(command);
            // The process may exit before it has read all of its input.
            let _ = stdin.write_all(input);
            return program;
        }
        Self::spawn(command, Stdio::null())
    }

    /// Starts a process and returns the writer of its standard input. Dropping the writer closes the input.
    pub fn start_with_stdin(command: Command) -> (Self, ChildStdin) {
        let mut program = Self::spawn(command, Stdio::piped());
        let stdin = program.child.stdin.take().unwrap();
        (program, stdin)
    }

    fn spawn(mut command: Command, stdin: Stdio) -> Self {
        let mut child = command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let readers = vec![
            collect(child.stdout.take().unwrap(), &stdout),
            collect(child.stderr.take().unwrap(), &stderr),
        ];
        Self {
            child,
            readers,
            stdout,
            stderr,
            address: None,
        }
    }

    /// Starts a server and waits until it logs that it is ready.
    pub fn ready(command: Command) -> Self {
        let mut program = Self::start(command, None);
        program.wait_until_ready();
        program
    }

    /// Waits until the server logs that it is ready.
    pub fn wait_until_ready(&mut self) {
        let line = self.wait_for("ready: http://");
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next());
        self.address = Some(address.unwrap().parse().unwrap());
    }

    /// Waits for a line of the log that contains `text`, and returns it.
    pub fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let ended = self.child.try_wait().unwrap();
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(text)) {
                return line.to_owned();
            }
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "no log line contains {text:?}: {ended:?}\n{log}"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the peak memory of the process in bytes; `None` once it has exited, and on systems without `/proc`.
    pub fn peak_memory(&self) -> Option<u64> {
        self.memory("VmHWM:")
    }

    /// Returns the current memory of the process in bytes; `None` once it has exited, and on systems without `/proc`.
    pub fn memory_now(&self) -> Option<u64> {
        self.memory("VmRSS:")
    }

    fn memory(&self, which: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with(which))?;
        let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// Returns whether the process has exited.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Returns the standard error so far.
    pub fn log(&self) -> String {
        text(&self.stderr)
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
    }

    /// Sends SIGTERM and waits until the process exits.
    pub fn stop(self) -> CommandResult {
        self.signal(Signal::SIGTERM);
        self.wait()
    }

    /// Sends SIGKILL and waits until the process exits.
    pub fn kill(self) {
        self.signal(Signal::SIGKILL);
        self.wait();
    }

    /// Waits until the process exits.
    pub fn wait(mut self) -> CommandResult {
        let deadline = Instant::now() + TIMEOUT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "the process doesn't exit:\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(5));
        };
        // A child that the process leaves running must not hold its output open: a reader of a pipe would hang.
        while !self.readers.iter().all(JoinHandle::is_finished) {
            assert!(
                Instant::now() < deadline,
                "another process holds its output open"
            );
            thread::sleep(Duration::from_millis(5));
        }
        CommandResult {
            status,
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static, into: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let into = Arc::clone(into);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            into.lock().extend_from_slice(&buffer[..length]);
        }
    })
}

fn text(bytes: &Mutex<Vec<u8>>) -> String {
    let bytes = bytes.lock();
    String::from_utf8(bytes.clone()).unwrap()
}
