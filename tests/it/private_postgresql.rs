//! The private PostgreSQL, by the program itself: that it starts, stops, survives what kills it, and tells what is wrong.

mod errors;
mod places;
mod stopping;

use std::thread;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{
    program::{DataDir, Program, run},
    root,
};

/// The page of five reviews in invented words.
fn page() -> String {
    let path = root().join("tests/it/fixtures/lamp.txt");
    path.to_str().unwrap().to_owned()
}

fn end(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).unwrap();
}

#[test]
fn the_first_start_makes_the_cluster_and_the_next_finds_its_data() {
    let dir = DataDir::new();
    let first = dir.serve(&["--demo"]);
    let titles = first.titles();
    assert!(titles["films"]["totalCount"].as_u64().unwrap() > 0);
    let done = first.stop();
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(done.stderr.contains("making a private PostgreSQL"));

    let second = dir.serve(&["--demo"]);
    assert_eq!(second.titles(), titles);
    let done = second.stop();
    for once in ["making a private", "applied a migration", "loaded the demo"] {
        assert!(!done.stderr.contains(once), "{}", done.stderr);
    }
}

#[test]
fn it_listens_on_no_port_keeps_its_promises_of_durability_and_is_gone_after_a_stop() {
    let dir = DataDir::made();
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
fn nobody_else_can_reach_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let dir = DataDir::new();
    let _server = dir.serve(&[]);
    for name in ["run", "cluster"] {
        let mode = dir.path().join(name).metadata().unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o700, "{name}");
    }
}

#[test]
fn the_settings_of_the_callers_own_postgresql_do_not_leak_into_it() {
    let dir = DataDir::made();
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
fn postgresql_outlives_a_killed_server_and_the_next_one_goes_on_with_it() {
    let dir = DataDir::made();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    server.kill();
    assert!(dir.processes().contains(&postmaster));

    let next = dir.serve(&[]);
    assert!(
        next.log()
            .contains("using the PostgreSQL that runs there already")
    );
    assert_eq!(dir.postmaster(), Some(postmaster));
    assert_eq!(next.titles(), titles);
    assert_eq!(next.stop().status.code(), Some(0));
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn it_recovers_after_everything_was_killed() {
    let dir = DataDir::made();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    server.kill();
    end(postmaster, Signal::SIGKILL);
    // A crash of the machine leaves nothing; here the other processes need a moment to notice.
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
fn a_process_that_got_the_number_of_a_dead_postgresql_is_not_taken_for_it() {
    let dir = DataDir::made();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    server.kill();
    end(postmaster, Signal::SIGKILL);
    while !dir.processes().is_empty() {
        thread::yield_now();
    }

    // A container that starts again hands out the same low numbers, so this one is taken often.
    let mut other = sleeper(&dir);
    let file = dir.cluster().join("postmaster.pid");
    let text = std::fs::read_to_string(&file).unwrap();
    let taken = text.replacen(&postmaster.to_string(), &other.id().to_string(), 1);
    std::fs::write(&file, taken).unwrap();

    let next = Program::start(dir.server(&[]), None);
    let next = ready_or_kill(next, &mut other);
    assert_eq!(next.titles(), titles);
    assert_eq!(next.stop().status.code(), Some(0));
    assert!(other.try_wait().unwrap().is_none(), "it was killed");
    other.kill().unwrap();
    other.wait().unwrap();
}

/// A process of PostgreSQL's account that has nothing to do with it.
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
        server.become_ready();
    }));
    if let Err(panic) = ready {
        other.kill().unwrap();
        other.wait().unwrap();
        std::panic::resume_unwind(panic);
    }
    server
}

#[test]
fn a_start_waits_out_a_postgresql_that_is_just_stopping() {
    let dir = DataDir::made();
    let server = dir.serve(&["--demo"]);
    let titles = server.titles();
    let postmaster = dir.postmaster().unwrap();
    // Whoever stops a whole group of processes stops PostgreSQL as well; a session that is open makes it linger.
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
fn a_second_server_on_the_same_directory_is_refused_and_the_first_goes_on() {
    let dir = DataDir::made();
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
fn a_server_that_can_not_listen_says_so_and_stops_its_postgresql() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = DataDir::made();
    let done = run(dir.command(&["serve", "--listen", &address]));
    let error = done.error();
    assert!(
        error.contains(&address) && error.contains("--listen"),
        "{error}"
    );
    assert_eq!(dir.processes(), [0; 0]);
}

#[test]
fn commands_beside_a_server_work_through_its_postgresql_and_leave_it_running() {
    let dir = DataDir::made();
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
fn a_command_that_outlasts_the_server_stops_postgresql_itself() {
    let dir = DataDir::made();
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
fn several_commands_at_once_on_a_fresh_directory_all_succeed() {
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
