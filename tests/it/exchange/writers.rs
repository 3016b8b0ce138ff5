//! Others who write while an import is under way: they and it wait for each other, but never in a circle.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use serde_json::{Value, json};

use super::{ALL_WELL, Trial};
use crate::support::program::Session;

/// An export in which every review has another excerpt and every publication another weight.
fn changed(export: &str, word: &str, weight: f64) -> String {
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

/// Writes one statement after the other, each in a transaction of its own, until all is over. Tells how many they were.
fn write(trial: &Trial, statements: &[&str], is_over: &AtomicBool) -> usize {
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
fn writers_beside_an_import_neither_fail_nor_make_it_fail() {
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
    let trial = Trial::empty();
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
            let text = changed(
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
    assert_eq!(trial.run(&["check"]).output(), ALL_WELL);
}
