//! Faults of PostgreSQL and its sessions.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
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

use super::{Shared, TIMEOUT};
use crate::support::{program::DataDir, test_rng::TestRng};

pub const STOPPED: &str = "PostgreSQL stopped";

pub const KILLED: &str = "PostgreSQL killed";

pub const KILLED_SESSION: &str = "session of PostgreSQL killed";

pub const ENDED_SESSION: &str = "session of PostgreSQL ended";

pub fn inject_database_faults(
    dir: &DataDir,
    mut cluster: Cluster,
    mut rng: TestRng,
    shared: &Shared,
    (progress, goal): &(Arc<AtomicUsize>, usize),
) -> Cluster {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = PgConnectOptions::from_str(&dir.url()).unwrap();
    let (mut is_to_stop, mut is_to_be_killed, mut turn) = (true, true, 0);
    while shared.wait(200 + rng.below(800)) {
        let result = progress.load(Ordering::Relaxed);
        turn += 1;
        if is_to_stop && result > goal / 3 {
            is_to_stop = false;
            cluster.release();
            thread::sleep(Duration::from_millis(rng.below(1_000) as u64));
            cluster = Cluster::acquire(dir.path(), ClusterUse::Command).unwrap();
            shared.record(STOPPED);
        } else if is_to_be_killed && result > goal * 2 / 3 {
            is_to_be_killed = false;
            cluster = kill_all(dir);
            shared.record(KILLED);
        } else if turn % 5 == 3 {
            kill_session(dir, &runtime, &options, &mut rng, shared);
        } else {
            end_sessions(&runtime, &options, &mut rng, shared);
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
    rng: &mut TestRng,
    shared: &Shared,
) {
    let sessions = runtime.block_on(sessions(options)).unwrap_or_default();
    let Some(pid) = pick(&sessions, rng).filter(|pid| dir.processes().contains(pid)) else {
        shared.record("no session to kill");
        return;
    };
    // The session may have ended meanwhile.
    if kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok() {
        shared.record(KILLED_SESSION);
    }
}

/// Terminates some sessions with `pg_terminate_backend`.
fn end_sessions(runtime: &Runtime, options: &PgConnectOptions, rng: &mut TestRng, shared: &Shared) {
    let sessions = runtime.block_on(sessions(options)).unwrap_or_default();
    for _ in 0..=rng.below(4) {
        let Some(pid) = pick(&sessions, rng) else {
            shared.record("no session to terminate");
            return;
        };
        let sql = format!("SELECT pg_terminate_backend({pid})::text");
        if runtime.block_on(texts(options, &sql)).is_ok() {
            shared.record(ENDED_SESSION);
        }
    }
}

fn pick(sessions: &[i32], rng: &mut TestRng) -> Option<i32> {
    (!sessions.is_empty()).then(|| sessions[rng.below(sessions.len())])
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
