//! The private PostgreSQL of the program: start, stop, crashes, and errors.

mod errors;
mod locations;
mod shutdown;

use std::thread;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{
    program::{DataDir, Program, run},
    root,
};

/// Returns the path of the page of five reviews in invented words.
fn page() -> String {
    let path = root().join("tests/it/fixtures/lamp.txt");
    path.to_str().unwrap().to_owned()
}

fn end(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).unwrap();
}

#[test]
fn the_first_start_creates_the_cluster_and_the_next_one_uses_it() {
    let dir = DataDir::new();
    let first = dir.serve(&["--demo"]);
    let titles = first.titles();
    assert!(titles["films"]["totalCount"].as_u64().unwrap() > 0);
    let done = first.stop();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(done.stderr.contains("creating a private PostgreSQL"));

    let second = dir.serve(&["--demo"]);
    assert_eq!(second.titles(), titles);
    let done = second.stop();
    for once in [
        "creating a private",
        "applied a migration",
        "loaded the demo",
    ] {
        assert!(!done.stderr.contains(once), "{}", done.stderr);
    }
}

#[test]
fn it_listens_on_no_port_is_durable_and_stops_with_the_server() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    for (setting, expected) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("server_encoding", "UTF8"),
    ] {
        let value = dir.sql(&format!("SELECT current_setting('{setting}') AS value"));
        assert_eq!(value, expected, "{setting}");
    }
    assert!(!dir.processes().is_empty());
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
    assert_eq!(dir.postmaster(), None);
}

#[test]
fn other_accounts_cannot_access_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let dir = DataDir::new();
    let _server = dir.serve(&[]);
    for name in ["run", "cluster"] {
        let mode = dir.path().join(name).metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o700, "{name}");
    }
}

#[test]
fn environment_settings_of_postgresql_are_ignored() {
    let dir = DataDir::migrated();
    let mut command = dir.server(&[]);
    command.envs([
        ("PGHOST", "elsewhere.invalid"),
        ("PGPORT", "1"),
        ("PGUSER", "somebody"),
        ("PGDATABASE", "something"),
        ("PGSSLMODE", "verify-full"),
        ("PGDATA", "/nowhere"),
        ("LC_ALL", "xx_XX.UTF-8"),
    ]);
    let server = Program::ready(command);
    assert_eq!(server.titles()["films"]["totalCount"], 0);
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
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    server.kill();
    end(postmaster, Signal::SIGKILL);
    // After a crash of the machine no process is left; here the others need some time to exit.
    while !dir.processes().is_empty() {
        thread::yield_now();
    }

    let next = dir.serve(&[]);
    assert_ne!(dir.postmaster(), Some(postmaster));
    assert_eq!(next.titles(), titles);
    assert_eq!(next.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_process_with_the_reused_pid_of_postgresql_is_left_alone() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    server.kill();
    end(postmaster, Signal::SIGKILL);
    while !dir.processes().is_empty() {
        thread::yield_now();
    }

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

#[test]
fn a_second_server_on_the_same_directory_is_rejected() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let done = run(dir.server(&[]));
    let error = done.error();
    assert!(
        error.contains(&format!("process {}", server.id())) && error.contains("--data-dir"),
        "{error}"
    );
    assert_eq!(server.titles(), titles);
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_server_that_cannot_bind_reports_it_and_stops_its_postgresql() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = DataDir::migrated();
    let done = run(dir.command(&["serve", "--listen", &address]));
    let error = done.error();
    assert!(
        error.contains(&address) && error.contains("--listen"),
        "{error}"
    );
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn commands_use_the_postgresql_of_a_running_server() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    let postmaster = dir.postmaster();
    let output = dir.run(&["check"]).output();
    assert_eq!(output, "every tally equals a recount\n");
    let output = dir
        .run(&["import", "page", &page(), "--title=Lamp"])
        .output();
    assert!(output.ends_with("stored\n"), "{output}");
    let output = dir.run(&["migrate", "status"]).output();
    assert!(
        output.lines().all(|line| line.starts_with("applied ")),
        "{output}"
    );
    assert_eq!(dir.postmaster(), postmaster);
    assert_eq!(server.titles()["films"]["nodes"][0]["title"], "Lamp");
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_command_that_outlives_the_server_stops_postgresql() {
    let dir = DataDir::migrated();
    let server = dir.serve(&["--demo"]);
    let session = dir.session();
    session.execute("BEGIN; LOCK TABLE review");
    let command = Program::start(dir.command(&["check"]), None);
    while dir.sql(
        "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted AND relation = 'review'::regclass",
    ) == "0"
    {
        thread::yield_now();
    }
    let done = server.stop();
    assert!(
        done.stderr
            .contains("leaving PostgreSQL running for the other process")
    );
    session.execute("COMMIT");
    drop(session);
    assert_eq!(command.wait().output(), "every tally equals a recount\n");
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn a_command_without_a_server_starts_postgresql_and_stops_it() {
    let dir = DataDir::new();
    let output = dir
        .run(&["import", "page", &page(), "--title=Lamp"])
        .output();
    assert!(output.ends_with("stored\n"), "{output}");
    assert_eq!(dir.processes(), [0; 0]);
    let output = dir.run(&["check"]).output();
    assert_eq!(output, "every tally equals a recount\n");
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn concurrent_commands_on_a_new_directory_all_succeed() {
    let dir = DataDir::new();
    let page = page();
    let commands: [&[&str]; 6] = [
        &["migrate", "up"],
        &["migrate", "status"],
        &["import", "page", &page, "--title=Lamp"],
        &["import", "page", &page, "--title=Lamp"],
        &["import", "page", &page, "--title=Wick"],
        &["migrate", "up"],
    ];
    let running: Vec<_> = commands
        .iter()
        .map(|arguments| Program::start(dir.command(arguments), None))
        .collect();
    for program in running {
        program.wait().output();
    }
    assert_eq!(dir.processes(), [0; 0]);
    let server = dir.serve(&[]);
    assert_eq!(server.titles()["films"]["totalCount"], 2);
}
