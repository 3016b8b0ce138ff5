//! Faults of servers.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use super::{Shared, TIMEOUT};
use crate::support::{
    program::{Program, marquee},
    test_rng::TestRng,
};

pub const STOPPED_SERVER: &str = "server stopped";

pub const KILLED_SERVER: &str = "server killed";

/// Returns the command that starts a server.
pub fn server(url: &str, address: &str) -> Command {
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
pub fn inject_server_faults(
    (mut program, mut turn): (Program, usize),
    url: &str,
    mut rng: TestRng,
    shared: &Shared,
) -> Program {
    let address = program.address().to_string();
    while shared.wait(500 + rng.below(4_000)) {
        assert!(
            !program.has_ended(),
            "a server exited unexpectedly:\n{}",
            program.log()
        );
        turn += 1;
        let log = if turn % 3 == 0 {
            shared.record(STOPPED_SERVER);
            let result = program.stop();
            assert_eq!(result.status.code(), Some(0), "{result:?}");
            result.stderr
        } else {
            shared.record(KILLED_SERVER);
            program.signal(Signal::SIGKILL);
            program.wait().stderr
        };
        shared.account.lock().unwrap().record_log(&log);
        thread::sleep(Duration::from_millis(rng.below(300) as u64));
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
