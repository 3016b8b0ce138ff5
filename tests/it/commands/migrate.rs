//! `migrate` and `check`.

use std::process::Command;

use super::{bare, command_on, demo, output};
use crate::support::program::{Program, Session, clean_environment, marquee, run, run_over, url};

#[test]
fn migrations_are_applied_listed_and_reverted() {
    let database = bare();
    let names = [
        "m20261120_000001_create_catalogue",
        "m20261120_000002_create_review",
        "m20261120_000003_create_published_score",
        "m20261120_000004_create_tallies",
    ];
    let lines = |word: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{word} {name}")).collect()
    };
    // Compares only the first migrations, so that later ones don't break this test.
    let first = |text: String| -> Vec<String> { text.lines().take(4).map(str::to_owned).collect() };
    assert_eq!(
        first(output(&database, &["migrate", "status"])),
        lines("pending", &names)
    );
    assert_eq!(
        first(output(&database, &["migrate", "up"])),
        lines("applied", &names)
    );
    assert_eq!(
        output(&database, &["migrate", "up"]),
        "no pending migrations\n"
    );
    let status = output(&database, &["migrate", "status"]);
    assert!(status.lines().all(|line| line.starts_with("applied ")));

    let last = status.lines().last().unwrap().replace("applied ", "");
    assert_eq!(
        output(&database, &["migrate", "down", "--yes"]),
        format!("reverted {last}\n")
    );
    let status = output(&database, &["migrate", "status"]);
    assert!(status.ends_with(&format!("pending {last}\n")), "{status}");
    let taken = output(&database, &["migrate", "down", "--yes", "--steps=100"]);
    assert!(
        taken.ends_with(&format!("reverted {}\n", names[0])),
        "{taken}"
    );
    assert_eq!(
        output(&database, &["migrate", "down", "--yes"]),
        "no applied migrations\n"
    );
}

#[test]
fn check_reports_each_wrong_tally_with_its_owner() {
    let database = demo();
    assert_eq!(
        output(&database, &["check"]),
        "every tally equals a recount\n"
    );
    let session = Session::open(&database.options());
    let slug = session.value("SELECT slug AS value FROM film ORDER BY id DESC LIMIT 1");
    session.execute(&format!(
        "UPDATE film_tally SET review_count = review_count + 1
            WHERE film_id = (SELECT id FROM film WHERE slug = '{slug}');
         DELETE FROM critic_tally WHERE critic_id = (SELECT min(id) FROM critic);"
    ));
    let critic = session.value("SELECT slug AS value FROM critic ORDER BY id LIMIT 1");
    let result = run(command_on(&database, &["check"]));
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    let lines: Vec<_> = result.stdout.lines().collect();
    assert!(
        lines[0].starts_with(&format!("film {slug}: stored {{")),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with(&format!("critic {critic}: stored no tally, recounted {{")),
        "{lines:?}"
    );
    assert_eq!(lines[2], "tallies that differ from a recount: 2");
    assert_eq!(lines.len(), 3);
}

#[test]
fn check_without_the_schema_explains_how_to_apply_it() {
    let result = run(command_on(&bare(), &["check"]));
    assert!(result.error().contains("marquee migrate up"), "{result:?}");
}

#[test]
fn concurrent_commands_apply_the_migrations_once() {
    let database = bare();
    let running: Vec<_> = (0..3)
        .map(|_| Program::start(command_on(&database, &["migrate", "up"]), None))
        .collect();
    let outputs: Vec<_> = running
        .into_iter()
        .map(|program| program.wait().output())
        .collect();
    let idle = outputs
        .iter()
        .filter(|output| *output == "no pending migrations\n");
    assert_eq!(idle.count(), 2, "{outputs:?}");
}

/// Returns the number of steps that revert a migration and all later ones.
fn steps_to(status: &str, migration: &str) -> String {
    let names = status.lines().skip_while(|line| !line.contains(migration));
    format!("--steps={}", names.count())
}

