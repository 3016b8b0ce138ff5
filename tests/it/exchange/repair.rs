//! `check --repair`: tallies that a hand has broken are mended, and each is told.

use super::{ALL_WELL, Trial, assert_lines};

/// Breaks what the triggers keep, which takes a superuser who has switched them off.
fn behind_the_triggers(trial: &Trial, sql: &str) {
    trial.session.execute(&format!(
        "SET session_replication_role = replica; {sql}; SET session_replication_role = origin"
    ));
}

fn tallies(trial: &Trial) -> Vec<String> {
    ["film", "critic", "publication"]
        .iter()
        .flat_map(|owner| trial.rows(&format!("* FROM {owner}_tally ORDER BY {owner}_id")))
        .collect()
}

#[test]
fn tallies_that_are_wrong_or_gone_are_counted_anew_and_each_is_told() {
    let trial = Trial::demo();
    let before = tallies(&trial);
    behind_the_triggers(
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
        format!("{differences}\ntallies that were counted anew: 4\n{ALL_WELL}")
    );
    assert_eq!(tallies(&trial), before);
    trial.check();
    assert_eq!(trial.run(&["check", "--repair"]).output(), ALL_WELL);
}

#[test]
fn reviews_that_were_written_behind_the_triggers_are_counted() {
    let trial = Trial::demo();
    behind_the_triggers(
        &trial,
        "DELETE FROM review WHERE id IN (SELECT id FROM review ORDER BY id LIMIT 3);
         UPDATE review SET score = 1, score_rule = 'given' WHERE id = (SELECT max(id) FROM review)",
    );
    let checked = trial.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    let repaired = trial.run(&["check", "--repair"]).output();
    assert!(repaired.ends_with(ALL_WELL), "{repaired}");
    trial.check();
    // The triggers go on from there.
    trial
        .session
        .execute("DELETE FROM review WHERE id = (SELECT max(id) FROM review)");
    trial.check();
}

/// A weight beside a review is what later changes take off the sums: a wrong one is found before it does harm.
#[test]
fn weights_that_are_not_the_publications_are_found_and_mended() {
    let trial = Trial::demo();
    let before = tallies(&trial);
    let weights = "id, weight FROM review ORDER BY id";
    let right = trial.rows(weights);
    behind_the_triggers(
        &trial,
        "UPDATE review SET weight = weight + 50 WHERE id IN (
            (SELECT min(id) FROM review WHERE publication_id IS NOT NULL), (SELECT max(id) FROM review WHERE publication_id IS NOT NULL)
         )",
    );
    let checked = trial.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1), "{checked:?}");
    assert_lines(
        &checked.stdout,
        &["reviews that don't have their publication's weight: 2"],
    );
    let repaired = trial.run(&["check", "--repair"]).output();
    assert_lines(
        &repaired,
        &[
            "reviews that got their publication's weight: 2",
            ALL_WELL.trim_end(),
        ],
    );
    assert_eq!(trial.rows(weights), right);
    assert_eq!(tallies(&trial), before);
    trial.check();
}

#[test]
fn a_review_without_a_publication_gets_back_the_weight_that_such_reviews_have() {
    let trial = Trial::demo();
    trial.csv("film,critic,score\nLantern,Ann Lee,80\n");
    behind_the_triggers(
        &trial,
        "UPDATE review SET weight = 300 WHERE publication_id IS NULL",
    );
    trial.run(&["check", "--repair"]).output();
    assert_eq!(
        trial.value("SELECT string_agg(DISTINCT weight::text, ' ') AS value FROM review WHERE publication_id IS NULL"),
        "100"
    );
    trial.check();
}

#[test]
fn a_weight_of_a_publication_that_changed_behind_the_triggers_reaches_its_reviews() {
    let trial = Trial::demo();
    behind_the_triggers(
        &trial,
        "UPDATE publication SET weight = 777 WHERE id = (SELECT min(publication_id) FROM review);
         DELETE FROM film_tally WHERE film_id = (SELECT min(film_id) FROM review)",
    );
    assert_eq!(trial.run(&["check"]).status.code(), Some(1));
    let repaired = trial.run(&["check", "--repair"]).output();
    assert!(
        repaired.contains("reviews that got their publication's weight: "),
        "{repaired}"
    );
    assert!(repaired.ends_with(ALL_WELL), "{repaired}");
    trial.check();
    assert_eq!(
        trial.rows("* FROM review_revision"),
        [""; 0],
        "a weight is nothing that a review says"
    );
}
