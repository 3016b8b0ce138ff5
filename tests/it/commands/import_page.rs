//! `import page`, from the file to the database.

mod errors;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{bare, command_on, empty, output};
use crate::support::{
    TestDatabase,
    program::{CommandResult, Session, run, run_over},
    root,
};

/// Returns the path of a page of five reviews in invented words.
fn page() -> PathBuf {
    root().join("tests/it/fixtures/lamp.txt")
}

fn text() -> String {
    fs::read_to_string(page()).unwrap()
}

fn command(database: &TestDatabase, file: &Path, arguments: &[&str]) -> Command {
    let mut command = command_on(database, &["import", "page", "--title=Lamp", "--year=2019"]);
    command.arg(file).args(arguments);
    command
}

fn import(database: &TestDatabase, file: &Path, arguments: &[&str]) -> CommandResult {
    run(command(database, file, arguments))
}

/// Writes a file into a temporary directory.
fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.txt");
    fs::write(&path, bytes).unwrap();
    (directory, path)
}

/// Returns the stored reviews of the film as one string.
fn stored(database: &TestDatabase) -> String {
    Session::open(&database.options()).value(
        "SELECT string_agg(concat_ws('|', film.slug, byline, critic.slug, score, sentiment, reviewed_on, excerpt, source),
                E'\n' ORDER BY review.id) AS value
            FROM review JOIN film ON film.id = film_id LEFT JOIN critic ON critic.id = critic_id",
    )
}

fn films(database: &TestDatabase) -> String {
    output(database, &["migrate", "up"]);
    Session::open(&database.options()).value("SELECT count(*)::text AS value FROM film")
}

const STORED: &str = "\
film lamp-2019 (Lamp): 1 new, 0 changed, 0 the same
critics: 3 new, 0 changed, 0 the same
reviews: 5 new, 0 changed, 0 the same
published scores: 1 new, 0 changed, 0 the same
stored
";

#[test]
fn importing_a_page_again_changes_nothing() {
    let database = empty();
    assert_eq!(import(&database, &page(), &[]).output(), STORED);
    let before = stored(&database);
    insta::assert_snapshot!(before, @"
    lamp-2019|Ottilie Brandt|ottilie-brandt|85|2019-03-04|The tide table is read aloud, and for once nobody coughs.|page
    lamp-2019|Juno Vale|juno-vale|positive|2019-03-05|Two keepers, one lamp, and the best quarrel about soup this side of the strait.|page
    lamp-2019|55|Hums along like a generator: warm, useful, and gone from mind by the ferry home.|page
    lamp-2019|Night Desk [Not Credited]|mixed|2019-03-06|Every gull gets its close-up; the café scene gets two.|page
    lamp-2019|Piet Anselm|piet-anselm|20|A lighthouse that forgets to turn.|page
    ");
    let again = import(&database, &page(), &[]).output();
    assert_eq!(
        again,
        STORED
            .replace(
                "1 new, 0 changed, 0 the same",
                "0 new, 0 changed, 1 the same"
            )
            .replace(
                "3 new, 0 changed, 0 the same",
                "0 new, 0 changed, 3 the same"
            )
            .replace(
                "5 new, 0 changed, 0 the same",
                "0 new, 0 changed, 5 the same"
            )
            .replace("stored\n", "nothing changed\n")
    );
    assert_eq!(stored(&database), before);
    assert_eq!(
        output(&database, &["check"]),
        "every tally equals a recount\n"
    );
}

#[test]
fn a_dry_run_prints_what_would_be_stored_and_stores_nothing() {
    let database = empty();
    output(&database, &["migrate", "up"]);
    let output = import(&database, &page(), &["--dry-run"]).output();
    insta::assert_snapshot!(output, @"
       1. Ottilie Brandt; 2019-03-04; score 85; positive; 57 characters
       2. Juno Vale; 2019-03-05; no score; positive; 79 characters
       3. no byline; no date; score 55; mixed; 80 characters
       4. Night Desk [Not Credited], no critic; 2019-03-06; no score; mixed; 54 characters
       5. Piet Anselm; no date; score 20; negative; 34 characters
    film lamp-2019 (Lamp): 1 new, 0 changed, 0 the same
    critics: 3 new, 0 changed, 0 the same
    reviews: 5 new, 0 changed, 0 the same
    published scores: 1 new, 0 changed, 0 the same
    dry run: nothing was stored
    ");
    assert_eq!(films(&database), "0");
}

#[test]
fn a_dry_run_leaves_the_schema_as_it_is() {
    let database = bare();
    let before = output(&database, &["migrate", "status"]);
    let output_of_import = import(&database, &page(), &["--dry-run"]).output();
    assert!(
        output_of_import.contains("nothing to compare with"),
        "{output_of_import}"
    );
    assert_eq!(output(&database, &["migrate", "status"]), before);
}

#[test]
fn standard_input_is_read_for_a_hyphen() {
    let database = empty();
    let result = run_over(command(&database, Path::new("-"), &[]), text().as_bytes());
    assert_eq!(result.output(), STORED);
}

#[test]
fn unordered_gives_only_scored_reviews_a_sentiment() {
    let database = empty();
    let result = import(&database, &page(), &["--unordered"]);
    assert_eq!(result.output(), STORED);
    let sentiments = Session::open(&database.options())
        .value("SELECT count(sentiment)::text AS value FROM review");
    assert_eq!(sentiments, "0");

    let shuffled = text()
        .replace("  1. 85", "  1. 20")
        .replace("  5. 20", "  5. 85");
    let (_directory, path) = file(shuffled.as_bytes());
    let result = import(&database, &path, &[]);
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    assert!(result.stderr.contains("--unordered"), "{result:?}");
    let result = import(&database, &path, &["--unordered"]);
    assert!(
        result
            .output()
            .contains("reviews: 0 new, 2 changed, 3 the same")
    );
}

#[test]
fn line_breaks_and_blanks_of_other_systems_are_normalized() {
    let plain = empty();
    import(&plain, &page(), &[]).output();
    let foreign = format!("\u{feff}{}", text())
        .replace('\n', "\r\n")
        .replace(" by: ", " by:\u{a0} ")
        .replace("    ", "\u{a0}\t\u{2003}");
    let (_directory, path) = file(foreign.as_bytes());
    let database = empty();
    assert_eq!(import(&database, &path, &[]).output(), STORED);
    assert_eq!(stored(&database), stored(&plain));
    let again = import(&database, &page(), &[]).output();
    assert!(again.ends_with("nothing changed\n"), "{again}");
}

#[test]
fn a_page_of_another_source_adds_separate_reviews() {
    let database = empty();
    import(&database, &page(), &[]).output();
    let output = import(&database, &page(), &["--source=harbour-post"]).output();
    assert!(
        output.contains("critics: 0 new, 0 changed, 3 the same")
            && output.contains("published scores: 1 new"),
        "{output}"
    );
}

#[test]
fn a_title_in_any_script_is_stored_as_written() {
    let database = empty();
    let title = "  L'Été d'une \"Lámpara\" — 灯台; DROP TABLE film --  ";
    let mut command = command_on(&database, &["import", "page", "--title", title]);
    command.arg(page());
    let output = run(command).output();
    assert!(output.ends_with("stored\n"), "{output}");
    let title_in_database =
        Session::open(&database.options()).value("SELECT title AS value FROM film");
    assert_eq!(title_in_database, title.trim());
}
