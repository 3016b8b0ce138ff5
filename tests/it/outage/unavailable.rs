//! PostgreSQL stopped, restarted, unresponsive, and read-only.

use std::time::Duration;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};

use super::outage_server::OutageServer;

const FILMS: &str = "{ films(first: 1) { nodes { title score { label } } } }";

#[test]
fn reads_get_503_within_a_second_while_postgresql_is_stopped_and_recover() {
    let mut server = OutageServer::new(&[]);
    // Opens every connection of the pool, so that all of them break.
    for _ in 0..20 {
        assert_eq!(server.send(None, FILMS).0, 200);
    }
    for _ in 0..2 {
        server.stop();
        for _ in 0..20 {
            for token in [None, Some(server.token.as_str())] {
                let (status, code, elapsed) = server.send(token, FILMS);
                assert_eq!((status, code), (503, json!("UNAVAILABLE")));
                assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
            }
        }
        assert!(!server.is_ready());
        assert_eq!(
            server
                .client
                .get(server.url("/health/live"))
                .send()
                .unwrap()
                .status(),
            200
        );
        server.start();
        let within = Duration::from_secs(2);
        server.wait_until(within, "back", || server.send(None, FILMS).0 == 200);
        server.wait_until(within, "ready", || server.is_ready());
        for _ in 0..20 {
            assert_eq!(server.send(Some(&server.token), FILMS).0, 200);
        }
    }
    let warnings = server
        .server
        .log()
        .matches("the database can't be reached")
        .count();
    assert!(
        warnings < 20,
        "{warnings} warnings:\n{}",
        server.server.log()
    );
    assert!(
        !server.server.log().contains("panicked"),
        "{}",
        server.server.log()
    );
}

#[test]
fn reads_get_503_within_a_second_while_postgresql_is_unresponsive() {
    let server = OutageServer::new(&[]);
    for _ in 0..20 {
        assert_eq!(server.send(Some(&server.token), FILMS).0, 200);
    }
    let signal_all = |signal| {
        for process in server.directory.processes() {
            kill(Pid::from_raw(process), signal).unwrap();
        }
    };
    for _ in 0..2 {
        // PostgreSQL accepts connections and statements, but sends nothing.
        signal_all(Signal::SIGSTOP);
        for _ in 0..10 {
            for token in [None, Some(server.token.as_str())] {
                let (status, code, elapsed) = server.send(token, FILMS);
                assert_eq!((status, code), (503, json!("UNAVAILABLE")));
                assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
            }
        }
        assert!(!server.is_ready());
        signal_all(Signal::SIGCONT);
        let within = Duration::from_secs(2);
        server.wait_until(within, "back", || server.send(None, FILMS).0 == 200);
        server.wait_until(within, "ready", || server.is_ready());
        for _ in 0..20 {
            assert_eq!(server.send(Some(&server.token), FILMS).0, 200);
        }
    }
    let log = server.server.log();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn dead_connections_are_replaced_while_others_work() {
    let server = OutageServer::new(&["--request-timeout=1"]);
    for _ in 0..20 {
        assert_eq!(server.send(None, FILMS).0, 200);
    }
    let session = server.directory.session();
    let processes = session.value(
        "SELECT string_agg(pid::text, ' ') AS value FROM pg_stat_activity
         WHERE application_name = 'marquee' AND pid <> pg_backend_pid()",
    );
    // As if a firewall had dropped their state: no errors and no responses. New connections work.
    let processes: Vec<i32> = processes
        .split(' ')
        .map(|pid| pid.parse().unwrap())
        .collect();
    for process in &processes {
        kill(Pid::from_raw(*process), Signal::SIGSTOP).unwrap();
    }
    let mut failed = 0;
    for _ in 0..60 {
        let (status, code, _) = server.send(None, FILMS);
        if status != 200 {
            assert!(
                ["UNAVAILABLE", "DEADLINE_EXCEEDED"].contains(&code.as_str().unwrap()),
                "{code}"
            );
            failed += 1;
        }
    }
    // Each worker fails at most once with each of its connections.
    assert!(
        failed <= processes.len(),
        "{failed} of 60 failed over {} dead connections",
        processes.len()
    );
    for _ in 0..40 {
        assert_eq!(server.send(Some(&server.token), FILMS).0, 200);
    }
    assert!(server.is_ready());
    for process in &processes {
        kill(Pid::from_raw(*process), Signal::SIGCONT).unwrap();
    }
}

#[test]
fn a_server_works_with_the_schema_of_a_later_version() {
    let server = OutageServer::new(&[]);
    let session = server.directory.session();
    session.execute(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_later', 1)",
    );
    assert!(server.is_ready());
    assert_eq!(server.send(None, FILMS).0, 200);
    session.execute("DELETE FROM seaql_migrations WHERE version LIKE '%_000011_%'");
    assert!(!server.is_ready());
}

#[test]
fn mutations_fail_while_postgresql_is_read_only_and_succeed_afterwards() {
    let server = OutageServer::new(&[]);
    let add = |title: &str| {
        let query =
            format!("mutation {{ addFilm(input: {{title: \"{title}\"}}) {{ film {{ id }} }} }}");
        let response = server
            .client
            .post(server.url("/graphql"))
            .json(&json!({"query": query}));
        response
            .bearer_auth(&server.token)
            .send()
            .unwrap()
            .json::<Value>()
            .unwrap()
    };
    assert!(add("Before")["data"]["addFilm"]["film"]["id"].is_string());
    // After a failover, new connections reach the new primary, but existing ones break.
    let database = "SELECT 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET default_transaction_read_only = on' AS value";
    let session = server.directory.session();
    let statement = session.value(database);
    session.execute(&statement);
    session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
    let rejected = add("Between");
    assert_eq!(
        rejected["errors"][0]["extensions"]["code"], "UNAVAILABLE",
        "{rejected}"
    );
    assert_eq!(server.send(None, FILMS).0, 200);
    session.execute("SET default_transaction_read_only = off");
    session.execute(&statement.replace("= on", "= off"));
    // The read-only connections stay open. The server replaces each one when a mutation fails on it.
    server.wait_until(Duration::from_secs(2), "done", || {
        add("After")["data"]["addFilm"]["film"]["id"].is_string()
    });
    let count = session.value("SELECT count(*)::text AS value FROM film WHERE title = 'Between'");
    assert_eq!(count, "0");
}
