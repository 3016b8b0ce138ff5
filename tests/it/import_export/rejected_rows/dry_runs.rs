//! Dry runs.

use super::MIXED;
use crate::import_export::{Workspace, import_error};

#[test]
fn a_dry_run_reports_the_same_and_stores_nothing() {
    let workspace = Workspace::empty();
    workspace.csv("film,critic,score\nLantern,Ann Lee,10\n");
    let before = workspace.counts();
    let text = MIXED.replace(",wire,1,", ",,,");
    let dry_run = workspace
        .import("rows.csv", &text, &["--skip-bad-rows", "--dry-run"])
        .output();
    assert_eq!(workspace.counts(), before);
    assert!(
        dry_run.ends_with("\ndry run: nothing was stored\n"),
        "{dry_run}"
    );
    let result = workspace
        .import("rows.csv", &text, &["--skip-bad-rows", "--rejects=why.csv"])
        .output();
    assert_eq!(
        workspace.read("why.csv"),
        workspace.read("rejected.dry-run.csv")
    );
    assert_eq!(
        dry_run.replace("dry run: nothing was stored\n", "stored\n"),
        result
    );
    assert_ne!(workspace.counts(), before);

    let result = workspace.import("rows.csv", MIXED, &["--dry-run"]);
    assert!(
        import_error(&result).starts_with("1 invalid row"),
        "{result:?}"
    );
    workspace.assert_tallies();
}

#[test]
fn a_dry_run_does_not_migrate_the_schema() {
    let workspace = Workspace::empty();
    workspace.run(&["migrate", "down", "--yes"]).output();
    let before = workspace.run(&["migrate", "status"]).output();
    let output = workspace.import("rows.csv", "film,score\nLantern,70\n", &["--dry-run"]);
    let output = output.output();
    assert!(output.starts_with("films: 0 read\n"), "{output}");
    assert!(output.contains("\nreviews: 1 read\n"), "{output}");
    assert!(
        output.contains("nothing to compare with: the database has pending migrations"),
        "{output}"
    );
    assert_eq!(workspace.run(&["migrate", "status"]).output(), before);
}
