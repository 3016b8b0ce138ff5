//! Injects faults: kills and restarts servers, sessions and PostgreSQL.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    process::Command,
    str::FromStr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use marquee::database::{
    self,
    cluster::{Cluster, ClusterUse},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sea_orm::{ConnectionTrait, DbErr, Statement, sqlx::postgres::PgConnectOptions};
use tokio::runtime::Runtime;

use crate::support::{
    program::{DataDir, Program, marquee},
    test_rng::TestRng,
};

/// The number of servers on the shared database.
const SERVERS: usize = 3;

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_mins(1);

const STOPPED: &str = "PostgreSQL stopped";
const KILLED: &str = "PostgreSQL killed";
const KILLED_SESSION: &str = "session of PostgreSQL killed";
const ENDED_SESSION: &str = "session of PostgreSQL ended";
const KILLED_SERVER: &str = "server killed";
const STOPPED_SERVER: &str = "server stopped";

/// The record of injected faults.
#[derive(Debug, Default)]
pub struct FaultLog {
    /// The number of times that each fault was injected.
    pub done: BTreeMap<&'static str, u32>,
    /// The warnings and errors of all servers by text without digits, with their counts.
    pub logged: BTreeMap<String, u32>,
}

impl FaultLog {
    /// Returns whether every kind of fault was injected.
    pub fn has_every_fault(&self) -> bool {
        let expected = [
            STOPPED,
            KILLED,
            KILLED_SESSION,
            ENDED_SESSION,
            KILLED_SERVER,
            STOPPED_SERVER,
        ];
        expected.iter().all(|what| self.done.contains_key(what))
    }

    /// Returns whether a server has panicked.
    pub fn has_panic(&self) -> bool {
        self.logged.keys().any(|line| line.contains("panicked"))
    }

    fn record(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    fn record_log(&mut self, log: &str) {
        for line in log.lines() {
            let level = ["ERROR", "WARN", "panicked"]
                .iter()
                .find_map(|level| line.find(level));
            if let Some(start) = level {
                let text = line[start..].replace(|c: char| c.is_ascii_digit(), "");
                *self.logged.entry(text).or_default() += 1;
            }
        }
    }
}

/// The state that the threads share.
struct Shared {
    over: AtomicBool,
    account: Mutex<FaultLog>,
}

impl Shared {
    fn record(&self, what: &'static str) {
        self.account.lock().unwrap().record(what);
    }

    /// Waits some time. Returns whether to inject another fault.
    fn wait(&self, milliseconds: usize) -> bool {
        let end = Instant::now() + Duration::from_millis(milliseconds as u64);
        while !self.over.load(Ordering::Relaxed) && Instant::now() < end {
            thread::sleep(Duration::from_millis(10));
        }
        !self.over.load(Ordering::Relaxed)
    }
}

/// The running fault injection.
pub struct FaultInjector {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
    servers: Vec<JoinHandle<Program>>,
    database: Option<JoinHandle<Cluster>>,
}

impl FaultInjector {
    /// Starts servers, and injects faults into them and into PostgreSQL until [`Self::stop`]. PostgreSQL is stopped
    /// after a third of `goal` tasks, and killed after two thirds.
    pub fn start(
        dir: &Arc<DataDir>,
        cluster: Cluster,
        seed: u64,
        progress: (Arc<AtomicUsize>, usize),
    ) -> Self {
        let shared = Arc::new(Shared {
            over: AtomicBool::new(false),
            account: Mutex::default(),
        });
        let url = dir.url();
        let programs: Vec<_> = (0..SERVERS)
            .map(|_| Program::ready(server(&url, "127.0.0.1:0")))
            .collect();
        let addresses = programs.iter().map(Program::address).collect();
        let mut stream = 1_000;
        let mut chance = || {
            stream += 1;
            TestRng::new(seed, stream)
        };
        let servers = programs
            .into_iter()
            .enumerate()
            .map(|(number, program)| {
                let (shared, url, chance) = (Arc::clone(&shared), url.clone(), chance());
                thread::spawn(move || {
                    inject_server_faults((program, number), &url, chance, &shared)
                })
            })
            .collect();
        let database = {
            let (shared, dir, chance) = (Arc::clone(&shared), Arc::clone(dir), chance());
            thread::spawn(move || inject_database_faults(&dir, cluster, chance, &shared, &progress))
        };
        Self {
            shared,
            addresses,
            servers,
            database: Some(database),
        }
    }

    /// Returns the addresses of the servers. They stay the same across restarts.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Stops the fault injection. Servers and PostgreSQL are running again afterwards.
    pub fn stop(mut self) -> (Vec<Program>, Cluster, FaultLog) {
        let (servers, cluster) = self.join();
        let servers: Vec<_> = servers.into_iter().map(Result::unwrap).collect();
        let mut account = std::mem::take(&mut *self.shared.account.lock().unwrap());
        for server in &servers {
            account.record_log(&server.log());
        }
        (servers, cluster.unwrap().unwrap(), account)
    }

    fn join(
        &mut self,
    ) -> (
        Vec<thread::Result<Program>>,
        Option<thread::Result<Cluster>>,
    ) {
        self.shared.over.store(true, Ordering::Relaxed);
        let servers = self.servers.drain(..).map(JoinHandle::join).collect();
        (servers, self.database.take().map(JoinHandle::join))
    }
}

impl Drop for FaultInjector {
    /// Joins the threads, so that a failed test leaves no processes behind.
    fn drop(&mut self) {
        drop(self.join());
    }
}

/// Returns the command that starts a server.
fn server(url: &str, address: &str) -> Command {
    marquee(&[
        "serve",
        "--database-url",
        url,
        "--listen",
        address,
        "--workers=1",
        "--worker-connections=6",
    ])
}

/// Stops the server every third time, and kills it otherwise.
fn inject_server_faults(
    (mut program, mut turn): (Program, usize),
    url: &str,
    mut chance: TestRng,
    shared: &Shared,
) -> Program {
    let address = program.address().to_string();
    while shared.wait(500 + chance.below(4_000)) {
        assert!(
            !program.has_ended(),
            "a server exited unexpectedly:\n{}",
            program.log()
        );
        turn += 1;
        let log = if turn % 3 == 0 {
            shared.record(STOPPED_SERVER);
            let done = program.stop();
            assert_eq!(done.status.code(), Some(0), "{done:?}");
            done.stderr
        } else {
            shared.record(KILLED_SERVER);
            program.signal(Signal::SIGKILL);
            program.wait().stderr
        };
        shared.account.lock().unwrap().record_log(&log);
        thread::sleep(Duration::from_millis(chance.below(300) as u64));
        program = start_again(url, &address, shared);
    }
    program
}

/// Starts a server on its previous address. Retries while the database is unavailable, since the server then exits.
fn start_again(url: &str, address: &str, shared: &Shared) -> Program {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let mut program = Program::start(server(url, address), None);
        while !program.has_ended() {
            if program.log().contains("ready: http://") {
                program.wait_until_ready();
                return program;
            }
            thread::sleep(Duration::from_millis(5));
        }
        assert!(
            Instant::now() < deadline,
            "a server doesn't start:\n{}",
            program.log()
        );
        shared.record("server start failed without a database");
        thread::sleep(Duration::from_millis(100));
    }
}

fn inject_database_faults(
    dir: &DataDir,
    mut cluster: Cluster,
    mut chance: TestRng,
    shared: &Shared,
    (progress, goal): &(Arc<AtomicUsize>, usize),
) -> Cluster {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = PgConnectOptions::from_str(&dir.url()).unwrap();
    let (mut is_to_stop, mut is_to_be_killed, mut turn) = (true, true, 0);
    while shared.wait(200 + chance.below(800)) {
        let done = progress.load(Ordering::Relaxed);
        turn += 1;
        if is_to_stop && done > goal / 3 {
            is_to_stop = false;
            cluster.release();
            thread::sleep(Duration::from_millis(chance.below(1_000) as u64));
            cluster = Cluster::acquire(dir.path(), ClusterUse::Command).unwrap();
            shared.record(STOPPED);
        } else if is_to_be_killed && done > goal * 2 / 3 {
            is_to_be_killed = false;
            cluster = kill_all(dir);
            shared.record(KILLED);
        } else if turn % 5 == 3 {
            kill_session(dir, &runtime, &options, &mut chance, shared);
        } else {
            end_sessions(&runtime, &options, &mut chance, shared);
        }
    }
    cluster
}

/// Kills the postmaster and waits until its children have exited: a crash without loss of disk writes.
fn kill_all(dir: &DataDir) -> Cluster {
    let postmaster = dir.postmaster().unwrap();
    kill(Pid::from_raw(postmaster), Signal::SIGKILL).unwrap();
    let deadline = Instant::now() + TIMEOUT;
    while !dir.processes().is_empty() {
        assert!(Instant::now() < deadline, "{:?} are left", dir.processes());
        thread::sleep(Duration::from_millis(5));
    }
    Cluster::acquire(dir.path(), ClusterUse::Command).unwrap()
}

/// Kills a session with SIGKILL. PostgreSQL then terminates all other sessions and runs crash recovery.
fn kill_session(
    dir: &DataDir,
    runtime: &Runtime,
    options: &PgConnectOptions,
    chance: &mut TestRng,
    shared: &Shared,
) {
    let sessions = runtime.block_on(sessions(options)).unwrap_or_default();
    let Some(pid) = pick(&sessions, chance).filter(|pid| dir.processes().contains(pid)) else {
        shared.record("no session to kill");
        return;
    };
    // The session may have ended meanwhile.
    if kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok() {
        shared.record(KILLED_SESSION);
    }
}

/// Terminates some sessions with `pg_terminate_backend`.
fn end_sessions(
    runtime: &Runtime,
    options: &PgConnectOptions,
    chance: &mut TestRng,
    shared: &Shared,
) {
    let sessions = runtime.block_on(sessions(options)).unwrap_or_default();
    for _ in 0..=chance.below(4) {
        let Some(pid) = pick(&sessions, chance) else {
            shared.record("no session to terminate");
            return;
        };
        let sql = format!("SELECT pg_terminate_backend({pid})::text");
        if runtime.block_on(texts(options, &sql)).is_ok() {
            shared.record(ENDED_SESSION);
        }
    }
}

fn pick(sessions: &[i32], chance: &mut TestRng) -> Option<i32> {
    (!sessions.is_empty()).then(|| sessions[chance.below(sessions.len())])
}

/// Returns the process ids of the servers' sessions. Returns an error while PostgreSQL is unavailable.
async fn sessions(options: &PgConnectOptions) -> Result<Vec<i32>, DbErr> {
    let sql = "SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    let pids = texts(options, sql).await?;
    Ok(pids.iter().filter_map(|pid| pid.parse().ok()).collect())
}

async fn texts(options: &PgConnectOptions, sql: &str) -> Result<Vec<String>, DbErr> {
    let connection = database::connect_pool(options, 1);
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    connection.close().await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
