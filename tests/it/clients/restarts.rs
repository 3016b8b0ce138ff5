//! Clients whose server is restarted.

use std::process::Command;

use crate::support::{
    program::{DataDir, Program},
    root,
};

#[test]
fn graphql_ws_and_graphql_sse_clients_learn_that_they_may_have_missed_events() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[]);
    let address = server.address();
    let mut command = Command::new("node");
    command
        .args(["restarts.mjs", &format!("http://{address}")])
        .current_dir(root().join("tests/clients"));
    let mut clients = Program::start(command, None);
    clients.wait_for("connected");
    server.stop();
    let listen = format!("--listen={address}");
    let restarted = Program::ready(dir.command(&["serve", &listen, "--workers=1"]));
    let result = clients.wait();
    assert!(
        result.status.success(),
        "{}\n{}\n{}",
        result.stdout,
        result.stderr,
        restarted.log()
    );
}
