//! Injects faults: kills and restarts servers, sessions and PostgreSQL.

mod servers;
mod sessions;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use marquee::database::cluster::Cluster;

use self::{
    servers::{KILLED_SERVER, STOPPED_SERVER, inject_server_faults, server},
    sessions::{ENDED_SESSION, KILLED, KILLED_SESSION, STOPPED, inject_database_faults},
};
use crate::support::{
    program::{DataDir, Program},
    test_rng::TestRng,
};

/// The number of servers on the shared database.
const SERVERS: usize = 3;

/// The timeout of every wait; after it the test fails.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The record of injected faults.
#[derive(Debug, Default)]
pub struct FaultLog {
    /// The number of times that each fault was injected.
    pub counts: BTreeMap<&'static str, u32>,
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
        expected.iter().all(|fault| self.counts.contains_key(fault))
    }

    /// Returns whether a server has panicked.
    pub fn has_panic(&self) -> bool {
        self.logged.keys().any(|line| line.contains("panicked"))
    }

    fn record(&mut self, fault: &'static str) {
        *self.counts.entry(fault).or_default() += 1;
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
    fn record(&self, fault: &'static str) {
        self.account.lock().unwrap().record(fault);
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
        let mut rng = || {
            stream += 1;
            TestRng::new(seed, stream)
        };
        let servers = programs
            .into_iter()
            .enumerate()
            .map(|(number, program)| {
                let (shared, url, rng) = (Arc::clone(&shared), url.clone(), rng());
                thread::spawn(move || inject_server_faults((program, number), &url, rng, &shared))
            })
            .collect();
        let database = {
            let (shared, dir, rng) = (Arc::clone(&shared), Arc::clone(dir), rng());
            thread::spawn(move || inject_database_faults(&dir, cluster, rng, &shared, &progress))
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
