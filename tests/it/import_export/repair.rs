//! `check --repair`: wrong tallies are corrected, and each correction is reported.

use super::{CHECK_PASSED, Workspace, assert_lines};

/// Executes SQL with the triggers disabled, which requires a superuser.
fn without_triggers(workspace: &Workspace, sql: &str) {
    workspace.session.execute(&format!(
        "SET session_replication_role = replica; {sql}; SET session_replication_role = origin"
    ));
}

fn tallies(workspace: &Workspace) -> Vec<String> {
    ["film", "critic", "publication"]
        .iter()
        .flat_map(|owner| workspace.rows(&format!("* FROM {owner}_tally ORDER BY {owner}_id")))
        .collect()
}

#[test]
fn wrong_and_missing_tallies_are_recounted_and_reported() {
    let workspace = Workspace::demo();
    let before = tallies(&workspace);
    without_triggers(
        &workspace,
        "UPDATE film_tally SET review_count = review_count + 5, weighted_sum = 1 WHERE film_id = (SELECT min(id) FROM film);
         DELETE FROM critic_tally WHERE critic_id IN (SELECT id FROM critic ORDER BY id LIMIT 2);
         UPDATE publication_tally SET first_reviewed_on = NULL, score_counts = array_fill(0, ARRAY[101])
            WHERE publication_id = (SELECT min(publication_id) FROM review WHERE reviewed_on IS NOT NULL);
         DELETE FROM review_month_count WHERE month = (SELECT min(month) FROM review_month_count WHERE month > '-infinity')",
    );
    let checked = workspace.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let (report, conclusion) = checked.stdout.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(conclusion, "tallies that differ from a recount: 5");
    let (differences, scores) = report.rsplit_once('\n').unwrap();
    assert_eq!(
        scores,
        "films with another score than their tally's under the rules of the site: 1"
    );
    assert_eq!(differences.lines().count(), 5);
    assert_ne!(tallies(&workspace), before);

    let repaired = workspace.run(&["check", "--repair"]).output();
    assert_eq!(
        repaired,
        format!("{differences}\nrecounted tallies: 5\n{CHECK_PASSED}")
    );
    assert_eq!(tallies(&workspace), before);
    workspace.assert_tallies();
    assert_eq!(workspace.run(&["check", "--repair"]).output(), CHECK_PASSED);
}

#[test]
fn reviews_inserted_without_triggers_are_counted() {
    let workspace = Workspace::demo();
    without_triggers(
        &workspace,
        "DELETE FROM review WHERE id IN (SELECT id FROM review ORDER BY id LIMIT 3);
         UPDATE review SET score = 1, score_rule = 'given' WHERE id = (SELECT max(id) FROM review)",
    );
    let checked = workspace.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let repaired = workspace.run(&["check", "--repair"]).output();
    assert!(repaired.ends_with(CHECK_PASSED), "{repaired}");
    workspace.assert_tallies();
    // The triggers then update the repaired tallies.
    workspace
        .session
        .execute("DELETE FROM review WHERE id = (SELECT max(id) FROM review)");
    workspace.assert_tallies();
}

/// Later changes subtract the weight in the review's row from the sums. A wrong one is found before that happens.
#[test]
fn wrong_weights_of_reviews_are_repaired() {
    let workspace = Workspace::demo();
    let before = tallies(&workspace);
    let weights = "id, weight FROM review ORDER BY id";
    let right = workspace.rows(weights);
    without_triggers(
        &workspace,
        "UPDATE review SET weight = weight + 50 WHERE id IN (
            (SELECT min(id) FROM review WHERE publication_id IS NOT NULL), (SELECT max(id) FROM review WHERE publication_id IS NOT NULL)
         )",
    );
    let checked = workspace.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    assert_lines(
        &checked.stdout,
        &["reviews with another weight than their publication's: 2"],
    );
    let repaired = workspace.run(&["check", "--repair"]).output();
    assert_lines(
        &repaired,
        &[
            "reviews whose publication's weight was corrected: 2",
            CHECK_PASSED.trim_end(),
        ],
    );
    assert_eq!(workspace.rows(weights), right);
    assert_eq!(tallies(&workspace), before);
    workspace.assert_tallies();
}

#[test]
fn a_review_without_a_publication_gets_the_default_weight_back() {
    let workspace = Workspace::demo();
    workspace.csv("film,critic,score\nLantern,Ann Lee,80\n");
    without_triggers(
        &workspace,
        "UPDATE review SET weight = 300 WHERE publication_id IS NULL",
    );
    workspace.run(&["check", "--repair"]).output();
    assert_eq!(
        workspace.value("SELECT string_agg(DISTINCT weight::text, ' ') AS value FROM review WHERE publication_id IS NULL"),
        "100"
    );
    workspace.assert_tallies();
}

#[test]
fn a_publication_weight_changed_without_triggers_is_repaired_in_its_reviews() {
    let workspace = Workspace::demo();
    without_triggers(
        &workspace,
        "UPDATE publication SET weight = 777 WHERE id = (SELECT min(publication_id) FROM review);
         DELETE FROM film_tally WHERE film_id = (SELECT min(film_id) FROM review)",
    );
    assert_eq!(workspace.run(&["check"]).status.code(), Some(1));
    let repaired = workspace.run(&["check", "--repair"]).output();
    assert!(
        repaired.contains("reviews whose publication's weight was corrected: "),
        "{repaired}"
    );
    assert!(repaired.ends_with(CHECK_PASSED), "{repaired}");
    workspace.assert_tallies();
    assert_eq!(
        workspace.rows("* FROM review_revision"),
        [""; 0],
        "a repaired weight adds no revision"
    );
}
