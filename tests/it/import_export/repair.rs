//! `check --repair`: wrong tallies are corrected, and each correction is reported.

use super::{CHECK_PASSED, Workspace, assert_lines};

/// Executes SQL with the triggers disabled, which requires a superuser.
fn without_triggers(trial: &Workspace, sql: &str) {
    trial.session.execute(&format!(
        "SET session_replication_role = replica; {sql}; SET session_replication_role = origin"
    ));
}

fn tallies(trial: &Workspace) -> Vec<String> {
    ["film", "critic", "publication"]
        .iter()
        .flat_map(|owner| trial.rows(&format!("* FROM {owner}_tally ORDER BY {owner}_id")))
        .collect()
}

#[test]
fn wrong_and_missing_tallies_are_recounted_and_reported() {
    let trial = Workspace::demo();
    let before = tallies(&trial);
    without_triggers(
        &trial,
        "UPDATE film_tally SET review_count = review_count + 5, weighted_sum = 1 WHERE film_id = (SELECT min(id) FROM film);
         DELETE FROM critic_tally WHERE critic_id IN (SELECT id FROM critic ORDER BY id LIMIT 2);
         UPDATE publication_tally SET first_reviewed_on = NULL, score_counts = array_fill(0, ARRAY[101])
            WHERE publication_id = (SELECT min(publication_id) FROM review WHERE reviewed_on IS NOT NULL)",
    );
    let checked = trial.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let (differences, conclusion) = checked.stdout.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(conclusion, "tallies that differ from a recount: 4");
    assert_eq!(differences.lines().count(), 4);
    assert_ne!(tallies(&trial), before);

    let repaired = trial.run(&["check", "--repair"]).output();
    assert_eq!(
        repaired,
        format!("{differences}\nrecounted tallies: 4\n{CHECK_PASSED}")
    );
    assert_eq!(tallies(&trial), before);
    trial.assert_tallies();
    assert_eq!(trial.run(&["check", "--repair"]).output(), CHECK_PASSED);
}

#[test]
fn reviews_inserted_without_triggers_are_counted() {
    let trial = Workspace::demo();
    without_triggers(
        &trial,
        "DELETE FROM review WHERE id IN (SELECT id FROM review ORDER BY id LIMIT 3);
         UPDATE review SET score = 1, score_rule = 'given' WHERE id = (SELECT max(id) FROM review)",
    );
    let checked = trial.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let repaired = trial.run(&["check", "--repair"]).output();
    assert!(repaired.ends_with(CHECK_PASSED), "{repaired}");
    trial.assert_tallies();
    // The triggers then update the repaired tallies.
    trial
        .session
        .execute("DELETE FROM review WHERE id = (SELECT max(id) FROM review)");
    trial.assert_tallies();
}

/// Later changes subtract the weight in the review's row from the sums. A wrong one is found before that happens.
#[test]
fn wrong_weights_of_reviews_are_repaired() {
    let trial = Workspace::demo();
    let before = tallies(&trial);
    let weights = "id, weight FROM review ORDER BY id";
    let right = trial.rows(weights);
    without_triggers(
        &trial,
        "UPDATE review SET weight = weight + 50 WHERE id IN (
            (SELECT min(id) FROM review WHERE publication_id IS NOT NULL), (SELECT max(id) FROM review WHERE publication_id IS NOT NULL)
         )",
    );
    let checked = trial.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    assert_lines(
        &checked.stdout,
        &["reviews with another weight than their publication's: 2"],
    );
    let repaired = trial.run(&["check", "--repair"]).output();
    assert_lines(
        &repaired,
        &[
            "reviews whose publication's weight was corrected: 2",
            CHECK_PASSED.trim_end(),
        ],
    );
    assert_eq!(trial.rows(weights), right);
    assert_eq!(tallies(&trial), before);
    trial.assert_tallies();
}

#[test]
fn a_review_without_a_publication_gets_the_default_weight_back() {
    let trial = Workspace::demo();
    trial.csv("film,critic,score\nLantern,Ann Lee,80\n");
    without_triggers(
        &trial,
        "UPDATE review SET weight = 300 WHERE publication_id IS NULL",
    );
    trial.run(&["check", "--repair"]).output();
    assert_eq!(
        trial.value("SELECT string_agg(DISTINCT weight::text, ' ') AS value FROM review WHERE publication_id IS NULL"),
        "100"
    );
    trial.assert_tallies();
}

#[test]
fn a_publication_weight_changed_without_triggers_is_repaired_in_its_reviews() {
    let trial = Workspace::demo();
    without_triggers(
        &trial,
        "UPDATE publication SET weight = 777 WHERE id = (SELECT min(publication_id) FROM review);
         DELETE FROM film_tally WHERE film_id = (SELECT min(film_id) FROM review)",
    );
    assert_eq!(trial.run(&["check"]).status.code(), Some(1));
    let repaired = trial.run(&["check", "--repair"]).output();
    assert!(
        repaired.contains("reviews whose publication's weight was corrected: "),
        "{repaired}"
    );
    assert!(repaired.ends_with(CHECK_PASSED), "{repaired}");
    trial.assert_tallies();
    assert_eq!(
        trial.rows("* FROM review_revision"),
        [""; 0],
        "a repaired weight adds no revision"
    );
}
