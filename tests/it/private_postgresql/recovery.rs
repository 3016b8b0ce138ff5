//! Killed servers, killed clusters, and clusters that stop.

use std::thread;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::end;
use crate::support::program::{DataDir, Program};

/// Serves the demo catalogue, then kills the server and PostgreSQL. Returns the titles that it served, and the process
/// ID of PostgreSQL.
fn serve_and_kill_all(dir: &DataDir) -> (Value, i32) {
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    server.kill();
    end(postmaster, Signal::SIGKILL);
    // After a crash of the machine no process is left; here the others need some time to exit.
    while !dir.processes().is_empty() {
        thread::yield_now();
    }
    (titles, postmaster)
}

#[test]
fn postgresql_outlives_a_killed_server_and_the_next_server_uses_it() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    server.kill();
    assert!(dir.processes().contains(&postmaster));

    let next = dir.serve(&[]);
    assert!(
        next.log()
            .contains("using the PostgreSQL that already runs there")
    );
    assert_eq!(dir.postmaster(), Some(postmaster));
    assert_eq!(next.titles(), titles);
    assert_eq!(next.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn it_recovers_after_all_processes_were_killed() {
    let dir = DataDir::migrated();
    let (titles, postmaster) = serve_and_kill_all(&dir);

    let next = dir.serve(&[]);
    assert_ne!(dir.postmaster(), Some(postmaster));
    assert_eq!(next.titles(), titles);
    assert_eq!(next.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_process_with_the_reused_pid_of_postgresql_is_left_alone() {
    let dir = DataDir::migrated();
    let (titles, postmaster) = serve_and_kill_all(&dir);

    // Process ids are reused often after a restart of a container, since they start at the same low numbers.
    let mut other = sleeper(&dir);
    let file = dir.cluster().join("postmaster.pid");
    let text = std::fs::read_to_string(&file).unwrap();
    let taken = text.replacen(&postmaster.to_string(), &other.id().to_string(), 1);
    std::fs::write(&file, taken).unwrap();

    let next = Program::start(dir.server(&[]), None);
    let next = ready_or_kill(next, &mut other);
    assert_eq!(next.titles(), titles);
    assert_eq!(next.stop().status.code(), Some(0));
    assert!(
        other.try_wait().unwrap().is_none(),
        "the unrelated process was killed"
    );
    other.kill().unwrap();
    other.wait().unwrap();
}

/// Starts an unrelated process under PostgreSQL's account.
fn sleeper(dir: &DataDir) -> std::process::Child {
    use std::os::unix::{fs::MetadataExt, process::CommandExt};
    let mut command = std::process::Command::new("sleep");
    command.arg("60").current_dir("/");
    if nix::unistd::Uid::effective().is_root() {
        let owner = dir.cluster().metadata().unwrap();
        command.uid(owner.uid()).gid(owner.gid());
    }
    command.spawn().unwrap()
}

fn ready_or_kill(mut server: Program, other: &mut std::process::Child) -> Program {
    let ready = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        server.wait_until_ready();
    }));
    if let Err(panic) = ready {
        other.kill().unwrap();
        other.wait().unwrap();
        std::panic::resume_unwind(panic);
    }
    server
}

#[test]
fn a_start_waits_for_a_stopping_postgresql() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    // A signal to the process group stops PostgreSQL too; an open session delays its shutdown.
    let session = dir.session();
    server.kill();
    end(postmaster, Signal::SIGTERM);
    let file = dir.cluster().join("postmaster.pid");
    while !std::fs::read_to_string(&file).unwrap().contains("stopping") {
        thread::yield_now();
    }
    let next = dir.serve(&[]);
    assert_ne!(dir.postmaster(), Some(postmaster));
    assert_eq!(next.titles(), titles);
    drop(session);
}
