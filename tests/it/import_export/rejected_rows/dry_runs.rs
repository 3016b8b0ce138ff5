//! Dry runs.

use super::MIXED;
use crate::import_export::{Workspace, import_error};

#[test]
fn a_dry_run_reports_the_same_and_stores_nothing() {
    let trial = Workspace::empty();
    trial.csv("film,critic,score\nLantern,Ann Lee,10\n");
    let before = trial.counts();
    let text = MIXED.replace(",wire,1,", ",,,");
    let tried = trial
        .import("rows.csv", &text, &["--skip-bad-rows", "--dry-run"])
        .output();
    assert_eq!(trial.counts(), before);
    assert!(
        tried.ends_with("\ndry run: nothing was stored\n"),
        "{tried}"
    );
    let done = trial
        .import("rows.csv", &text, &["--skip-bad-rows", "--rejects=why.csv"])
        .output();
    assert_eq!(trial.read("why.csv"), trial.read("rejected.csv"));
    assert_eq!(
        tried.replace("dry run: nothing was stored\n", "stored\n"),
        done
    );
    assert_ne!(trial.counts(), before);

    let done = trial.import("rows.csv", MIXED, &["--dry-run"]);
    assert!(import_error(&done).starts_with("1 invalid row"), "{done:?}");
    trial.assert_tallies();
}

#[test]
fn a_dry_run_does_not_migrate_the_schema() {
    let trial = Workspace::empty();
    trial.run(&["migrate", "down", "--steps=1"]).output();
    let before = trial.run(&["migrate", "status"]).output();
    let done = trial.import("rows.csv", "film\nLantern\n", &["--dry-run"]);
    assert!(
        import_error(&done).contains("marquee migrate up"),
        "{done:?}"
    );
    assert_eq!(trial.run(&["migrate", "status"]).output(), before);
}
