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
fn a_connection_that_is_dead_by_itself_is_given_up_and_the_others_serve_on() {
    let stage = Stage::new(&["--request-timeout=1"]);
    for _ in 0..20 {
        assert_eq!(stage.ask(None, FILMS).0, 200);
    }
    let session = stage.directory.session();
    let processes = session.value(
        "SELECT string_agg(pid::text, ' ') AS value FROM pg_stat_activity
         WHERE application_name = 'marquee' AND pid <> pg_backend_pid()",
    );
    // As when a firewall has forgotten them: nothing is refused, nothing is answered. New ones are fine.
    let processes: Vec<i32> = processes
        .split(' ')
        .map(|pid| pid.parse().unwrap())
        .collect();
    for process in &processes {
        kill(Pid::from_raw(*process), Signal::SIGSTOP).unwrap();
    }
    let mut failed = 0;
    for _ in 0..60 {
        let (status, code, _) = stage.ask(None, FILMS);
        if status != 200 {
            assert!(
                ["UNAVAILABLE", "DEADLINE_EXCEEDED"].contains(&code.as_str().unwrap()),
                "{code}"
            );
            failed += 1;
        }
    }
    // Each worker meets each of its connections once.
    assert!(
        failed <= processes.len(),
        "{failed} of 60 failed over {} dead connections",
        processes.len()
    );
    for _ in 0..40 {
        assert_eq!(stage.ask(Some(&stage.token), FILMS).0, 200);
    }
    assert!(stage.is_ready());
    for process in &processes {
        kill(Pid::from_raw(*process), Signal::SIGCONT).unwrap();
    }
}

#[test]
fn a_server_goes_on_beside_the_schema_of_a_later_version() {
    let stage = Stage::new(&[]);
    let session = stage.directory.session();
    session.execute(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_later', 1)",
    );
    assert!(stage.is_ready());
    assert_eq!(stage.ask(None, FILMS).0, 200);
    session.execute("DELETE FROM seaql_migrations WHERE version LIKE '%_000011_%'");
    assert!(!stage.is_ready());
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
