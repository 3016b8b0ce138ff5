//! Sequences behind their tables: `check` finds them, `check --repair` advances them, and `serve` does not start.

use super::{command_on, demo, output};
use crate::support::{
    TestDatabase,
    program::{Program, Session, marquee, run, run_over, url},
};

const SERVE: [&str; 3] = ["serve", "--listen=127.0.0.1:0", "--workers=1"];

/// Returns the next key of a sequence and whether it has generated one, without generating one.
fn state(session: &Session, table: &str) -> String {
    session.value(&format!(
        "SELECT concat_ws(' ', last_value, is_called) AS value FROM {table}_id_seq"
    ))
}

fn set_back(database: &TestDatabase) -> Session {
    let session = Session::open(&database.options());
    session.execute("SELECT setval('film_id_seq', 1); SELECT setval('review_id_seq', 1, false)");
    session
}

#[test]
fn a_sequence_behind_its_table_is_found_and_advanced() {
    let database = demo();
    let session = set_back(&database);
    let result = run(command_on(&database, &["check"]));
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    assert_eq!(
        result.stdout,
        "table film: the next key of its sequence is 2, but its highest key is 12\n\
        table review: the next key of its sequence is 1, but its highest key is 150\n\
        sequences behind their tables: 2\n"
    );
    let result = run(command_on(&database, &SERVE));
    let error = result.error();
    assert!(
        error.contains("run `marquee check --repair` first")
            && error.contains("table film")
            && error.contains("table review"),
        "{error}"
    );
    let rows = b"film,critic,score\nFilm 1,Critic 1,10\n";
    let result = run_over(command_on(&database, &["import", "csv", "-"]), rows);
    assert!(
        result.error().contains("`marquee check --repair`"),
        "{result:?}"
    );
    assert!(output(&database, &["check", "--repair"]).contains("advanced sequences: 2"));
    assert_eq!(
        [state(&session, "film"), state(&session, "review")],
        ["12 t", "150 t"]
    );
    assert_eq!(
        output(&database, &["check"]),
        "every tally equals a recount\n"
    );
    let server = Program::ready(command_on(&database, &SERVE));
    assert_eq!(server.stop().status.code(), Some(0));
}

#[test]
fn a_sequence_ahead_of_its_table_is_never_moved_back() {
    let database = demo();
    let session = Session::open(&database.options());
    session.execute(
        "SELECT setval('film_id_seq', 1000); ALTER SEQUENCE critic_id_seq RESTART WITH 1000",
    );
    assert!(!output(&database, &["check", "--repair"]).contains("sequence"));
    assert_eq!(
        [state(&session, "film"), state(&session, "critic")],
        ["1000 t", "1000 f"]
    );
}

#[test]
fn the_keys_of_deleted_reviews_are_not_reused() {
    let database = demo();
    let session = Session::open(&database.options());
    session.execute("DELETE FROM review WHERE id > 100; SELECT setval('review_id_seq', 100)");
    assert!(output(&database, &["check", "--repair"]).contains("advanced sequences: 1"));
    assert_eq!(state(&session, "review"), "150 t");
}

#[test]
fn a_repair_waits_for_a_writer_and_advances_the_sequence_beyond_its_rows() {
    let database = demo();
    let session = set_back(&database);
    let writer = Session::open(&database.options());
    writer.execute(
        "BEGIN; INSERT INTO film (id, slug, title) OVERRIDING SYSTEM VALUE VALUES (500, 'a-film', 'A film')",
    );
    let repair = Program::start(command_on(&database, &["check", "--repair"]), None);
    let waits = "SELECT count(*)::text AS value FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE film %'";
    while session.value(waits) == "0" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    writer.execute("COMMIT");
    assert!(repair.wait().output().contains("advanced sequences: 2"));
    assert_eq!(state(&session, "film"), "500 t");
}

#[test]
fn every_generated_key_is_checked() {
    let database = demo();
    let session = Session::open(&database.options());
    session.execute(
        "INSERT INTO api_token (public_id, secret_hash, name, role, created_by)
            VALUES ('000000000000', decode(repeat('00', 32), 'hex'), 'a', 'editor', 'test');
        INSERT INTO published_score (film_id, source, kind, value) SELECT min(id), 'x', 'score', 1 FROM film;
        UPDATE review SET byline = 'x' WHERE id = (SELECT min(id) FROM review);
        INSERT INTO erasure (critic_id, erased_by, review_count, revision_count, texts_removed) VALUES (1, 'test', 0, 0, true)",
    );
    let sequences = "SELECT string_agg(attrelid::regclass::text, ' ' ORDER BY attrelid::regclass::text) AS value
        FROM pg_attribute WHERE attidentity <> ''";
    let tables = session.value(sequences);
    for table in tables.split(' ') {
        session.execute(&format!("SELECT setval('{table}_id_seq', 1, false)"));
    }
    let result = run(command_on(&database, &["check"]));
    for table in tables.split(' ') {
        let line = format!("table {table}: the next key of its sequence is 1,");
        assert!(result.stdout.contains(&line), "{result:?}");
    }
}

#[test]
fn a_role_that_may_not_read_the_sequences_is_told_so() {
    let database = demo();
    let session = set_back(&database);
    session.execute("REVOKE SELECT ON SEQUENCE film_id_seq FROM marquee_serving");
    let by_the_role = |arguments: &[&str]| {
        let mut command = marquee(arguments);
        command.args(["--database-url", &url(&database.serving_options())]);
        command
    };
    let result = run(by_the_role(&["check"]));
    let error = result.error();
    assert!(
        error.contains("serving-role.sql") && error.contains("permission denied for sequence film"),
        "{error}"
    );
    let mut serve = SERVE.to_vec();
    serve.push("--migrate=false");
    let server = Program::ready(by_the_role(&serve));
    assert!(
        server.log().contains("the sequences are not checked"),
        "{}",
        server.log()
    );
    assert_eq!(server.stop().status.code(), Some(0));
    session.execute("GRANT SELECT ON SEQUENCE film_id_seq TO marquee_serving");
    let result = run(by_the_role(&serve));
    assert!(
        result.error().contains("run `marquee check --repair`"),
        "{result:?}"
    );
}