#[test]
fn a_reversal_says_what_it_deletes_and_needs_a_confirmation() {
    let database = demo();
    let before = output(&database, &["migrate", "status"]);
    let all = steps_to(&before, "_000001_");
    let versions = steps_to(&before, "_000007_");
    let last = before.lines().last().unwrap().replace("applied ", "");
    for (arguments, lines) in [
        (
            &["migrate", "down"][..],
            &[
                last.as_str(),
                "column film.countries: 12 values",
                "column film.poster_url: 0 values",
            ][..],
        ),
        (
            &["migrate", "down", &versions],
            &[
                "column film.version: 12 values",
                "column review.version: 150 values",
            ],
        ),
        (
            &["migrate", "down", &all],
            &["table film: 12 rows", "table review: 150 rows"],
        ),
    ] {
        let result = run(command_on(&database, arguments));
        assert_eq!(result.status.code(), Some(1), "{result:?}");
        for line in lines {
            let line = line.trim();
            assert!(
                result.stderr.lines().any(|found| found.trim() == line),
                "{line}: {result:?}"
            );
        }
        let error = result.stderr.lines().last().unwrap();
        assert!(
            error.starts_with("error: nothing was reverted: add --yes"),
            "{error}"
        );
        assert_eq!(result.stdout, "");
        assert_eq!(output(&database, &["migrate", "status"]), before);
    }
    let result = run(command_on(&database, &["migrate", "down", "--yes", &all]));
    assert!(
        result.stderr.contains("table review: 150 rows"),
        "{result:?}"
    );
    assert_eq!(result.output().lines().count(), before.lines().count());
}

/// The program `script` gives a command a terminal.
#[test]
fn a_terminal_is_asked_before_a_reversal() {
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("NOT TESTED: the program `script` is missing");
        return;
    }
    let database = demo();
    let before = output(&database, &["migrate", "status"]);
    let answer = |answer: &[u8]| {
        let url = url(&database.options());
        let program = marquee(&[]).get_program().to_str().unwrap().to_owned();
        let line = format!("'{program}' migrate down --database-url '{url}'");
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        clean_environment(&mut script);
        run_over(script, answer)
    };
    for no in [&b"n\n"[..], b"\n"] {
        let result = answer(no);
        assert!(result.stdout.contains("Revert? [y/N]"), "{result:?}");
        assert!(
            result.stdout.contains("error: nothing was reverted"),
            "{result:?}"
        );
        assert_eq!(output(&database, &["migrate", "status"]), before);
    }
    let result = answer(b"yes\n");
    assert!(result.stdout.contains("reverted m"), "{result:?}");
    assert!(output(&database, &["migrate", "status"]).contains("pending m"));
}

#[test]
fn the_reversal_of_scales_deletes_the_scores_of_the_public_and_says_so() {
    let database = demo();
    let session = Session::open(&database.options());
    session.execute(
        "INSERT INTO published_score (film_id, source, kind, audience, value, scale, original_value)
         SELECT min(film.id), 'imdb', 'score', given.audience, 79, 10, '7.9'
         FROM film, (VALUES ('critics'), ('public')) AS given (audience) GROUP BY given.audience",
    );
    let before = output(&database, &["migrate", "status"]);
    let steps = steps_to(&before, "_000028_");
    let result = run(command_on(&database, &["migrate", "down", &steps]));
    assert_eq!(result.status.code(), Some(1), "{result:?}");
    for line in [
        "column published_score.audience: 2 values",
        "column published_score.original_value: 2 values",
        "column published_score.scale: 2 values",
        "rows of table published_score: 1",
    ] {
        assert!(result.stderr.contains(line), "{line}: {result:?}");
    }
    output(&database, &["migrate", "down", "--yes", &steps]);
    let remaining = "SELECT count(*)::text AS value FROM published_score";
    assert_eq!(session.value(remaining), "1");
    output(&database, &["migrate", "up"]);
    let audience = "SELECT audience AS value FROM published_score WHERE scale IS NULL";
    assert_eq!(session.value(audience), "critics");
}
