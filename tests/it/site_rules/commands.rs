//! The command `rules`, and commands that follow the rules.

use std::fs;

use tempfile::TempDir;

use crate::support::{
    TestDatabase,
    program::{CommandResult, Session, marquee, run, url},
};

/// A database, and a directory in which the commands of a test run.
struct Site {
    session: Session,
    database: TestDatabase,
    directory: TempDir,
}

impl Site {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let database = runtime.unwrap().block_on(TestDatabase::empty());
        Self {
            session: Session::open(&database.options()),
            database,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn run(&self, arguments: &[&str]) -> CommandResult {
        let mut command = marquee(arguments);
        command
            .args(["--database-url", &url(&self.database.options())])
            .current_dir(self.directory.path());
        run(command)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.directory.path().join(name), text).unwrap();
    }

    /// Writes a file of rules and sets them.
    fn set(&self, rules: &str) -> CommandResult {
        self.write("rules.toml", rules);
        self.run(&["rules", "set", "rules.toml"])
    }
}

#[test]
fn the_rules_are_shown_set_and_reset() {
    let site = Site::new();
    let shown = site.run(&["rules", "show"]).output();
    assert!(shown.contains("minimum_reviews = 4\n"), "{shown}");
    let changed = shown
        .replace("minimum_reviews = 4", "minimum_reviews = 2")
        .replace("# date_order", "date_order")
        .replace(
            "[messages]\n",
            "[messages]\nde = \"\"\"\nshare-mixed = \\\"gut\\\"\n\"\"\"\n",
        );
    assert_eq!(
        site.set(&changed).output().trim_end(),
        "changed the rules of the site; they have generation 2 now"
    );
    assert_eq!(
        site.set(&changed).output().trim_end(),
        "the rules of the site are so already"
    );
    let shown = site.run(&["rules", "show"]).output();
    assert!(shown.contains("minimum_reviews = 2\n"), "{shown}");
    assert!(shown.contains("\ndate_order = \"dmy\"\n"), "{shown}");
    assert_eq!(
        site.session
            .value("SELECT messages->>'de' AS value FROM site_rules"),
        "share-mixed = \"gut\"\n"
    );
    assert_eq!(
        site.set(&shown).output().trim_end(),
        "the rules of the site are so already"
    );
    site.run(&["rules", "reset"]).output();
    assert_eq!(
        site.session
            .value("SELECT minimum_reviews::text AS value FROM site_rules"),
        "4"
    );
}

#[test]
fn all_that_is_wrong_with_a_file_of_rules_is_told_at_once() {
    let site = Site::new();
    let result = site.set("[scoring]\nminimum_reviews = 0\nestimated = true\n[reding]\n");
    assert_eq!(result.status.code(), Some(1));
    assert_eq!(
        result.stderr.lines().collect::<Vec<_>>(),
        [
            "error: rules.toml: 3 errors, so nothing was changed",
            "  reding: unknown key; the file has [scoring], [reading], [reviews] and [messages]",
            "  scoring.estimated: unknown key; [scoring] has minimum_reviews, acclaim_from, positive_from, mixed_from, dislike_below, estimate, weighting",
            "  scoring.minimum_reviews: must be from 1 to 1000000, not 0",
        ]
    );
    let result = site.set("[reading]\nstars_out_of = 101\n");
    assert_eq!(
        result.error(),
        "error: rules.toml: reading.stars_out_of: must be from 1 to 100, not 101; nothing was changed"
    );
    let result = site.run(&["rules", "set", "missing.toml"]);
    assert!(result.error().starts_with("error: missing.toml: "));
}

#[test]
fn imports_read_by_the_rules_unless_an_option_says_otherwise() {
    let site = Site::new();
    site.write(
        "rows.csv",
        "film,critic,rating,date\nLamp,Ann,★★★½,3/4/2024\nLamp,Bob,7,13/4/2024\n",
    );
    let import = |more: &[&str]| site.run(&[&["import", "csv", "rows.csv"], more].concat());
    let result = import(&[]);
    assert!(
        result
            .stderr
            .contains("\"3/4/2024\" is 2024-04-03 or 2024-03-04"),
        "{result:?}"
    );
    site.set("[reading]\nstars_out_of = 5\nbare_scores_out_of = 10\ndate_order = \"dmy\"\n")
        .output();
    import(&[]).output();
    let rows = "SELECT string_agg(concat_ws(' ', score, reviewed_on), ', ' ORDER BY id) AS value FROM review";
    assert_eq!(site.session.value(rows), "70 2024-04-03, 70 2024-04-13");
    // Stored reviews keep their scores, and the command says how many.
    let stars = site
        .set("[reading]\nstars_out_of = 4\nbare_scores_out_of = 10\ndate_order = \"dmy\"\n")
        .output();
    assert!(stars.contains("gave them: 1 with stars; "), "{stars}");
    let numbers = site.set("[reading]\ndate_order = \"dmy\"\n").output();
    assert!(
        numbers.contains("gave them: 1 with bare numbers; "),
        "{numbers}"
    );
    assert_eq!(site.session.value(rows), "70 2024-04-03, 70 2024-04-13");
    import(&["--stars-out-of", "4", "--bare-scores-out-of", "20"]).output();
    assert_eq!(site.session.value(rows), "88 2024-04-03, 35 2024-04-13");
    let result = import(&["--dates", "mdy"]);
    assert!(result.stderr.contains("not \"13/4/2024\""), "{result:?}");
}

#[test]
fn check_compares_the_scores_with_those_under_the_rules() {
    let site = Site::new();
    site.run(&["generate", "--films", "20", "--reviews", "200"])
        .output();
    site.set("[scoring]\nminimum_reviews = 1\nweighting = \"equal\"\n")
        .output();
    let passed = "every tally equals a recount\n";
    assert_eq!(site.run(&["check"]).output(), passed);
    let films = site
        .session
        .value("SELECT count(*)::text AS value FROM film_tally WHERE score > 50");
    assert_ne!(films, "0");
    site.session.execute(
        "ALTER TABLE film_tally DISABLE TRIGGER film_tally_score;
         UPDATE film_tally SET score = 3 WHERE score > 50;
         ALTER TABLE film_tally ENABLE TRIGGER film_tally_score",
    );
    let checked = site.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(
        checked.stdout.trim_end(),
        format!("films with another score than their tally's under the rules of the site: {films}")
    );
    assert_eq!(
        site.run(&["check", "--repair"]).output(),
        format!("films whose score was corrected: {films}\n{passed}")
    );
    assert_eq!(site.run(&["check"]).output(), passed);
}
