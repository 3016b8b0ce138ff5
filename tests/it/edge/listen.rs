//! The address that the server listens on.

use crate::support::program::{DataDir, Program, marquee, run};

#[test]
fn a_server_listens_on_the_addresses_of_a_name() {
    let dir = DataDir::migrated();
    let mut command = dir.command(&["serve", "--listen=localhost:0", "--workers=1"]);
    command.arg("--metrics-listen=localhost:0");
    let server = Program::ready(command);
    assert!(server.address().ip().is_loopback());
    assert!(
        server.log().contains("metrics: http://"),
        "{}",
        server.log()
    );
    server.query("{ __typename }");
    let log = server.stop().stderr;
    assert!(log.contains("listen=localhost:0"), "{log}");
}

#[test]
fn a_server_listens_on_all_addresses_of_the_machine() {
    let dir = DataDir::migrated();
    let mut server = Program::start(dir.command(&["serve", "--listen=:0", "--workers=1"]), None);
    let line = server.wait_for("ready: http://");
    let port = line
        .split("]:")
        .nth(1)
        .or_else(|| line.split("0.0.0.0:").nth(1));
    let port = port.unwrap().split('/').next().unwrap();
    let url = format!("http://127.0.0.1:{port}/health/live");
    let answered = reqwest::blocking::get(url).unwrap();
    assert_eq!(answered.status().as_u16(), 200);
    assert!(server.stop().status.success());
}

#[test]
fn every_other_form_is_rejected_in_words() {
    for (listen, words) in [
        ("::1:8000", "[::1]:8000"),
        ("localhost", "the port is missing"),
        ("http://localhost:8000", "this is a URL"),
        ("127.0.0.1:http", "the port is a number"),
        ("films example:80", "neither an address nor a name"),
    ] {
        for option in ["--listen", "--metrics-listen"] {
            let result = run(marquee(&["serve", &format!("{option}={listen}")]));
            assert!(!result.status.success(), "{listen}");
            assert!(result.stderr.contains(words), "{}", result.stderr);
        }
    }
}
