//! The `marquee` program as a process, in a data directory of the test.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use marquee::database;
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, Uid},
};
use parking_lot::Mutex;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, FromQueryResult, Statement,
    sqlx::postgres::PgConnectOptions,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The directory of the cluster that is copied for each test.
const ORIGINAL_DIRECTORY: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/original");

/// Returns whether the tests run as root. Prints a notice if they don't, since the test that needs root is then
/// skipped.
pub fn is_root() -> bool {
    let root = Uid::effective().is_root();
    if !root {
        eprintln!("NOT TESTED: this test needs root");
    }
    root
}

/// Returns a command that runs the program with arguments and without Marquee's settings in its environment.
/// `MARQUEE_TEST_PROGRAM` names another build of the program, such as a release build.
pub fn marquee(arguments: &[&str]) -> Command {
    let program = std::env::var_os("MARQUEE_TEST_PROGRAM");
    let mut command = Command::new(program.unwrap_or(env!("CARGO_BIN_EXE_marquee").into()));
    command.args(arguments);
    clean_environment(&mut command);
    command
}

/// Removes Marquee's settings and those of OpenTelemetry from a command's environment.
pub fn clean_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let is_setting = name.starts_with("MARQUEE_") || name.starts_with("OTEL_");
        if is_setting || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
}

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
            let original = Self::at(PathBuf::from(ORIGINAL_DIRECTORY));
            let _ = fs::remove_dir_all(original.path());
            original.run(&["migrate", "up"]).output();
            original
        });
        let copy = Self::new();
        let copied = Command::new("cp")
            .arg("-a")
            .args([made.path(), copy.path()])
            .status();
        assert!(copied.unwrap().success());
        copy
    }

    /// Returns a directory of this name that doesn't exist yet.
    pub fn named(name: &str) -> Self {
        let temp = tempfile::tempdir().unwrap();
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

/// A blocking session with PostgreSQL.
#[derive(Debug)]
pub struct Session {
    runtime: tokio::runtime::Runtime,
    connection: DatabaseConnection,
}

impl Session {
    /// Opens a session.
    pub fn open(options: &PgConnectOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let connection = runtime.block_on(async {
            let connection = database::connect_pool(options, 1);
            connection.execute_unprepared("SELECT 1").await.unwrap();
            connection
        });
        Self {
            runtime,
            connection,
        }
    }

    /// Executes SQL statements.
    pub fn execute(&self, sql: &str) {
        self.runtime
            .block_on(self.connection.execute_unprepared(sql))
            .unwrap();
    }

    /// Returns the value of a statement that selects one text.
    pub fn value(&self, statement: &str) -> String {
        #[derive(FromQueryResult)]
        struct Row {
            value: String,
        }
        let statement = Statement::from_string(sea_orm::DbBackend::Postgres, statement);
        let row = Row::find_by_statement(statement).one(&self.connection);
        self.runtime.block_on(row).unwrap().unwrap().value
    }
}

/// Makes a directory accessible to every account.
pub fn open_to_all(directory: &Path) {
    set_mode(directory, 0o755);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Returns the URL of a database behind a Unix socket.
pub fn url(options: &PgConnectOptions) -> String {
    let socket = options.get_socket().unwrap().to_str().unwrap();
    format!(
        "postgres://{}@{}/{}",
        options.get_username(),
        socket.replace('/', "%2F"),
        options.get_database().unwrap()
    )
}

/// The exit status and the output of a command.
#[derive(Debug)]
pub struct CommandResult {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl CommandResult {
    /// Returns the standard output. The command must have succeeded.
    pub fn output(self) -> String {
        assert_eq!(self.status.code(), Some(0), "{self:?}");
        self.stdout
    }

    /// Returns the error message. The command must have exited with status 1, and the message must be the only error
    /// and the last line of standard error.
    pub fn error(&self) -> &str {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        let mut errors = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "));
        let error = errors.next().unwrap_or_else(|| panic!("{self:?}"));
        assert_eq!(errors.next(), None, "{self:?}");
        assert_eq!(self.stderr.lines().last(), Some(error), "{self:?}");
        // On a slow machine a command may also log and report its progress.
        let others = ["  INFO ", "  WARN ", " ERROR ", "reading ("];
        for line in self.stderr.lines().filter(|line| *line != error) {
            assert!(others.iter().any(|other| line.contains(other)), "{self:?}");
        }
        error
    }
}

/// Runs a command without input and waits until it exits.
pub fn run(command: Command) -> CommandResult {
    Program::start(command, None).wait()
}

/// Runs a command with `input` as its standard input and waits until it exits.
pub fn run_over(command: Command, input: &[u8]) -> CommandResult {
    Program::start(command, Some(input)).wait()
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

    /// Returns the address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address.unwrap()
    }

    /// Opens a TCP connection to the server.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream
    }

    /// Sends a document and returns the data of the response, which must have no errors.
    pub fn query(&self, document: &str) -> Value {
        let mut stream = self.connect();
        stream.write_all(&request(document, "close")).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        data(&response)
    }

    /// Sends a document with a token and returns the body of the response.
    pub fn query_as(&self, token: &str, document: &str) -> Value {
        let body = json!({ "query": document }).to_string();
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        let (_, body) = response.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// Returns the role of a token, or the message with which the server rejects it.
    pub fn role(&self, token: &str) -> String {
        let response = self.query_as(token, "{ viewer { role } }");
        let role = response["data"]["viewer"]["role"].as_str();
        let refusal = response["errors"][0]["message"].as_str();
        role.or(refusal).unwrap().to_owned()
    }

    /// Returns the titles of all films.
    pub fn titles(&self) -> Value {
        self.query("{ films(first: 100) { totalCount nodes { title score { label } } } }")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the bytes of an HTTP request.
pub fn request(document: &str, connection: &str) -> Vec<u8> {
    let body = json!({ "query": document }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Returns the data of a complete HTTP response without errors.
pub fn data(response: &str) -> Value {
    let (head, body) = response
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("not an HTTP response: {response:?}"));
    assert!(head.starts_with("HTTP/1.1 200"), "{response}");
    let mut body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body.get("errors"), None, "{response}");
    body["data"].take()
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
