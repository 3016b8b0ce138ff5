//! PostgreSQL stopped, started again, and read-only for a while.

use std::time::Duration;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};

use super::stage::Stage;

const FILMS: &str = "{ films(first: 1) { nodes { title score { label } } } }";

#[test]
fn while_postgresql_is_away_reads_are_answered_503_in_less_than_a_second_and_service_comes_back() {
    let mut stage = Stage::new(&[]);
    // Every connection is open, and so is dead afterwards.
    for _ in 0..20 {
        assert_eq!(stage.ask(None, FILMS).0, 200);
    }
    for _ in 0..2 {
        stage.stop();
        for _ in 0..20 {
            for token in [None, Some(stage.token.as_str())] {
                let (status, code, took) = stage.ask(token, FILMS);
                assert_eq!((status, code), (503, json!("UNAVAILABLE")));
                assert!(took < Duration::from_secs(1), "{took:?}");
            }
        }
        assert!(!stage.is_ready());
        assert_eq!(
            stage
                .client
                .get(stage.url("/health/live"))
                .send()
                .unwrap()
                .status(),
            200
        );
        stage.start();
        let within = Duration::from_secs(2);
        stage.wait_until(within, "back", || stage.ask(None, FILMS).0 == 200);
        stage.wait_until(within, "ready", || stage.is_ready());
        for _ in 0..20 {
            assert_eq!(stage.ask(Some(&stage.token), FILMS).0, 200);
        }
    }
    let warnings = stage
        .server
        .log()
        .matches("the database can't be reached")
        .count();
    assert!(
        warnings < 20,
        "{warnings} lines tell of it:\n{}",
        stage.server.log()
    );
    assert!(
        !stage.server.log().contains("panicked"),
        "{}",
        stage.server.log()
    );
}

#[test]
fn while_postgresql_is_silent_reads_are_answered_503_in_less_than_a_second() {
    let stage = Stage::new(&[]);
    for _ in 0..20 {
        assert_eq!(stage.ask(Some(&stage.token), FILMS).0, 200);
    }
    let everybody = |signal| {
        for process in stage.directory.processes() {
            kill(Pid::from_raw(process), signal).unwrap();
        }
    };
    for _ in 0..2 {
        // It takes connections and statements, and says nothing.
        everybody(Signal::SIGSTOP);
        for _ in 0..10 {
            for token in [None, Some(stage.token.as_str())] {
                let (status, code, took) = stage.ask(token, FILMS);
                assert_eq!((status, code), (503, json!("UNAVAILABLE")));
                assert!(took < Duration::from_secs(1), "{took:?}");
            }
        }
        assert!(!stage.is_ready());
        everybody(Signal::SIGCONT);
        let within = Duration::from_secs(2);
        stage.wait_until(within, "back", || stage.ask(None, FILMS).0 == 200);
        stage.wait_until(within, "ready", || stage.is_ready());
        for _ in 0..20 {
            assert_eq!(stage.ask(Some(&stage.token), FILMS).0, 200);
        }
    }
    let log = stage.server.log();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn while_postgresql_only_reads_mutations_are_not_done_and_afterwards_they_are() {
    let stage = Stage::new(&[]);
    let add = |title: &str| {
        let query =
            format!("mutation {{ addFilm(input: {{title: \"{title}\"}}) {{ film {{ id }} }} }}");
        let response = stage
            .client
            .post(stage.url("/graphql"))
            .json(&json!({"query": query}));
        response
            .bearer_auth(&stage.token)
            .send()
            .unwrap()
            .json::<Value>()
            .unwrap()
    };
    assert!(add("Before")["data"]["addFilm"]["film"]["id"].is_string());
    // What was promoted elsewhere is reached by the old address, but not by the old connections.
    let database = "SELECT 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET default_transaction_read_only = on' AS value";
    let session = stage.directory.session();
    let statement = session.value(database);
    session.execute(&statement);
    session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
    let refused = add("Between");
    assert_eq!(
        refused["errors"][0]["extensions"]["code"], "UNAVAILABLE",
        "{refused}"
    );
    assert_eq!(stage.ask(None, FILMS).0, 200);
    session.execute("SET default_transaction_read_only = off");
    session.execute(&statement.replace("= on", "= off"));
    // Nobody ends the connections that still only read: they are exchanged when they are found to.
    stage.wait_until(Duration::from_secs(2), "done", || {
        add("After")["data"]["addFilm"]["film"]["id"].is_string()
    });
    let count = session.value("SELECT count(*)::text AS value FROM film WHERE title = 'Between'");
    assert_eq!(count, "0");
}
