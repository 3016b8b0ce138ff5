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
fn write(workspace: &Workspace, statements: &[&str], is_over: &AtomicBool) -> usize {
    let session = Session::open(&workspace.database.options());
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
    let workspace = Workspace::empty();
    let size = [
        "--films=12",
        "--critics=9",
        "--publications=4",
        "--reviews=600",
    ];
    workspace
        .run(&[&["generate"], size.as_slice()].concat())
        .output();
    let export = workspace.run(&["export", "jsonl"]).output();
    let (is_over, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for statements in [CHANGES, ADDS_AND_DELETES, REWEIGHS] {
            let (workspace, is_over, written) = (&workspace, &is_over, &written);
            scope.spawn(move || {
                written.fetch_add(write(workspace, statements, is_over), Ordering::Relaxed);
            });
        }
        for round in 0..6 {
            let text = with_changes(
                &export,
                &format!("Round {round}."),
                0.5 + f64::from(round) / 4.0,
            );
            let result = workspace.import("rows.jsonl", text, &[]);
            if !result.status.success() {
                is_over.store(true, Ordering::Relaxed);
            }
            result.output();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(written.load(Ordering::Relaxed) > 20);
    assert_eq!(workspace.run(&["check"]).output(), CHECK_PASSED);
}

/// Starts an import that changes every review while another transaction holds a lock, and waits until the import is
/// blocked.
fn start_blocked_import(workspace: &Workspace) -> Program {
    let export = workspace.run(&["export", "jsonl"]).output();
    workspace.write("rows.jsonl", with_changes(&export, "Anew.", 2.0));
    let program = Program::start(workspace.command(&["import", "jsonl", "rows.jsonl"]), None);
    workspace.wait_until(BLOCKED);
    program
}

#[test]
fn an_import_that_waits_for_a_review_does_not_hold_the_locks_of_its_writer() {
    let workspace = Workspace::demo();
    let writer = Session::open(&workspace.database.options());
    let one = "WHERE id = (SELECT max(id) FROM review)";
    writer.execute(&format!(
        "BEGIN; UPDATE review SET excerpt = 'By hand.' {one}"
    ));
    let import = start_blocked_import(&workspace);
    // This updates the tallies of the film, the critic and the publication.
    writer.execute(&format!(
        "UPDATE review SET score = 1, score_rule = 'given' {one}; COMMIT"
    ));
    import.wait().output();
    assert_eq!(workspace.rows("DISTINCT excerpt FROM review"), ["(Anew.)"]);
    workspace.assert_tallies();
}

#[test]
fn rows_deleted_while_an_import_waits_for_them_are_added_again() {
    let workspace = Workspace::demo();
    let before = workspace.rows("title FROM film ORDER BY title");
    let writer = Session::open(&workspace.database.options());
    writer.execute("BEGIN; DELETE FROM film WHERE id = (SELECT max(id) FROM film)");
    writer.execute("DELETE FROM critic WHERE id = (SELECT min(id) FROM critic)");
    let import = start_blocked_import(&workspace);
    writer.execute("COMMIT");
    import.wait().output();
    assert_eq!(workspace.rows("title FROM film ORDER BY title"), before);
    assert_eq!(workspace.rows("DISTINCT excerpt FROM review"), ["(Anew.)"]);
    workspace.assert_tallies();
}
