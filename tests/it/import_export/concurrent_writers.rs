//! Writers concurrent with an import: each waits for the other's locks, without deadlocks.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use serde_json::{Value, json};

use super::{CHECK_PASSED, Workspace, running_imports::BLOCKED};
use crate::support::program::{Program, Session};

/// Returns an export with changed excerpts and weights.
fn with_changes(export: &str, word: &str, weight: f64) -> String {
    let change = |line: &str| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        match row["kind"].as_str() {
            None => row["excerpt"] = json!(word),
            Some("publication") => row["weight"] = json!(weight),
            Some(_) => {}
        }
        format!("{row}\n")
    };
    export.lines().map(change).collect()
}

/// Executes the statements in turn, each in its own transaction, until `is_over`. Returns their number.
fn write(trial: &Workspace, statements: &[&str], is_over: &AtomicBool) -> usize {
    let session = Session::open(&trial.database.options());
    let mut written = 0;
    while !is_over.load(Ordering::Relaxed) {
        for statement in statements {
            session.execute(statement);
            written += 1;
        }
    }
    written
}

#[test]
fn concurrent_writers_and_an_import_do_not_fail() {
    const CHANGES: &[&str] = &[
        "UPDATE review SET score = 7, score_rule = 'given', excerpt = 'By hand.'
         WHERE id = (SELECT id FROM review ORDER BY md5(id::text || clock_timestamp()) LIMIT 1)",
    ];
    const ADDS_AND_DELETES: &[&str] = &[
        "INSERT INTO review (film_id, critic_id, publication_id, source, external_id)
         SELECT film.id, critic.id, publication.id, 'by hand', clock_timestamp()::text
         FROM film, critic, publication ORDER BY md5(film.id::text || critic.id || clock_timestamp()) LIMIT 1",
        "DELETE FROM review WHERE id = (SELECT id FROM review ORDER BY md5(id::text || clock_timestamp()) LIMIT 1)",
    ];
    const REWEIGHS: &[&str] = &[
        "UPDATE publication SET weight = 100 + (random() * 100)::integer
         WHERE id = (SELECT id FROM publication ORDER BY random() LIMIT 1)",
    ];
    let trial = Workspace::empty();
    let size = [
        "--films=12",
        "--critics=9",
        "--publications=4",
        "--reviews=600",
    ];
    trial
        .run(&[&["generate"], size.as_slice()].concat())
        .output();
    let export = trial.run(&["export", "jsonl"]).output();
    let (is_over, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for statements in [CHANGES, ADDS_AND_DELETES, REWEIGHS] {
            let (trial, is_over, written) = (&trial, &is_over, &written);
            scope.spawn(move || {
                written.fetch_add(write(trial, statements, is_over), Ordering::Relaxed);
            });
        }
        for round in 0..6 {
            let text = with_changes(
                &export,
                &format!("Round {round}."),
                0.5 + f64::from(round) / 4.0,
            );
            let done = trial.import("rows.jsonl", text, &[]);
            if !done.status.success() {
                is_over.store(true, Ordering::Relaxed);
            }
            done.output();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(written.load(Ordering::Relaxed) > 20);
    assert_eq!(trial.run(&["check"]).output(), CHECK_PASSED);
}

/// Starts an import that changes every review while another transaction holds a lock, and waits until the import is
/// blocked.
fn start_blocked_import(trial: &Workspace) -> Program {
    let export = trial.run(&["export", "jsonl"]).output();
    trial.write("rows.jsonl", with_changes(&export, "Anew.", 2.0));
    let program = Program::start(trial.command(&["import", "jsonl", "rows.jsonl"]), None);
    trial.wait_until(BLOCKED);
    program
}

#[test]
fn an_import_that_waits_for_a_review_does_not_hold_the_locks_of_its_writer() {
    let trial = Workspace::demo();
    let writer = Session::open(&trial.database.options());
    let one = "WHERE id = (SELECT max(id) FROM review)";
    writer.execute(&format!(
        "BEGIN; UPDATE review SET excerpt = 'By hand.' {one}"
    ));
    let import = start_blocked_import(&trial);
    // This updates the tallies of the film, the critic and the publication.
    writer.execute(&format!(
        "UPDATE review SET score = 1, score_rule = 'given' {one}; COMMIT"
    ));
    import.wait().output();
    assert_eq!(trial.rows("DISTINCT excerpt FROM review"), ["(Anew.)"]);
    trial.assert_tallies();
}

#[test]
fn rows_deleted_while_an_import_waits_for_them_are_added_again() {
    let trial = Workspace::demo();
    let before = trial.rows("title FROM film ORDER BY title");
    let writer = Session::open(&trial.database.options());
    writer.execute("BEGIN; DELETE FROM film WHERE id = (SELECT max(id) FROM film)");
    writer.execute("DELETE FROM critic WHERE id = (SELECT min(id) FROM critic)");
    let import = start_blocked_import(&trial);
    writer.execute("COMMIT");
    import.wait().output();
    assert_eq!(trial.rows("title FROM film ORDER BY title"), before);
    assert_eq!(trial.rows("DISTINCT excerpt FROM review"), ["(Anew.)"]);
    trial.assert_tallies();
}
