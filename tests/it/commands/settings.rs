//! Settings that contradict each other are reported when the server starts, before it touches a database.

use crate::support::program::{DataDir, run};

#[test]
fn all_contradictions_are_reported_at_once_and_nothing_is_created() {
    let dir = DataDir::new();
    let result = run(dir.server(&[
        "--rate-limit=60",
        "--rate-burst=1000000",
        "--max-depth=2",
        "--persisted=off",
        "--documents=/nowhere",
        "--jwt-issuer=https://id.example",
    ]));
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    let (_, errors) = result.stderr.split_once("error: ").unwrap();
    let lines: Vec<_> = errors.lines().map(str::trim).collect();
    assert_eq!(lines[0], "5 contradictions in the settings:");
    for (line, start) in lines[1..].iter().zip([
        "--rate-limit=60 allows less than one page a minute",
        "--rate-burst=1000000 refills in 16666 minutes",
        "--max-depth=2 allows no page",
        "--jwt-issuer, --jwt-audience and --jwt-jwks belong together",
        "--persisted off and --documents contradict each other",
    ]) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(!dir.path().exists());
}

#[test]
fn a_setting_without_effect_is_logged_in_one_line_and_the_server_starts() {
    let dir = DataDir::migrated();
    let server = dir.serve(&[
        "--connection-timeout=60000",
        "--request-timeout=5",
        "--worker-connections=100",
    ]);
    let log = server.log();
    for part in [
        "--connection-timeout=60000 (milliseconds) has no effect: --request-timeout=5",
        "--workers=1 with --worker-connections=100 may open 100 connections, and PostgreSQL accepts 97",
    ] {
        let lines = log.lines().filter(|line| line.contains(part));
        assert_eq!(lines.count(), 1, "{part}: {log}");
    }
    assert_eq!(log.matches(" WARN ").count(), 2, "{log}");
    assert_eq!(server.stop().status.code(), Some(0));
}
